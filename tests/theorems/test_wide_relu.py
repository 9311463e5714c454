"""What theorems on wide ReLU networks share, on the kernel known by hand."""

from __future__ import annotations

import math

import pytest

from rootkappa.theorems import ReluHeavyBall, ReluNesterov
from rootkappa.theorems._wide_relu import limit_spectrum

MOMENTUM = [ReluHeavyBall, ReluNesterov]


def test_the_limit_kernel_of_two_inputs_at_60_degrees(at_60_degrees):
    found = limit_spectrum(at_60_degrees())
    assert (found.lambda_min, found.lambda_max) == pytest.approx((1 / 3, 2 / 3))


@pytest.mark.parametrize("kind", MOMENTUM)
def test_the_bounds_leave_a_quarter_of_the_least_eigenvalue(kind, at_60_degrees):
    found = kind().spectrum(at_60_degrees())
    assert (found.lambda_min, found.lambda_max) == pytest.approx((1 / 4, 3 / 4))
    assert found.kappa == pytest.approx(4 / 3 * 2 + 1 / 3)


@pytest.mark.parametrize("kind", MOMENTUM)
def test_the_width_that_momentum_asks_for(kind, at_60_degrees):
    # lambda_min^-4 n^4 kappa^2 log(n/delta)^3 with lambda_min = 1/4, n = 2 and kappa = 3.
    expected = 4**4 * 2**4 * 9 * math.log(2 / 0.05) ** 3
    assert kind(delta=0.05).required_width(at_60_degrees()) == pytest.approx(expected)


@pytest.mark.parametrize("kind", MOMENTUM)
def test_more_outputs_are_outside_of_the_theorems(kind, at_60_degrees):
    model = at_60_degrees()
    model.Y = model.Y.expand(2, -1)
    assert "one output" in kind().check(model).unmet
