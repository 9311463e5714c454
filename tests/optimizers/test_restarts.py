"""The gradient restart against its definition, and its effect."""

from __future__ import annotations

import torch

from rootkappa import Quadratic, nesterov, train
from rootkappa.optimizers import GradientRestart

SPECTRUM = torch.tensor([1e-3, 0.1, 1.0], dtype=torch.float64)


def test_a_restart_zeroes_the_velocity_when_the_step_goes_uphill():
    method = nesterov(1.0).with_restart(GradientRestart())
    w = before = torch.ones(3, dtype=torch.float64)
    points = []
    for t in range(80):
        _, beta, gamma = method.coefficients(t)
        y = w + gamma * (w - before)
        points.append(y)
        gradient = SPECTRUM * y
        ahead = w + beta * (w - before) - gradient
        before = ahead if gradient @ (ahead - w) > 0 else w
        w = ahead
    model = Quadratic.with_spectrum(SPECTRUM)
    run = train(model, method, [torch.ones(1, 3, 1, dtype=torch.float64)], 79)
    torch.testing.assert_close(run.weights[0][0, :, 0], points[-1], rtol=1e-11, atol=1e-13)


def test_restarting_makes_the_schedule_converge_linearly():
    model = Quadratic.with_spectrum(SPECTRUM)
    methods = [nesterov(1.0), nesterov(1.0).with_restart(GradientRestart())]
    weights = [layer.repeat(2, 1, 1) for layer in model.initialise([0])]
    plain, restarted = train(model, methods, weights, 1000).residual_norms[:, -1]
    assert restarted < 1e-3 * plain
