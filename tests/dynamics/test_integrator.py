"""The integrator on functions whose flow is known without any mode."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa.dynamics import ConstantFriction, GradientFlow, VanishingFriction

TIMES = torch.tensor([0.0, 0.5, 2.0], dtype=torch.float64)


def test_gradient_flow_of_a_quartic():
    start = torch.tensor([[1.0, 2.0]], dtype=torch.float64)
    found = GradientFlow().integrate(lambda w: w**3, start, TIMES)
    exact = start / torch.sqrt(1 + 2 * TIMES[:, None, None] * start**2)
    torch.testing.assert_close(found, exact, rtol=1e-11, atol=0)


def test_energy_is_kept_without_friction_and_lost_with_it():
    start = torch.tensor([0.7], dtype=torch.float64)
    period = 2 * torch.pi * torch.arange(4, dtype=torch.float64)
    free = ConstantFriction(0.0).integrate(lambda w: w, start, period)
    torch.testing.assert_close(free, start.expand(4, 1), rtol=0, atol=1e-11)
    damped = ConstantFriction(0.1).integrate(lambda w: w, start, period)
    assert bool((damped.abs().diff(dim=0) < 0).all())


def test_a_pendulum_has_the_period_of_the_elliptic_integral():
    # W'' + sin W = 0 from pi/2: four times K(sin pi/4) = Gamma(1/4)^2/(4 sqrt pi).
    period = math.gamma(0.25) ** 2 / math.sqrt(math.pi)
    start = torch.tensor([math.pi / 2], dtype=torch.float64)
    found = ConstantFriction(0.0).integrate(torch.sin, start, [period / 2, period])
    torch.testing.assert_close(found, torch.stack([-start, start]), rtol=0, atol=1e-10)


def test_lists_shapes_and_the_time_zero():
    start = [[1.0, 2.0], [3.0, 4.0]]
    found = VanishingFriction().integrate(lambda w: w, start, [0.0, 1.0])
    assert found.shape == (2, 2, 2)
    assert found[0].tolist() == start
    coarse = VanishingFriction().integrate(lambda w: w, start, [1.0], tolerance=1e-3)
    assert 0 < float((coarse[0] - found[1]).abs().max()) < 1e-2


ONE = torch.ones(1, dtype=torch.float64)
BAD = [
    (ONE, [2.0, 1.0], 1e-9, ValueError, r"times must increase from 0 on, got \[2.0, 1.0\]"),
    (ONE, [1.0, 1.0], 1e-9, ValueError, "times must increase from 0 on"),
    (ONE, [], 1e-9, ValueError, r"times must increase from 0 on, got \[\]"),
    (ONE, [-1.0], 1e-9, ValueError, "least time -1.0: flows start at t = 0"),
    (None, [1.0], 1e-9, TypeError, "start must hold numbers, got None"),
    (ONE, [1.0], 0.0, ValueError, "tolerance must be a finite number above 0, got 0"),
]


@pytest.mark.parametrize(("start", "times", "tolerance", "error", "message"), BAD)
def test_messages(start, times, tolerance, error, message):
    with pytest.raises(error, match=message):
        GradientFlow().integrate(lambda w: w, start, times, tolerance)


def test_an_explosion_is_reported():
    with pytest.raises(RuntimeError, match="the integrator stopped: .* Raise the tolerance"):
        GradientFlow().integrate(lambda w: -(w**2), ONE, [2.0])
