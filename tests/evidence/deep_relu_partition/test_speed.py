"""Factors of runs against a plain loop, and of a planted decay."""

from __future__ import annotations

import math

import pytest

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
