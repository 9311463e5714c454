"""The closed forms against SciPy's integrator, and against formulas written otherwise."""

from __future__ import annotations

import math

import pytest
import torch
from scipy import special

from rootkappa.dynamics import (
    ConstantFriction,
    GradientFlow,
    VanishingFriction,
    flow_residuals,
    integrate_flow,
)

# Without curvature, over-, critically and under-damped for the frictions below.
VALUES = torch.tensor([0.0, 0.25, 1.0, 2.0, 4.0], dtype=torch.float64)
TIMES = torch.linspace(0, 30, 16, dtype=torch.float64)
FLOWS = [
    GradientFlow(),
    *(ConstantFriction(b) for b in (0.0, 0.6, 2.0, 4.0, 5.0)),
    *(VanishingFriction(r) for r in (0.5, 2.0, 3.0, 4.5, 8.0)),
]


@pytest.fixture(params=FLOWS, ids=repr)
def flow(request):
    return request.param


def test_closed_forms_are_what_the_integrator_finds(flow):
    found = integrate_flow(flow, lambda w: VALUES * w, torch.ones_like(VALUES), TIMES)
    assert float((flow.response(VALUES, TIMES) - found.T).abs().max()) < 1e-10


def test_velocity_is_the_derivative(flow):
    h = 1e-4
    ahead, behind = (flow.response(VALUES, TIMES[1:] + s * h) for s in (1, -1))
    slope = (ahead - behind) / (2 * h)
    torch.testing.assert_close(flow.velocity(VALUES, TIMES[1:]), slope, atol=2e-7, rtol=0)


@pytest.mark.parametrize("r", [0.5, 2.0, 3.0, 6.0])
def test_vanishing_friction_is_a_bessel_function(r):
    z = torch.linspace(0.1, 200, 300, dtype=torch.float64)
    nu = (r - 1) / 2
    bessel = 2**nu * math.gamma(nu + 1) * torch.as_tensor(special.jv(nu, z.numpy())) / z**nu
    one = torch.ones(1, dtype=torch.float64)
    torch.testing.assert_close(VanishingFriction(r).response(one, z)[0], bessel, rtol=0, atol=5e-12)


@pytest.mark.parametrize(("r", "amplitude"), [(2, 1), (3, 2 * math.sqrt(2 / math.pi)), (6, 15)])
def test_the_envelope_and_the_constant_of_the_loss(r, amplitude):
    flow = VanishingFriction(r)
    assert flow.amplitude == pytest.approx(amplitude)
    values = torch.tensor([0.5, 1.0, 2.5], dtype=torch.float64)
    weights = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
    t = torch.linspace(2000, 4000, 200001, dtype=torch.float64)
    loss = (weights.unsqueeze(1) * flow.response(values, t)).square().sum(0) / 2
    mean = float((t**r * loss).mean())
    assert mean == pytest.approx(flow.loss_constant(values, weights), rel=2e-3)


@pytest.mark.parametrize(("b", "rate"), [(1.0, 0.5), (2.0, 1.0), (2.5, 0.5), (4.0, 2 - 3**0.5)])
def test_exponents_of_constant_friction(b, rate):
    flow = ConstantFriction(b)
    assert flow.exponent(1.0) == pytest.approx(rate)
    one, t = torch.ones(1, dtype=torch.float64), torch.tensor([200.0, 400.0], dtype=torch.float64)
    energy = torch.hypot(flow.response(one, t), flow.velocity(one, t))[0].log()
    assert -float(energy[1] - energy[0]) / 200 == pytest.approx(rate, rel=2e-2)


def test_residuals_of_a_kernel_that_is_not_diagonal():
    torch.manual_seed(0)
    factor = torch.randn(5, 5, dtype=torch.float64)
    kernel, start = factor @ factor.T, torch.randn(5, dtype=torch.float64)
    flow, times = VanishingFriction(3.0), torch.linspace(0, 5, 6, dtype=torch.float64)
    found = integrate_flow(flow, lambda w: kernel @ w, start, times)
    torch.testing.assert_close(
        flow_residuals(flow, kernel, start, times), found, atol=1e-10, rtol=0
    )


def test_clocks():
    assert GradientFlow().clock(0.01, 30) == pytest.approx(0.3)
    assert ConstantFriction(1).clock(0.01, 30) == VanishingFriction().clock(0.01, 30) == 3


ONE = torch.ones(1, dtype=torch.float64)
BAD = [
    (lambda: VanishingFriction(0), ValueError, r"friction r must be .* above 0, got 0"),
    (lambda: VanishingFriction(-3), ValueError, r"friction r must be .* above 0, got -3"),
    (lambda: ConstantFriction(-1), ValueError, r"at least 0, got -1: a negative one feeds"),
    (lambda: GradientFlow().response(ONE, -ONE), ValueError, r"least time -1.0: flows start"),
    (
        lambda: integrate_flow(GradientFlow(), lambda w: w, ONE, torch.tensor([2.0, 1.0])),
        ValueError,
        r"times must increase from 0 on, got \[2.0, 1.0\]",
    ),
    (lambda: integrate_flow(None, lambda w: w, ONE, ONE), TypeError, "None has no friction: use"),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
