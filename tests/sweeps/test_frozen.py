"""The stacked recursion against the closed form of dynamics, on the kernel of a network."""

from __future__ import annotations

import pytest
import torch

from rootkappa import DeepLinear, TwoLayerReLU, datasets, dynamics, optimizers
from rootkappa.architectures import vectorise
from rootkappa.sweeps._frozen import frozen_norms

METHODS = {
    "constant numbers": [
        optimizers.heavy_ball(0.3, 0.6),
        optimizers.nesterov(0.2, 0.9),
        optimizers.Method(0.1),
    ],
    "schedules": [
        optimizers.nesterov(0.3),
        optimizers.heavy_ball(0.3, 0.6),
        optimizers.Method(0.2, 0.5, lambda t: 0.2 * (t % 3)),
    ],
}


@pytest.mark.parametrize("methods", METHODS.values(), ids=METHODS)
@pytest.mark.parametrize("kind", ["linear", "relu"])
def test_against_the_closed_form(kind, methods):
    data = datasets.gaussian(d=3, k=2, n=5) if kind == "linear" else datasets.sphere(d=3, n=5)
    model = (
        DeepLinear(data.X, data.Y, 8, 3) if kind == "linear" else TwoLayerReLU(data.X, data.Y, 16)
    )
    weights = model.initialise([0, 1])
    draws = [1, 0, 1]
    found = frozen_norms(model, weights, draws, methods, 50)
    kernels, starts = model.tangent_kernel(weights), vectorise(model.residual(weights))
    for row, (draw, method) in enumerate(zip(draws, methods, strict=True)):
        solved = dynamics.frozen_residuals(method, kernels[draw], starts[draw], 50)
        torch.testing.assert_close(found[row], solved.norm(dim=-1), rtol=1e-8, atol=1e-10)
