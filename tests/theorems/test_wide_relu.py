"""What theorems on wide ReLU networks share, on the kernel known by hand."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from rootkappa import TwoLayerReLU, datasets
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


DATA = datasets.sphere(d=8, n=10)


def _limit(X, leak=0.0):
    """E over a Gaussian w of s'(w.x_i) s'(w.x_j) x_i.x_j, by the angle between the inputs."""
    gram = X.T @ X
    np.fill_diagonal(gram, 1.0)  # where the angle loses half of the digits
    both = (np.pi - np.arccos(gram)) / (2 * np.pi)
    # Active on both, on neither, or on one of them: slopes 1, leak^2 and leak.
    return gram * (both + leak**2 * both + leak * (1 - 2 * both))


@pytest.mark.parametrize("leak", [0.0, 0.3])
def test_the_limit_kernel_by_the_angles_of_the_inputs(leak):
    model = TwoLayerReLU(DATA.X, DATA.Y, 16, leak=leak)
    values = np.linalg.eigvalsh(_limit(DATA.X.numpy(), leak))
    found = limit_spectrum(model)
    assert (found.lambda_min, found.lambda_max) == pytest.approx((values[0], values[-1]), rel=1e-9)


@pytest.mark.parametrize("kind", MOMENTUM)
def test_samples_and_not_dimensions_count(kind):
    # d = 8 and n = 10; the bounds leave a quarter of the least eigenvalue on either side.
    values = np.linalg.eigvalsh(_limit(DATA.X.numpy()))
    low, high = 0.75 * values[0], values[-1] + 0.25 * values[0]
    model = TwoLayerReLU(DATA.X, DATA.Y, 16)
    found = kind().spectrum(model)
    assert (found.lambda_min, found.lambda_max) == pytest.approx((low, high), rel=1e-9)
    width = low**-4 * 10**4 * (high / low) ** 2 * math.log(10 / 0.1) ** 3
    assert kind().required_width(model) == pytest.approx(width, rel=1e-7)
    step = 1 / high if kind is ReluHeavyBall else 1 / (2 * high)
    assert kind().tuning(model).step_size == pytest.approx(step, rel=1e-9)


@pytest.mark.parametrize("kind", [*MOMENTUM, ReluGradientDescent])
def test_each_fact_is_named_and_broken_by_itself(kind, at_60_degrees):
    facts = [
        "gaussian initialisation with random signs",
        "fixed outer weights, no bias, factor m^(-1/2)",
        "one output",
        "width of the theorem",
    ]
    good = kind().check(at_60_degrees(width=16))
    assert [item.name for item in good.hypotheses] == facts
    assert [item.holds for item in good.hypotheses] == [True, True, True, False]
    assert (good.hypotheses[3].measured, good.hypotheses[3].up_to_a_constant) == (16, True)
    for options, place in (
        ({"initialisation": "antisymmetric"}, 0),
        ({"scaling": "mean-field"}, 1),
        ({"bias": True}, 1),
        ({"train_output": True}, 1),
    ):
        report = kind().check(at_60_degrees(width=16, **options))
        assert [item.holds for item in report.hypotheses[:3]] == [i != place for i in range(3)]


@pytest.mark.parametrize("kind", [*MOMENTUM, ReluGradientDescent])
def test_a_smaller_chance_of_failure_asks_for_a_wider_network(kind, at_60_degrees):
    model = at_60_degrees()
    half, small = (kind(delta).required_width(model) for delta in (0.5, 0.05))
    growth = 10**3 if kind is ReluGradientDescent else (math.log(40) / math.log(4)) ** 3
    assert small / half == pytest.approx(growth)
