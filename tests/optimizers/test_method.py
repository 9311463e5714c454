"""The family against torch.optim, and its special members."""

from __future__ import annotations

import pytest
import torch

from rootkappa import (
    DeepLinear,
    Method,
    Quadratic,
    datasets,
    gradient_descent,
    heavy_ball,
    nesterov,
    train,
    triple_momentum,
)
from rootkappa.optimizers import NesterovSchedule

METHODS = {
    "gradient descent": (gradient_descent(0.2), {}),
    "heavy ball": (heavy_ball(0.2, 0.9), {"momentum": 0.9}),
    "Nesterov": (nesterov(0.1, 0.9), {"momentum": 0.9, "nesterov": True}),
}


def _with_torch(model, weights, steps, lr, **options):
    """The loop that a user writes, with autograd and torch.optim.SGD."""
    layers = [layer.clone().requires_grad_() for layer in weights]
    optimizer = torch.optim.SGD(layers, lr=lr, **options)
    for _ in range(steps):
        optimizer.zero_grad()
        (model.residual(layers).square().sum() / 2).backward()
        optimizer.step()
    return [layer.detach() for layer in layers]


@pytest.mark.parametrize("name", METHODS)
def test_parameters_equal_those_of_torch_optim(name, model, rounding):
    method, options = METHODS[name]
    weights = model.initialise([0, 1])
    scale = float(torch.linalg.matrix_norm(model.tangent_kernel(weights), 2).max())
    scaled = Method(method.step_size / scale, method.momentum, method.extrapolation)
    run = train(model, scaled, weights, 60)
    layers = _with_torch(model, weights, 60, scaled.step_size, **options)
    for ours, theirs in zip(run.weights, layers, strict=True):
        assert float((ours - theirs).norm() / theirs.norm()) < rounding


def test_momentum_zero_is_gradient_descent_bit_for_bit(model):
    weights = model.initialise([0])
    runs = [
        train(model, method, weights, 20)
        for method in (gradient_descent(0.1), heavy_ball(0.1, 0.0), nesterov(0.1, 0.0))
    ]
    for other in runs[1:]:
        assert torch.equal(other.residual_norms, runs[0].residual_norms)


@pytest.mark.parametrize("kappa", [10.0, 1e4])
def test_triple_momentum_contracts_by_one_minus_root_kappa(kappa):
    model = Quadratic.with_spectrum(
        torch.logspace(0, -torch.log10(torch.tensor(kappa)), 7).double()
    )
    method = triple_momentum(1 / kappa, 1.0)
    steps = int(60 * kappa**0.5)
    run = train(model, method, model.initialise([0]), steps)
    half = steps // 2
    factor = (run.residual_norms[0, -1] / run.residual_norms[0, half]) ** (1 / (steps - half))
    assert float(factor) == pytest.approx(1 - kappa**-0.5, rel=3e-2 / kappa**0.5)
    with pytest.raises(
        ValueError, match=r"lambda_max must be at least lambda_min = 2.0, got 1.0: swap"
    ):
        triple_momentum(2.0, 1.0)


def test_a_schedule_gives_the_momentum_of_its_step():
    method = nesterov(0.1)
    assert [method.coefficients(t)[1] for t in range(5)] == [0, 0, 0.25, 0.4, 0.5]
    assert not method.is_constant
    with pytest.raises(ValueError, match=r"r must be .* above 0, got 0"):
        NesterovSchedule(0)
    with pytest.raises(ValueError, match=r"momentum at step 3 must lie in \[0, 1\), got 3"):
        heavy_ball(0.1, lambda t: t).coefficients(3)


def test_a_scheduled_run_follows_the_recursion():
    data = datasets.gaussian(d=4, k=2, n=6)
    model = DeepLinear(data.X, data.Y, width=8, depth=2)
    method = nesterov(0.2)
    before = now = model.initialise([0])
    for t in range(30):
        _, beta, gamma = method.coefficients(t)
        point = [w + gamma * (w - v) for w, v in zip(now, before, strict=True)]
        gradient = model.gradient(point)
        ahead = [
            w + beta * (w - v) - 0.2 * g for w, v, g in zip(now, before, gradient, strict=True)
        ]
        before, now = now, ahead
    gamma = method.coefficients(30)[2]
    point = [w + gamma * (w - v) for w, v in zip(now, before, strict=True)]
    run = train(model, method, model.initialise([0]), 30)
    for ours, theirs in zip(run.weights, point, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-13)
