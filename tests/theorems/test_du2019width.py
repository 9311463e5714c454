"""Du and Hu's Theorem 4.1 by hand: each branch of its width decides once."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa import DeepLinear
from rootkappa.theorems import GaussianGradientDescent

ONE = torch.ones(1, 1, dtype=torch.float64)


def test_numbers_by_hand(by_hand):
    # L ||X||^2 / k = 4 * 9 / 2 = 18 and kappa = 9.
    theorem, model = GaussianGradientDescent(), by_hand()
    assert theorem.tuning(model).coefficients(0) == pytest.approx((1 / 54, 0, 0), rel=1e-12)
    assert theorem.rate(model) == pytest.approx((1, 1 - 1 / 108), rel=1e-12)


def test_each_branch_of_the_width_decides(by_hand):
    # r = 2, kappa^3 = 729, k = 2, ||W*|| = 2.
    labels = 4 * 2 * 729 * 2 * (1 + 4)
    assert GaussianGradientDescent().required_width(by_hand()) == pytest.approx(labels)
    chance = 4 * 2 * 729 * math.log(2 / 1e-9)
    assert GaussianGradientDescent(1e-9).required_width(by_hand()) == pytest.approx(chance)
    deep = DeepLinear(ONE, 0 * ONE, 8, 1000)
    depth = 1000 * math.log(1000)
    assert GaussianGradientDescent().required_width(deep) == pytest.approx(depth)


def test_hypotheses(by_hand):
    theorem = GaussianGradientDescent()
    assert theorem.check(by_hand()).unmet == ("width of the theorem",)
    assert theorem.check(by_hand(width=100_000)).holds
    assert theorem.check(by_hand("orthogonal")).unmet[0] == "gaussian initialisation"
    assert "width at least max(d, k)" in theorem.check(by_hand(width=1)).unmet
