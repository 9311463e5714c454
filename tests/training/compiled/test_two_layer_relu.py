"""The two-layer kernel: gradients by automatic differentiation, its kink, its blocks of neurons."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rootkappa import TwoLayerReLU, datasets, gradient_descent, nesterov, train
from rootkappa.training.compiled import _two_layer_relu


def _model(d=11, n=21, width=19, **options):
    data = datasets.sphere(d, 1, n)
    return TwoLayerReLU(data.X, data.Y, width, **options)


@pytest.mark.parametrize("options", [{}, {"bias": True}, {"scaling": "none"}], ids=str)
def test_a_step_of_one_is_minus_the_gradient(options):
    model = _model(**options)
    weights = [layer.requires_grad_() for layer in model.initialise([3])]
    loss = (model.predict(weights) - model.Y).square().sum() / 2
    (expected,) = torch.autograd.grad(loss, weights[:1])
    program = _two_layer_relu.two_layer_relu(model)
    points = program.layout.pack(weights)
    velocities, residuals = np.zeros_like(points), np.empty((1, 2, 21))
    numbers, rows = np.array([[[1.0, 0.0, 0.0, 0.0]]]), np.array([0])
    program.steps(points, velocities, numbers, residuals, rows)
    found, outer = program.layout.unpack(velocities)
    torch.testing.assert_close(found, -expected, rtol=1e-12, atol=1e-14)
    assert not outer.any()
    torch.testing.assert_close(torch.from_numpy(residuals[0, 0]), residuals_of(model, weights))


def residuals_of(model, weights):
    return (model.predict(weights) - model.Y).detach().flatten()


def test_at_the_kink_the_derivative_is_one():
    X = torch.eye(2, dtype=torch.float64)
    model = TwoLayerReLU(X, X[:1], 1, scaling="none")
    start = [torch.tensor([[[0.0, -1.0]]]).double(), torch.ones(1, 1, 1).double()]
    run = train(model, gradient_descent(0.5), start, 1, engine="compiled")
    assert run.weights[0].tolist() == [[[0.5, -1.0]]]


@pytest.mark.parametrize("bytes_", [1, 1 << 11, 1 << 30])
def test_blocks_of_neurons_change_no_bit(bytes_, monkeypatch):
    model = _model(width=70)
    start = model.initialise([0])
    plain = train(model, nesterov(0.3, 0.8), start, 40, engine="compiled", keep_residuals=True)
    monkeypatch.setattr(_two_layer_relu, "_BLOCK_BYTES", bytes_)
    other = train(model, nesterov(0.3, 0.8), start, 40, engine="compiled", keep_residuals=True)
    assert torch.equal(other.residuals, plain.residuals)
    assert torch.equal(other.weights[0], plain.weights[0])
