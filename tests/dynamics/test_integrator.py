"""The integrator on functions whose flow is known without any mode."""

from __future__ import annotations

import torch

from rootkappa.dynamics import ConstantFriction, GradientFlow, integrate_flow

TIMES = torch.tensor([0.0, 0.5, 2.0], dtype=torch.float64)


def test_gradient_flow_of_a_quartic():
    start = torch.tensor([[1.0, 2.0]], dtype=torch.float64)
    found = integrate_flow(GradientFlow(), lambda w: w**3, start, TIMES)
    exact = start / torch.sqrt(1 + 2 * TIMES[:, None, None] * start**2)
    torch.testing.assert_close(found, exact, rtol=1e-11, atol=0)


def test_energy_is_kept_without_friction_and_lost_with_it():
    start = torch.tensor([0.7], dtype=torch.float64)
    period = 2 * torch.pi * torch.arange(4, dtype=torch.float64)
    free = integrate_flow(ConstantFriction(0.0), lambda w: w, start, period)
    torch.testing.assert_close(free, start.expand(4, 1), rtol=0, atol=1e-11)
    damped = integrate_flow(ConstantFriction(0.1), lambda w: w, start, period)
    assert bool((damped.abs().diff(dim=0) < 0).all())
