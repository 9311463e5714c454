"""The kernel of linear ResNets: gradients by automatic differentiation, replicas with own maps."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rootkappa import LinearResNet, datasets
from rootkappa.training.compiled._linear_resnet import linear_resnet

SHAPES = [(5, 13, 3, 11, 4), (9, 9, 10, 7, 3), (3, 5, 2, 4, 1), (1, 1, 1, 1, 2)]


@pytest.mark.parametrize(("d", "n", "k", "width", "depth"), SHAPES)
def test_a_step_of_one_is_minus_the_gradient_with_the_maps_of_the_row(d, n, k, width, depth):
    data = datasets.gaussian(d, k, n)
    maps = LinearResNet.gaussian(data.X, data.Y, width, depth, range(3))
    model = LinearResNet(data.X, data.Y, maps.A, maps.B, depth, hidden_scale=0.5)
    weights, rows = model.initialise(range(3)), [2, 0]
    chosen = [layer[rows].requires_grad_() for layer in weights]
    residual = model.select(rows).predict(chosen) - model.Y
    expected = torch.autograd.grad(residual.square().sum() / 2, chosen)
    program = linear_resnet(model)
    points = program.layout.pack(chosen)
    velocities, residuals = np.zeros_like(points), np.empty((2, 2, k * n))
    numbers = np.array([[[1.0, 0.0, 0.0, 0.0]]] * 2)
    program.steps(points, velocities, numbers, residuals, np.array(rows))
    for found, gradient in zip(program.layout.unpack(velocities), expected, strict=True):
        torch.testing.assert_close(found, -gradient, rtol=1e-11, atol=1e-13)
    torch.testing.assert_close(torch.from_numpy(residuals[:, 0]), residual.detach().flatten(1))
