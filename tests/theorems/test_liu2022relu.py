"""Liu, Pan and Tao by hand: Nesterov on a two-layer network with inputs at 60 degrees."""

from __future__ import annotations

import math

import pytest

from rootkappa.theorems import ReluHeavyBall, ReluNesterov


def test_numbers_by_hand(at_60_degrees):
    # lambda = 1/4, Lambda = 3/4 and kappa = 3.
    theorem, model, root = ReluNesterov(), at_60_degrees(), math.sqrt(3)
    beta = (3 * root - 2) / (3 * root + 2)
    assert theorem.tuning(model).coefficients(0) == pytest.approx((2 / 3, beta, beta), rel=1e-12)
    assert theorem.rate(model) == pytest.approx((24 * root, 1 - 1 / (2 * root)), rel=1e-12)
    for delta in (0.1, 0.01):
        width = 4**4 * 2**4 * 9 * math.log(2 / delta) ** 3
        assert ReluNesterov(delta).required_width(model) == pytest.approx(width)
        assert ReluHeavyBall(delta).required_width(model) == pytest.approx(width)
