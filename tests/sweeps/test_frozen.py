"""The stacked recursion against the closed form of dynamics, on the kernel of a network."""

from __future__ import annotations

from types import SimpleNamespace

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


def _on(kernel, residual):
    """Stands for a model with one replica, of which nothing but these is asked."""
    kernel, residual = (torch.tensor(given, dtype=torch.float64) for given in (kernel, residual))
    return SimpleNamespace(
        tangent_kernel=lambda weights: kernel[None], residual=lambda weights: residual[None]
    )


def test_an_eigenvalue_that_rounding_made_negative_does_not_grow():
    model = _on([[1.0, 0.0], [0.0, -1e-3]], [[4.0, 3.0]])
    found = frozen_norms(model, [], [0], [optimizers.gradient_descent(1.0)], 1000)
    # The first mode is gone after a step of one; the second has no gradient and stays.
    assert found[0, [0, 1, 1000]].tolist() == pytest.approx([5.0, 3.0, 3.0], rel=1e-12)


def test_every_output_of_every_sample_is_counted():
    model = _on([[0.5, 0, 0, 0], [0, 0.5, 0, 0], [0, 0, 0.5, 0], [0, 0, 0, 0.5]], [[1, 2], [3, 4]])
    found = frozen_norms(model, [], [0, 0], [optimizers.gradient_descent(1.0)] * 2, 3)
    for row in found:
        assert row.tolist() == pytest.approx([30**0.5 * 0.5**t for t in range(4)], rel=1e-12)


def test_what_overflows_is_not_finite_and_leaves_the_others_alone():
    model = _on([[1.0]], [[1.0]])
    methods = [optimizers.gradient_descent(1e200), optimizers.gradient_descent(0.5)]
    found = frozen_norms(model, [], [0, 0], methods, 3)
    assert torch.isfinite(found).all(1).tolist() == [False, True]
    assert found[1].tolist() == [1.0, 0.5, 0.25, 0.125]


def test_a_network_in_float32_is_followed_in_float64():
    data = datasets.gaussian(d=3, n=5).to(torch.device("cpu"), torch.float32)
    model = DeepLinear(data.X, data.Y, 8, 2)
    weights = model.initialise([0])
    found = frozen_norms(model, weights, [0], [optimizers.gradient_descent(0.3)], 40)
    kernel = model.tangent_kernel(weights)[0].double()
    xi = vectorise(model.residual(weights))[0].double()
    step = torch.eye(15, dtype=torch.float64) - 0.3 * kernel
    exact = torch.stack([torch.linalg.matrix_power(step, t) @ xi for t in range(41)]).norm(dim=1)
    assert found.dtype == torch.float64
    torch.testing.assert_close(found[0], exact, rtol=1e-5, atol=1e-6)
