"""The bounds on the loss along flows: they hold on quadratics, and fail where they must."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
import torch

from rootkappa.optimizers import constant_friction, gradient_descent
from rootkappa.problems import Spectrum
from rootkappa.theorems import GradientFlowBound, HeavyBallFlowBound, NesterovFlowBound

SPECTRUM = Spectrum(0.04, 1.0)
VALUES = torch.logspace(-1.39794, 0, 6, dtype=torch.float64).clamp(0.04, 1.0)
TIMES = torch.linspace(0, 300, 3001, dtype=torch.float64)


def _ratio(theorem):
    loss = theorem.flow(SPECTRUM).response(VALUES, TIMES).square().mean(0)
    return float((loss / theorem.bound(SPECTRUM, TIMES)).max())


@pytest.mark.parametrize("friction", [1.0, 2.0, 2.5])
def test_the_bound_holds_where_its_hypotheses_do(friction):
    theorem = HeavyBallFlowBound(friction)
    assert theorem.check(SPECTRUM).holds
    assert _ratio(theorem) <= 1
    assert _ratio(GradientFlowBound()) <= 1


@pytest.mark.parametrize(
    ("friction", "unmet"),
    [(0.5, "friction at least sqrt(mu)"), (4.0, "friction at most 5/2 sqrt(mu)")],
)
def test_the_bound_fails_outside_them(friction, unmet):
    theorem = HeavyBallFlowBound(friction)
    assert theorem.check(SPECTRUM).unmet == (unmet,)
    assert _ratio(theorem) > 10


def test_rates_and_bounds_by_hand():
    # lambda_min = 1/25: exponents 2/25 and 1/5.
    for theorem, prefactor, exponent in (
        (GradientFlowBound(), 1, 2 / 25), (HeavyBallFlowBound(), 2, 1 / 5),
    ):  # fmt: skip
        assert theorem.rate(SPECTRUM) == pytest.approx((prefactor, math.exp(-exponent)))
        expected = [prefactor * math.exp(-exponent * t) for t in (0, 0.5, 20)]
        assert theorem.bound(SPECTRUM, [0, 0.5, 20]).tolist() == pytest.approx(expected)
        # A factor of 1e-869 a unit of time has underflowed; the bound has not.
        fast = theorem.bound(Spectrum(1e6, 1e6), [1e-9])
        assert 0.99 * prefactor < float(fast) < prefactor
    assert HeavyBallFlowBound(1.5).flow(SPECTRUM).b == pytest.approx(0.3)


@pytest.mark.parametrize("r", [2.0, 3.0, 6.0])
def test_the_power_law_is_looser_than_the_flow(r):
    theorem = NesterovFlowBound(r)
    assert theorem.check(SPECTRUM).holds
    times = torch.linspace(1000, 4000, 60000, dtype=torch.float64)
    loss = theorem.flow(SPECTRUM).response(VALUES, times).square().mean(0)
    early, _, late = (times**theorem.exact_exponent * loss).reshape(3, -1).mean(1).tolist()
    assert late / early == pytest.approx(1, rel=1e-2)
    bound = theorem.bound(SPECTRUM, times[[0, -1]])
    assert float(bound[1] / bound[0]) == pytest.approx(4 ** (-2 * r / 3), rel=1e-12)


def test_a_discrete_run_is_read_at_its_own_times():
    # One mode of lambda = 1 at the times that 4 steps stand for: k eta, and k sqrt(eta).
    one = Spectrum(1.0, 1.0)
    for theorem, method, clock in (
        (GradientFlowBound(), gradient_descent(0.01), 0.01),
        (HeavyBallFlowBound(), constant_friction(0.01, 2.0), 0.1),
    ):
        bound = theorem.bound(one, [clock * k for k in range(5)])
        shares = torch.tensor([1, 0.3, 0.9, 0.2, 0.4], dtype=torch.float64)
        norms = (shares * bound / bound[0]).sqrt()[None]
        run = SimpleNamespace(residual_norms=norms, stopped_at=torch.tensor([4]), methods=(method,))
        expected = 0.9 / float(bound[0])
        assert theorem.worst_ratio(one, run).tolist() == pytest.approx([expected])
    del run.methods
    with pytest.raises(ValueError, match="got 0 methods for 1 replicas: give a Trajectory"):
        theorem.worst_ratio(one, run)


@pytest.mark.parametrize("make", [HeavyBallFlowBound, NesterovFlowBound])
def test_friction_must_be_positive(make):
    with pytest.raises(ValueError, match=r"friction.* must be .* above 0, got 0"):
        make(0)


@pytest.mark.parametrize(
    "theorem", [GradientFlowBound(), HeavyBallFlowBound(), NesterovFlowBound()]
)
def test_flows_speak_of_a_spectrum_and_tune_no_method(theorem):
    with pytest.raises(TypeError, match=r"speaks of a Spectrum here, got float: give one"):
        theorem.check(0.04)
    with pytest.raises(TypeError, match=r"tunes no method"):
        theorem.tuning(SPECTRUM)
