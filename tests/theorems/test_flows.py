"""The bounds on the loss along flows: they hold on quadratics, and fail where they must."""

from __future__ import annotations

import pytest
import torch

from rootkappa.theorems import (
    GradientFlowBound,
    HeavyBallFlowBound,
    NesterovFlowBound,
    Spectrum,
)

SPECTRUM = Spectrum(0.04, 1.0)
VALUES = torch.logspace(-1.39794, 0, 6, dtype=torch.float64).clamp(0.04, 1.0)
TIMES = torch.linspace(0, 300, 3001, dtype=torch.float64)


def _ratio(theorem):
    response = theorem.flow(SPECTRUM).response(VALUES, TIMES)
    loss = response.square().mean(0)
    return float((loss / theorem.bound(SPECTRUM, TIMES)).max())


@pytest.mark.parametrize("friction", [1.0, 2.0, 2.5])
def test_the_bound_holds_where_its_hypotheses_do(friction):
    theorem = HeavyBallFlowBound(friction)
    assert theorem.check(SPECTRUM).holds
    assert _ratio(theorem) <= 1
    assert _ratio(GradientFlowBound()) <= 1


@pytest.mark.parametrize(("friction", "unmet"), [(0.5, "at least"), (4.0, "at most")])
def test_the_bound_fails_outside_them(friction, unmet):
    theorem = HeavyBallFlowBound(friction)
    assert unmet in theorem.check(SPECTRUM).unmet[0]
    assert _ratio(theorem) > 10


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


@pytest.mark.parametrize("make", [HeavyBallFlowBound, NesterovFlowBound])
def test_friction_must_be_positive(make):
    with pytest.raises(ValueError, match=r"friction.* must be .* above 0, got 0"):
        make(0)
