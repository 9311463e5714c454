"""The constants c and the perturbations of Theorem 7: closed forms, searches, and their ends."""

from __future__ import annotations

import math

import pytest

from rootkappa.problems import PartitionConstants
from rootkappa.theorems import PartitionNesterov


@pytest.mark.parametrize(("kappa", "c"), [(1, 2 / 7), (4, 4 / 15), (100, 20 / 79), (1e12, 0.25)])
def test_the_largest_c_by_hand(kappa, c):
    # Where (1 + gamma)(1/4 - c/2) is 1/8, with gamma = c/(2 sqrt(kappa) - c).
    assert PartitionNesterov.largest_c(kappa) == pytest.approx(c, rel=1e-6)
    top = PartitionNesterov.largest_c(kappa)
    gamma = top / (2 * math.sqrt(kappa) - top)
    assert (1 + gamma) * (1 / 4 - top / 2) == pytest.approx(1 / 8)


@pytest.mark.parametrize("kappa", [1.5, 20, 1e6])
def test_the_printed_constant_solves_its_equation(kappa):
    c = PartitionNesterov.printed_largest_c(kappa)
    gamma = c / (2 * math.sqrt(kappa) - c)
    assert gamma == pytest.approx(5 * c**0.75 / (81 * math.sqrt(kappa)), rel=1e-9)
    assert c < (10 / 81) ** 4 < PartitionNesterov.largest_c(kappa)


@pytest.mark.parametrize("c", [0.01, 0.25])
@pytest.mark.parametrize("kappa", [1.0, 16.0, 1e8])
def test_the_limit_of_the_perturbation_by_hand(c, kappa):
    # 48 kappa^(5/2) c^(-5/2) g^4 9 c = 1, for h^2 = kappa g^2 and L2 = 1.
    g = PartitionNesterov(c).limit_perturbation(kappa)
    assert 48 * 9 * c**-1.5 * kappa**2.5 * g**4 == pytest.approx(1)


@pytest.mark.parametrize("kappa", [2.0, 50.0])
def test_the_largest_perturbation_is_where_the_certificate_ends(kappa):
    theorem = PartitionNesterov()
    edge = theorem.largest_perturbation(kappa)
    for share, holds in ((1 - 1e-9, True), (1 + 1e-9, False)):
        for scale in (1.0, 7.0):
            # G1 sqrt(L2/mu) alone counts, in whatever unit.
            k = PartitionConstants.additive(scale, scale * kappa**0.5, scale * share * edge)
            assert theorem.check(k).holds is holds


@pytest.mark.parametrize("points", [1, 5, 400])
def test_the_best_c_is_tried_from_the_largest_down(points):
    k = PartitionConstants.strongly_convex(1.0, 20.0)
    best = PartitionNesterov.best(k, points)
    assert best.c == PartitionNesterov.largest_c(20)
    assert best.check(k).holds
    far = PartitionConstants.additive(1.0, 20**0.5, 1.0)
    assert PartitionNesterov.best(far, points) is None


def test_the_rate_and_the_tuning_by_hand():
    # kappa = 16 and c = 1/4: 1 - 1/64, eta = 1/(4 L1) and beta = 31/39.
    k = PartitionConstants(0.5, 8.0, 1.0, 0.0, 0.0)
    assert PartitionNesterov().rate(k) == pytest.approx((2, 63 / 64))
    assert PartitionNesterov().tuning(k).coefficients(0) == pytest.approx(
        (1 / 32, 31 / 39, 31 / 39)
    )
    assert PartitionNesterov().numbers(k).c == 0.25
    assert PartitionNesterov(1).rate(k) == pytest.approx((2, 15 / 16))


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_a_width_is_extrapolated_by_the_cube_root_of_what_k8_lacks(factor):
    k = PartitionConstants(1, 20, 1, 0.02 * factor, 0.09 * factor)
    needed = PartitionNesterov().check(k)["K8"].needed
    found = PartitionNesterov().extrapolated_width(1000, k)
    assert found == pytest.approx(1000 * needed ** (1 / 3))
    assert (found > 1000) is (needed > 1)


K = PartitionConstants(1, 4, 1, 0.1, 0.1)
BAD = [
    (lambda: PartitionNesterov.best(K, 0), ValueError, r"points must be at least 1, got 0"),
    (lambda: PartitionNesterov.best(4.0), TypeError, r"takes a PartitionConstants here, got float"),
    (
        lambda: PartitionNesterov().largest_perturbation(0.5),
        ValueError,
        r"at least 1, got 0.5: giv",
    ),
    (lambda: PartitionNesterov().extrapolated_width(0, K), ValueError, r"width must be .* got 0"),
    (lambda: PartitionNesterov().printed_condition(K, C1=0), ValueError, r"C1 must be .* got 0"),
    (lambda: PartitionNesterov().printed_condition(K, C2=-1), ValueError, r"C2 must be .* got -1"),
    (
        lambda: PartitionNesterov().needed_radii(K, -1),
        ValueError,
        r"gap must be .* got -1: give f_0",
    ),
    (lambda: PartitionNesterov("1"), TypeError, r"c must be a number, got '1'"),
    (lambda: PartitionNesterov(math.nan), ValueError, r"c must be a finite number, got nan"),
    (
        lambda: PartitionNesterov().numbers(None),
        TypeError,
        r"PartitionConstants here, got NoneType",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD)
def test_bad_numbers_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
