"""The kernel of deep linear networks: gradients by automatic differentiation, at any depth."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rootkappa import DeepLinear, datasets
from rootkappa.training.compiled._deep_linear import deep_linear

SHAPES = [(5, 13, 3, 11, 4, None), (9, 9, 10, 7, 3, 30.0), (3, 5, 2, 4, 1, 7.0), (1, 1, 1, 1, 2, 1)]


@pytest.mark.parametrize(("d", "n", "k", "width", "depth", "scale"), SHAPES)
def test_a_step_of_one_is_minus_the_gradient(d, n, k, width, depth, scale):
    data = datasets.gaussian(d, k, n)
    model = DeepLinear(data.X, data.Y, width, depth, scale_width=scale)
    weights = [layer.requires_grad_() for layer in model.initialise([3])]
    residual = model.predict(weights) - model.Y
    expected = torch.autograd.grad(residual.square().sum() / 2, weights)
    program = deep_linear(model)
    points = program.layout.pack(weights)
    velocities, residuals = np.zeros_like(points), np.empty((1, 2, k * n))
    numbers, rows = np.array([[[1.0, 0.0, 0.0, 0.0]]]), np.array([0])
    program.steps(points, velocities, numbers, residuals, rows)
    for found, gradient in zip(program.layout.unpack(velocities), expected, strict=True):
        torch.testing.assert_close(found, -gradient, rtol=1e-11, atol=1e-13)
    torch.testing.assert_close(torch.from_numpy(residuals[0, 0]), residual.detach().flatten())
