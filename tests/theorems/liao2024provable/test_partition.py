"""Theorem 6: certified up to 8^(-1/4) whatever kappa, with its radii by hand."""

from __future__ import annotations

import math

import pytest

from rootkappa.problems import PartitionConstants
from rootkappa.theorems import PartitionGradientDescent

THEOREM = PartitionGradientDescent()


@pytest.mark.parametrize("kappa", [5, 1e4])
def test_the_edge_does_not_depend_on_kappa(kappa):
    edge = THEOREM.largest_perturbation(kappa)
    assert edge == pytest.approx(0.5946, abs=1e-4)
    for factor, holds in ((1, True), (1.001, False)):
        constants = PartitionConstants.additive(1, math.sqrt(kappa), edge * factor)
        report = THEOREM.check(constants)
        assert report["G1"].holds is holds
        assert report["G1"].slack == pytest.approx(factor**-4)
    assert THEOREM.rate(constants) == (1.0, 1 - 1 / (4 * kappa))
    assert THEOREM.tuning(constants).coefficients(0) == pytest.approx((1 / kappa, 0, 0))


def test_inequalities_by_hand():
    # (G1^2 L2 / mu)^2 = (4 * 3 / 6)^2 = 4 and kappa = 4; 16/6 sqrt(9) = 8.
    constants = PartitionConstants(6, 24, 3, G1=2, G2=1, R_x=32, R_u=64)
    report = THEOREM.check(constants, gap=9)
    needed = {item.name: item.needed for item in report.hypotheses}
    assert needed["G1"] == pytest.approx(32)
    assert needed["exact"] == pytest.approx(28)
    assert needed["R_x"] == pytest.approx(8 * math.sqrt(24))
    assert needed["R_u"] == pytest.approx(8 * 2 * math.sqrt(3))
    assert report.unmet == (
        "G1: the bound on the coupling as printed",
        "exact: the bound on the coupling as the proof uses it",
        "R_x: x stays in its ball",
    )
    assert report.binding.name == "G1"


BAD = [
    (lambda: THEOREM.check(PartitionConstants.strongly_convex(1, 2), gap=-1),
     r"gap must be finite and at least 0, got -1: give f_0 - f\*, the excess loss"),
    (lambda: THEOREM.largest_perturbation(0.5), r"kappa must be .* at least 1, got 0.5: give L1"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_numbers_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
