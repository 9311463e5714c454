"""Runs of a copy: torch's own, and the module stays as it was."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from rootkappa.diagnosis import diagnose
from rootkappa.diagnosis.forecast import Forecast
from rootkappa.diagnosis.losses import read
from rootkappa.diagnosis.module import ModuleFunction
from rootkappa.diagnosis.verification import verify
from rootkappa.optimizers import gradient_descent, nesterov
from tests.diagnosis.zoo import FLAT, TARGET, jacobian, perceptron


def _verify(module, method, curve, goal=0.0):
    function = ModuleFunction(module, FLAT)
    loss = read("mse", function.outputs, TARGET)
    forecast = Forecast("gradient descent", method, None, 2.0)
    return verify(function, loss, forecast, curve, goal, 0.0)


def test_losses_and_kernels_are_those_of_a_loop_in_torch():
    module = perceptron()
    before = {key: value.clone() for key, value in module.state_dict().items()}
    seen = _verify(module, nesterov(0.05, 0.8), torch.ones(21))
    assert all(torch.equal(value, before[key]) for key, value in module.state_dict().items())
    K = jacobian(module, FLAT)
    K = K @ K.T
    sgd = torch.optim.SGD(module.parameters(), lr=0.05, momentum=0.8, nesterov=True)
    losses = []
    for t in range(21):
        loss = nn.functional.mse_loss(module(FLAT), TARGET)
        losses.append(float(loss.detach()))
        if t < 20:
            sgd.zero_grad()
            loss.backward()
            sgd.step()
    assert seen.losses.tolist() == pytest.approx([loss / losses[0] for loss in losses])
    J = jacobian(module, FLAT)
    assert seen.times == (0, 2, 5, 10, 20)
    assert seen.drift[-1] == pytest.approx(float((J @ J.T - K).norm() / K.norm()))
    assert seen.sharpness[-1] == pytest.approx(
        0.05 * float(torch.linalg.eigvalsh(2 / 12 * J @ J.T)[-1]), rel=1e-3
    )
    assert seen.steps is None
    assert not seen.diverged
    half = math.sqrt(losses[20] / losses[10]) ** (1 / 10)
    assert seen.factor.factor == pytest.approx(half, rel=1e-6)


def test_the_forecast_is_followed_until_it_is_a_tenth_off():
    module = nn.Linear(6, 1).double()
    found = diagnose(module, FLAT, TARGET)
    assert found.verify(50, ["heavy ball"])["heavy ball"].valid_until >= 5
    losses = _verify(module, gradient_descent(0.1), torch.ones(8)).losses
    told = losses.clone()
    told[5:] *= 1.2
    assert _verify(module, gradient_descent(0.1), told).valid_until == 4


def test_a_run_that_diverges_says_so():
    seen = _verify(nn.Linear(6, 1).double(), gradient_descent(50.0), torch.ones(200))
    assert seen.diverged
    assert seen.factor is None
    assert "diverged steps, never forecast" in str(seen)


def test_a_run_ends_at_its_goal():
    seen = _verify(perceptron(), gradient_descent(0.1), torch.ones(2000), goal=0.5)
    assert seen.steps == len(seen.losses) - 1
    assert seen.losses[-1] < 0.5 <= seen.losses[-2]
    assert str(seen).startswith(f"gradient descent: {seen.steps} steps, never forecast; within")
