"""The lines K0 to K12 of the certificate, one by one."""

from __future__ import annotations

import math

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
