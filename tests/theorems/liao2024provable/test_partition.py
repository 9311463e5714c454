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


def test_with_equality_everything_holds():
    # (G1^2 L2/mu)^2 = 1/8 and radii as needed: 16/mu sqrt(gap) = 16, times 2 and G1.
    G1 = 8**-0.25
    k = PartitionConstants(1, 4, 1, G1, 0, R_x=32, R_u=16 * G1 * (1 + 1e-12))
    report = THEOREM.check(k, gap=1.0)
    assert report.holds
    assert report["R_x"].slack == 1
    smaller = PartitionConstants(1, 4, 1, G1, 0, R_x=31.9, R_u=15.9 * G1)
    assert THEOREM.check(smaller, gap=1.0).unmet == (
        "R_x: x stays in its ball",
        "R_u: u stays in its ball",
    )


def test_without_a_gap_any_ball_is_large_enough():
    k = PartitionConstants(1, 4, 1, 0.1, 0, R_x=1e-9, R_u=1e-9)
    assert THEOREM.check(k).holds
    assert THEOREM.check(k) == THEOREM.check(k, gap=0)
    assert not THEOREM.check(k, gap=1e-6).holds


@pytest.mark.parametrize("G2", [0.0, 1.0, 1e9])
def test_no_bound_on_the_gradient_along_u_is_needed(G2):
    plain = THEOREM.check(PartitionConstants(1, 9, 1, 0.3, 0.0))
    assert THEOREM.check(PartitionConstants(1, 9, 1, 0.3, G2)) == plain


@pytest.mark.parametrize(("kappa", "share"), [(1.0, 4.0), (2.0, 6.0), (1e12, 8.0)])
def test_the_exact_condition_is_weaker_by_4_over_kappa(kappa, share):
    report = THEOREM.check(PartitionConstants(1, kappa, 1, 0.5, 0))
    assert report["exact"].needed == pytest.approx(share / 16)
    assert report["G1"].needed == pytest.approx(8 / 16)


@pytest.mark.parametrize("ask", ["check", "tuning", "rate"])
def test_it_speaks_of_the_constants_of_a_partition(ask):
    with pytest.raises(TypeError, match="takes a PartitionConstants here, got float: give one"):
        getattr(THEOREM, ask)(4.0)
