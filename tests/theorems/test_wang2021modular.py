"""Wang, Lin and Abernethy by hand: heavy ball on both kinds of networks."""

from __future__ import annotations

import math

import pytest

from rootkappa.theorems import OrthogonalHeavyBall, ReluHeavyBall


def test_numbers_on_deep_linear_networks(by_hand):
    # Lambda = 18, kappa = 9, ||X||^2 = 9, k = 2, ||W*|| = 2.
    theorem, model = OrthogonalHeavyBall(), by_hand("orthogonal")
    expected = (1 / 18, (5 / 6) ** 2, 0)
    assert theorem.tuning(model).coefficients(0) == pytest.approx(expected, rel=1e-12)
    assert theorem.rate(model) == pytest.approx((24, 11 / 12), rel=1e-12)
    width = 9**5 / 9 * (2 * 5 + math.log(20))
    assert theorem.required_width(model) == pytest.approx(width)
    assert theorem.check(by_hand()).unmet[0] == "orthogonal initialisation"


def test_numbers_on_relu_networks(at_60_degrees):
    # lambda = 1/4, Lambda = 2/3 + 1/12 = 3/4 and kappa = 3.
    theorem, model, root = ReluHeavyBall(), at_60_degrees(), math.sqrt(3)
    expected = (4 / 3, (1 - 1 / (2 * root)) ** 2, 0)
    assert theorem.tuning(model).coefficients(0) == pytest.approx(expected, rel=1e-12)
    assert theorem.rate(model) == pytest.approx((8 * root, 1 - 1 / (4 * root)), rel=1e-12)
    width = 4**4 * 2**4 * 9 * math.log(20) ** 3
    assert theorem.required_width(model) == pytest.approx(width)
