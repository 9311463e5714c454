"""The walker: against the stacked loop of training, with schedules, and its errors."""

from __future__ import annotations

import pytest
import torch

from rootkappa import Quadratic, gradient_descent, heavy_ball, nesterov, train, triple_momentum
from rootkappa.optimizers import GradientRestart, walk

SPECTRUM = torch.tensor([0.05, 0.3, 1.0], dtype=torch.float64)
METHODS = {
    "gradient descent": gradient_descent(0.7),
    "heavy ball": heavy_ball(0.7, 0.6),
    "Nesterov": nesterov(0.5, 0.6),
    "schedule": nesterov(0.5),
    "triple momentum": triple_momentum(0.05, 1.0),
}


def _path(method, start, steps):
    return walk(method, lambda layers: [SPECTRUM * layers[0]], [start], steps)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_it_visits_the_points_of_the_training_loop(method):
    model = Quadratic.with_spectrum(SPECTRUM)
    start = model.initialise([0])
    run = train(model, method, start, 40)
    points = [now.point[0] for now in _path(method, start[0][0, :, 0], 40)]
    norms = torch.stack([(SPECTRUM.sqrt() * point).norm() for point in points])
    torch.testing.assert_close(norms, run.residual_norms[0], rtol=1e-11, atol=0)
    torch.testing.assert_close(points[-1], run.weights[0][0, :, 0], rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize("nesterov_flag", [False, True])
def test_the_velocity_is_minus_eta_times_the_buffer_of_torch(nesterov_flag):
    method = (nesterov if nesterov_flag else heavy_ball)(0.4, 0.7)
    start = torch.ones(3, dtype=torch.float64)
    *_, last = _path(method, start, 25)
    parameter = start.clone().requires_grad_()
    sgd = torch.optim.SGD([parameter], lr=0.4, momentum=0.7, nesterov=nesterov_flag)
    for _ in range(25):
        parameter.grad = SPECTRUM * parameter.detach()
        sgd.step()
    buffer = sgd.state[parameter]["momentum_buffer"]
    torch.testing.assert_close(last.velocity[0], -0.4 * buffer, rtol=1e-12, atol=1e-15)
    torch.testing.assert_close(last.point[0], parameter.detach(), rtol=1e-12, atol=1e-15)


def test_the_gradient_is_called_once_a_step_and_in_order():
    seen = []

    def gradient(layers):
        seen.append(layers[0].clone())
        return layers

    steps = list(walk(nesterov(0.1, 0.5), gradient, [torch.ones(2), torch.ones(1)], 3))
    assert [now.t for now in steps] == [0, 1, 2, 3]
    assert all(torch.equal(a, now.point[0]) for a, now in zip(seen, steps, strict=True))
    assert steps[0].velocity[1].tolist() == [0]


def test_points_lie_ahead_of_the_weights_by_gamma_velocities():
    *_, now = _path(nesterov(0.5, 0.6), torch.ones(3).double(), 7)
    torch.testing.assert_close(now.point[0], now.weights[0] + 0.6 * now.velocity[0])


def test_a_restart_rule_is_refused_at_the_call():
    method = heavy_ball(0.1, 0.5).with_restart(GradientRestart())
    with pytest.raises(ValueError, match=r"use rootkappa\.train"):
        walk(method, lambda w: w, [torch.ones(2)], 3)
