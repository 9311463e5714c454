"""The plain loop: against the stacked loop of training, with schedules, and its errors."""

from __future__ import annotations

import pytest
import torch

from rootkappa import Quadratic, gradient_descent, heavy_ball, nesterov, train, triple_momentum
from rootkappa.optimizers import GradientRestart, iterate

SPECTRUM = torch.tensor([0.05, 0.3, 1.0], dtype=torch.float64)
METHODS = {
    "gradient descent": gradient_descent(0.7),
    "heavy ball": heavy_ball(0.7, 0.6),
    "Nesterov": nesterov(0.5, 0.6),
    "schedule": nesterov(0.5),
    "triple momentum": triple_momentum(0.05, 1.0),
}


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_it_visits_the_points_of_the_training_loop(method):
    model = Quadratic.with_spectrum(SPECTRUM)
    start = model.initialise([0])
    run = train(model, method, start, 40)
    points = [now.point for now in iterate(method, lambda w: SPECTRUM * w, start[0][0, :, 0], 40)]
    norms = torch.stack([(SPECTRUM.sqrt() * point).norm() for point in points])
    torch.testing.assert_close(norms, run.residual_norms[0], rtol=1e-11, atol=0)
    torch.testing.assert_close(points[-1], run.weights[0][0, :, 0], rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize("nesterov_flag", [False, True])
def test_the_velocity_is_minus_eta_times_the_buffer_of_torch(nesterov_flag):
    method = (nesterov if nesterov_flag else heavy_ball)(0.4, 0.7)
    start = torch.ones(3, dtype=torch.float64)
    *_, last = iterate(method, lambda w: SPECTRUM * w, start, 25)
    parameter = start.clone().requires_grad_()
    sgd = torch.optim.SGD([parameter], lr=0.4, momentum=0.7, nesterov=nesterov_flag)
    for _ in range(25):
        parameter.grad = SPECTRUM * parameter.detach()
        sgd.step()
    buffer = sgd.state[parameter]["momentum_buffer"]
    torch.testing.assert_close(last.velocity, -0.4 * buffer, rtol=1e-12, atol=1e-15)
    torch.testing.assert_close(last.point, parameter.detach(), rtol=1e-12, atol=1e-15)


def test_no_step_yields_the_start_without_a_gradient():
    def gradient(w):
        raise AssertionError("the gradient was asked for")

    (only,) = iterate(heavy_ball(0.1, 0.5), gradient, torch.ones(2), 0)
    assert only.point.tolist() == [1, 1]
    assert only.velocity.tolist() == [0, 0]


def test_a_restart_rule_is_refused_at_the_call():
    method = heavy_ball(0.1, 0.5).with_restart(GradientRestart())
    with pytest.raises(ValueError, match=r"use rootkappa\.train"):
        iterate(method, lambda w: w, torch.ones(2), 3)
