"""What theorems on wide ReLU networks share, on the kernel known by hand."""

from __future__ import annotations

import math
import re

import pytest

from rootkappa.theorems import ReluGradientDescent, ReluHeavyBall, ReluNesterov
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


@pytest.mark.parametrize("kind", [*MOMENTUM, ReluGradientDescent])
@pytest.mark.parametrize("ask", ["check", "tuning", "spectrum", "required_width"])
def test_a_leak_is_refused_in_one_sentence(kind, ask, at_60_degrees):
    theorem = kind()
    wanted = "is on ReLUs, and the model has leak=0.1: build it with leak=0."
    with pytest.raises(ValueError, match=f"^{re.escape(theorem.name)} {wanted}$"):
        getattr(theorem, ask)(at_60_degrees(leak=0.1))


def test_the_limit_kernel_of_a_leaky_network(at_60_degrees):
    # 1/4 + 9/16 p on the diagonal, where p = 1/2, and half of it with p = 1/3 beside it.
    found = limit_spectrum(at_60_degrees(leak=0.25))
    one, other = 1 / 4 + 9 / 32, (1 / 4 + 9 / 48) / 2
    assert (found.lambda_min, found.lambda_max) == pytest.approx((one - other, one + other))
