"""The lines K0 to K12 of the certificate, one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rootkappa.problems import PartitionConstants
from rootkappa.theorems.liao2024provable import _certificate
from rootkappa.theorems.liao2024provable.parameters import Parameters

CONSTANTS = PartitionConstants(mu=1, L1=100, L2=1, G1=0.01, G2=0.1)
NUMBERS = Parameters(1.0, 100.0)


def needed(constants, numbers=NUMBERS, gap=1.0):
    return {line.name: line.needed for line in _certificate.lines(constants, numbers, gap)}


def test_the_lines_stand_in_the_order_of_the_proof():
    assert list(needed(CONSTANTS)) == [f"K{number}" for number in range(13)]


def test_without_the_hidden_part_only_the_quadratic_form_and_the_ball_are_left():
    found = needed(PartitionConstants.strongly_convex(1.0, 100.0))
    assert [found[f"K{number}"] for number in (8, 9, 10, 12)] == [0, 0, 0, 0]
    assert 0 < found["K1"] < 1


def test_a_larger_momentum_than_the_definitions_allow_needs_infinity():
    # For kappa = 1.0001 and c = 1: beta = 3/11 and lambda = 6.98, so that beta lambda > 1.
    problem = PartitionConstants.strongly_convex(1.0, 1.0001)
    found = needed(problem, Parameters(1.0, 1.0001, 1.0))
    assert 1 < found.pop("K0") < math.inf
    assert set(found.values()) == {math.inf}


@pytest.mark.parametrize(
    ("line", "change", "factor"),
    [
        ("K9", {"G2": 0.2}, 4),
        ("K10", {"L2": 2}, 4),
        ("K10", {"G1": 0.02}, 16),
        ("K9", {"L2": 3}, 3),
    ],
)
def test_how_the_coupling_grows(line, change, factor):
    fields = {"mu": 1, "L1": 100, "L2": 1, "G1": 0.01, "G2": 0.1}
    before, after = needed(CONSTANTS), needed(PartitionConstants(**fields | change))
    assert after[line] == pytest.approx(factor * before[line])


def test_radii_grow_with_the_root_of_the_gap():
    one, four = (_certificate.needed_radii(CONSTANTS, NUMBERS, gap) for gap in (1.0, 4.0))
    assert four == pytest.approx((2 * one[0], 2 * one[1]))
    assert _certificate.needed_radii(CONSTANTS, NUMBERS, 0.0) == (0, 0)
    with pytest.raises(ValueError, match=r"gap must be .* at least 0, got -1: give f_0"):
        _certificate.needed_radii(CONSTANTS, NUMBERS, -1.0)


def _form(numbers):
    """The entries a, b and d of the quadratic form (72), as the definitions give them."""
    beta, gamma, lam, Q1 = numbers.beta, numbers.gamma, numbers.lam, numbers.Q1
    t = 1 - beta * lam
    # (1 + gamma)/2 |z_+ - x|^2 weights, written as squares of one combination of both vectors.
    own, other = beta / t, 1 - beta / t
    a = (1 + gamma) * own**2 - (2 + gamma) / (2 + 2 * gamma)
    d = (1 + gamma) * other**2 - numbers.mu * lam / (2 * (1 + gamma) * Q1)
    return a, (1 + gamma) * own * other, d


@pytest.mark.parametrize("kappa", [1.5, 20.0, 1e4])
@pytest.mark.parametrize("c", [1e-3, 0.25, 0.6])
def test_the_first_three_lines_say_that_the_form_is_not_positive(kappa, c):
    numbers = Parameters(2.0, 2.0 * kappa, c)
    a, b, d = _form(numbers)
    found = needed(PartitionConstants.strongly_convex(2.0, 2.0 * kappa), numbers)
    assert (found["K1"] <= 1) is (a <= 0)
    assert (found["K2"] <= 1) is (d <= 0)
    if a < 0 and d < 0:
        # Sylvester: a negative determinant of minus the form is a positive eigenvalue.
        largest = float(np.linalg.eigvalsh([[a, b], [b, d]])[-1])
        assert found["K3"] == pytest.approx(b**2 / (a * d), rel=1e-9)
        assert (found["K3"] <= 1) is (largest <= 1e-15)
    else:
        assert found["K3"] == math.inf


def test_the_first_lines_by_their_two_sides():
    b, g, t = NUMBERS.beta, NUMBERS.gamma, 1 - NUMBERS.beta * NUMBERS.lam
    found = needed(CONSTANTS)
    assert found["K1"] == pytest.approx(2 * (b * (1 + g) / t) ** 2 / (2 + g))
    weight = NUMBERS.lam / (2 * NUMBERS.Q1)
    assert found["K2"] == pytest.approx(((1 + g) * (t - b) / t) ** 2 / weight)
    # (1 + gamma)(1/4 - c/2) is left for the eighth of the gradient term.
    assert found["K4"] == pytest.approx(1 / (1 + g))
    assert found["K5"] == pytest.approx(2 * NUMBERS.Q1 + 1 / 16)


@pytest.mark.parametrize("c", [0.5, 0.75, 1.0])
def test_from_one_half_on_no_share_is_left_for_the_gradient(c):
    assert needed(CONSTANTS, Parameters(1.0, 100.0, c))["K4"] == math.inf


def test_the_lines_of_the_coupling_by_their_two_sides():
    p, G1, G2, L2 = NUMBERS, 0.02, 0.3, 2.0
    b, r, eta = p.beta, p.rate, p.eta
    found = needed(PartitionConstants(1, 100, L2, G1, G2))
    in_u = G1**2 * 6 * eta * L2 * 3 * (1 + b) ** 3 / (b * (1 - b) ** 3)
    assert found["K6"] == pytest.approx((b**2 + (1 - b) / 3 * (1 + G1**2 * b**2 * in_u / 2)) / r)
    series = (r**0.5 + b) / (r**0.5 - b)
    assert found["K7"] == pytest.approx(series**2 * b * (1 - b) ** 2 / (1 + b) ** 3)
    error = b**2 * (G1**2 * L2 / (2 * p.gamma) + 4 * p.Q1 * G2**2 * (1 + p.gamma) / p.gamma)
    assert found["K8"] == pytest.approx(2 * error * in_u / p.gamma)
    assert found["K9"] == pytest.approx(
        32 * eta * p.Q1 * G1**2 * G2**2 * L2 * (1 + p.gamma) / p.gamma
    )
    assert found["K10"] == pytest.approx(2 * eta * G1**4 * L2**2 / p.gamma)


def test_every_line_says_what_the_proof_uses_it_for():
    found = _certificate.lines(CONSTANTS, NUMBERS, 1.0)
    assert len({line.role for line in found}) == len(found)
    assert all(line.role and line.words == f"{line.name}: {line.role}" for line in found)
    # The last two are radii, which are infinite here; the others are compared with 1.
    assert [line.measured for line in found] == [1.0] * 11 + [math.inf] * 2


def test_finite_balls_are_compared_with_the_radii_that_are_needed():
    small = PartitionConstants(1, 100, 1, 0.01, 0.1, R_x=1.0, R_u=1e-3)
    lines = {line.name: line for line in _certificate.lines(small, NUMBERS, 1.0)}
    assert (lines["K11"].measured, lines["K12"].measured) == (1.0, 1e-3)
    in_x, in_u = _certificate.needed_radii(small, NUMBERS, 1.0)
    assert (lines["K11"].needed, lines["K12"].needed) == (in_x, in_u)
    assert not lines["K11"].holds


def test_the_ball_in_u_grows_with_the_slope_and_the_other_one_does_not():
    one, two = (
        _certificate.needed_radii(PartitionConstants(1, 100, 1, G1, 0.1), NUMBERS, 1.0)
        for G1 in (0.01, 0.02)
    )
    assert two == pytest.approx((one[0], 2 * one[1]))
