"""Factors of runs against a plain loop, and of a planted decay."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
import torch

from rootkappa.evidence.deep_relu_partition import drawn, speed
from rootkappa.theorems import PartitionNesterov


def test_the_factor_is_that_of_a_plain_loop(plain_loop):
    start = drawn(0, 3, 128)
    method = start.nesterov()
    found = speed.late_factor(start, method, (1e-1, 1e-3), 192)
    steps = int(start.train(method, 192, 1e-3).stopped_at)
    norms = plain_loop(start, method.step_size, method.momentum, steps)[1]
    first = next(t for t, norm in enumerate(norms) if norm <= 1e-1 * norms[0])
    largest = max(norms[first:])
    assert found == pytest.approx((norms[-1] / largest) ** (2 / (steps - first)), rel=1e-9)


def test_the_formula_is_that_of_the_slowest_mode():
    start = drawn(1, 3, 256)
    rate = speed._nesterov(start)
    beta, kappa = PartitionNesterov(1.0).numbers(start.constants).beta, start.constants.kappa
    assert rate.formula == pytest.approx(beta * (1 - 1 / kappa))
    assert rate.bound == pytest.approx(1 - 1 / (4 * math.sqrt(kappa)))
    assert rate.over_bound == pytest.approx(math.log(rate.measured) / math.log(rate.bound))


def test_the_constants_of_the_lemma_are_no_measured_ones():
    rate = speed._misjudged(drawn(0, 3, 256))
    assert rate.measured > 1.02 * rate.formula


class Planted:
    """A start whose run has norms that are given."""

    def __init__(self, norms):
        self.norms = torch.tensor([norms], dtype=torch.float64)

    def train(self, method, steps, tolerance):
        assert (method, steps) == ("a method", 77)
        return SimpleNamespace(residual_norms=self.norms)


@pytest.mark.parametrize(
    ("norms", "factor"),
    [
        ([8 * 0.5**t for t in range(21)], 0.25),
        ([*([1.0] * 5), *(0.1 * 0.5**t for t in range(12))], 0.25),
        ([0.9**t for t in range(41)], 0.81),  # never below the window: its second half
        ([1.1**t for t in range(41)], 1.0),
        ([*(0.5**t for t in range(12)), math.inf, math.nan], 0.25),
    ],
    ids=["planted", "after a plateau", "too slow", "grows", "ends"],
)
def test_a_planted_factor_is_read_between_two_levels(norms, factor):
    found = speed.late_factor(Planted(norms), "a method", (1e-2, 1e-30), 77)
    assert found == pytest.approx(factor, rel=1e-9)


def test_rates_are_compared_by_their_logarithms():
    rate = speed.Rate(measured=0.25, formula=0.5, bound=0.5**0.5, kappa=9.0, report=None)
    assert (rate.over_formula, rate.over_bound) == pytest.approx((2, 4))
    found = speed._compared([rate, rate._replace(measured=0.500049, bound=0.9)])
    assert found["nesterov_deviation"] == [0.5, 0.0001]
    assert found["log_rate_over_bound"] == [4.0, 6.6]
