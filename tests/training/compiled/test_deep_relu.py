"""The kernel of deep ReLU networks: gradients by automatic differentiation, and its kink."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rootkappa import DeepReLU, datasets, gradient_descent, train
from rootkappa.training.compiled._deep_relu import deep_relu


@pytest.mark.parametrize(("d", "n", "widths"), [(11, 21, [9, 19]), (3, 5, [17, 8]), (8, 8, [8, 8])])
def test_a_step_of_one_is_minus_the_gradient(d, n, widths):
    data = datasets.sphere(d, 1, n)
    model = DeepReLU(data.X, data.Y, widths)
    weights = [layer.requires_grad_() for layer in model.initialise([3])]
    loss = (model.predict(weights) - model.Y).square().sum() / 2
    expected = torch.autograd.grad(loss, weights)
    program = deep_relu(model)
    points = program.layout.pack(weights)
    velocities, residuals = np.zeros_like(points), np.empty((1, 2, n))
    numbers, rows = np.array([[[1.0, 0.0, 0.0, 0.0]]]), np.array([0])
    program.steps(points, velocities, numbers, residuals, rows)
    for found, gradient in zip(program.layout.unpack(velocities), expected, strict=True):
        torch.testing.assert_close(found, -gradient, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("layer", [0, 1])
def test_at_the_kink_the_derivative_is_zero(layer):
    one = torch.ones(1, 1, dtype=torch.float64)
    model = DeepReLU(one, one, [1, 1])
    start = [torch.ones(1, 1, 1, dtype=torch.float64) for _ in range(3)]
    start[layer] = torch.zeros_like(start[layer])
    run = train(model, gradient_descent(0.5), start, 1, engine="compiled")
    assert all(map(torch.equal, run.weights, start))
