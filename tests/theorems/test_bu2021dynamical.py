"""The bounds on the loss along flows: they hold on quadratics, and fail where they must."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
import torch

from rootkappa.dynamics import ConstantFriction, GradientFlow, VanishingFriction
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
        (GradientFlowBound(), GradientFlowBound().flow(one).discretised(0.01), 0.01),
        (HeavyBallFlowBound(), HeavyBallFlowBound().flow(one).discretised(0.01), 0.1),
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
    with pytest.raises(TypeError, match=r"takes a Spectrum here, got float: give one"):
        theorem.check(0.04)
    with pytest.raises(TypeError, match=r"discretised\(step_size\)"):
        theorem.tuning(SPECTRUM)


@pytest.mark.parametrize("r", [0.5, 3.0, 6.0])
def test_the_power_law_by_hand(r):
    theorem = NesterovFlowBound(r)
    assert (theorem.exponent, theorem.exact_exponent) == (pytest.approx(2 * r / 3), r)
    found = theorem.bound(SPECTRUM, [1.0, 8.0, 1000.0]).tolist()
    assert found == pytest.approx([1, 4**-r, 100**-r])
    # At t = 0 it says nothing.
    assert theorem.bound(SPECTRUM, 2).tolist() == pytest.approx([math.inf, 1, 2 ** (-2 * r / 3)])


@pytest.mark.parametrize(
    ("theorem", "flow"),
    [
        (GradientFlowBound(), GradientFlow()),
        (HeavyBallFlowBound(), ConstantFriction(0.4)),
        (HeavyBallFlowBound(2.5), ConstantFriction(0.5)),
        (NesterovFlowBound(), VanishingFriction(3.0)),
        (NesterovFlowBound(6), VanishingFriction(6.0)),
    ],
)
def test_flows_by_hand(theorem, flow):
    # sqrt(mu) = 1/5.
    found = theorem.flow(SPECTRUM)
    assert type(found) is type(flow)
    assert vars(found) == pytest.approx(vars(flow))


@pytest.mark.parametrize(
    ("friction", "holds"), [(0.999, False), (1, True), (2.5, True), (2.501, False)]
)
def test_the_range_of_the_friction_includes_its_ends(friction, holds):
    report = HeavyBallFlowBound(friction).check(SPECTRUM)
    assert report.holds is holds
    assert [(item.needed, item.measured) for item in report.hypotheses] == [
        (0.0, 0.04),
        (1.0, friction),
        (friction, 2.5),
    ]


def test_replicas_with_other_step_sizes_are_read_at_their_own_times():
    one = Spectrum(1.0, 1.0)
    theorem = GradientFlowBound()
    sizes = (0.01, 0.5)
    bounds = torch.stack([theorem.bound(one, [size * k for k in range(4)]) for size in sizes])
    shares = torch.tensor([[1, 0.5, 0.25, 0.1], [1, 0.2, 0.9, 3.0]], dtype=torch.float64)
    run = SimpleNamespace(
        residual_norms=(shares * bounds).sqrt(),
        stopped_at=torch.tensor([3, 2]),
        methods=[theorem.flow(one).discretised(size) for size in sizes],
    )
    assert theorem.worst_ratio(one, run).tolist() == pytest.approx([0.5, 0.9])


KINDS = [
    (lambda: HeavyBallFlowBound("2"), "friction must be a number, got '2'"),
    (lambda: NesterovFlowBound(None), "friction r must be a number, got None"),
    (lambda: HeavyBallFlowBound().bound(0.5, 3), "takes a Spectrum here, got float: give one"),
    (lambda: GradientFlowBound().rate(None), "takes a Spectrum here, got NoneType: give one"),
    (lambda: HeavyBallFlowBound().flow(0.5), "takes a Spectrum here, got float: give one"),
    (lambda: NesterovFlowBound().bound(SPECTRUM, 1.5), "steps must be a whole number, got 1.5"),
]


@pytest.mark.parametrize(("call", "message"), KINDS)
def test_other_kinds(call, message):
    with pytest.raises(TypeError, match=message):
        call()


def test_times_before_the_start_are_refused():
    for theorem in (GradientFlowBound(), HeavyBallFlowBound(), NesterovFlowBound()):
        with pytest.raises(ValueError, match=r"times must be at least 0, got -1\.0: start at 0"):
            theorem.bound(SPECTRUM, [1.0, -1.0])
