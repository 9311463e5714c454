"""Closed forms against automatic differentiation, and the symmetries of the models."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa import DeepLinear, datasets
from rootkappa.architectures import kronecker, vectorise


def test_the_gradient_is_that_of_automatic_differentiation(model, rounding):
    weights = [layer.requires_grad_() for layer in model.initialise([0, 1, 2])]
    (model.residual(weights).square().sum() / 2).backward()
    with torch.no_grad():
        ours = model.gradient(weights)
        residual, _ = model.gradient_factors(weights)
    for exact, layer in zip(ours, weights, strict=True):
        assert float((exact - layer.grad).norm() / layer.grad.norm()) < rounding
    torch.testing.assert_close(residual, model.residual(weights).detach())


def test_replicas_depend_on_their_own_seed_only(model):
    together = model.initialise([3, 8])
    alone = model.initialise([8])
    assert all(torch.equal(a[1], b[0]) for a, b in zip(together, alone, strict=True))
    assert [layer.shape[1:] for layer in together] == [torch.Size(s) for s in model.shapes]


def test_the_prediction_is_the_plain_product():
    data = datasets.gaussian()
    model = DeepLinear(data.X, data.Y, width=11, depth=3)
    W1, W2, W3 = (layer[0] for layer in model.initialise([0]))
    torch.testing.assert_close(
        model.predict(model.initialise([0]))[0], W3 @ W2 @ W1 @ data.X / math.sqrt(11**2 * 3)
    )


@pytest.mark.parametrize(("width", "depth"), [(4096, 2), (16, 700)])
def test_no_power_of_the_width_overflows(width, depth):
    data = datasets.gaussian(d=3, k=2, n=4)
    for initialisation in ("gaussian", "orthogonal"):
        model = DeepLinear(data.X, data.Y, width, depth, initialisation)
        residual, factors = model.gradient_factors(model.initialise([0]))
        assert torch.isfinite(residual).all()
        assert all(torch.isfinite(a).all() and torch.isfinite(b).all() for a, b in factors)


def test_outputs_keep_the_size_of_the_inputs_on_average():
    data = datasets.gaussian(d=4, k=3, n=5)
    model = DeepLinear(data.X, data.Y, width=64, depth=3)
    ratio = model.predict(model.initialise(range(400))).square().sum((1, 2)) / data.X.square().sum()
    assert abs(float(ratio.mean()) - 1) < 4 * float(ratio.std()) / 20


def test_orthogonal_layers_are_scaled_isometries():
    data = datasets.gaussian(d=4, k=3, n=5)
    W1, W2, W3 = (
        layer[0] for layer in DeepLinear(data.X, data.Y, 9, 3, "orthogonal").initialise([0])
    )
    for gram in (W1.T @ W1, W2 @ W2.T, W3 @ W3.T):
        torch.testing.assert_close(gram, 9 * torch.eye(len(gram), dtype=gram.dtype))


def test_vec_and_kronecker_are_column_major():
    M, Z, N = (torch.randn(1, 3, 3, dtype=torch.float64) for _ in range(3))
    left = vectorise(M @ Z @ N)
    right = kronecker(N.mT, M) @ vectorise(Z)[..., None]
    torch.testing.assert_close(left, right[..., 0])


@pytest.mark.parametrize("n", [4, 30])
def test_a_condensed_model_has_the_same_gradient_and_residuals_up_to_a_constant(n):
    data = datasets.gaussian(d=4, k=2, n=n, noise=0.5)
    model = DeepLinear(data.X, data.Y, width=7, depth=3)
    less, rest = model.condensed()
    assert less.Y.shape == (2, 4)
    weights = model.initialise([0, 1])
    for ours, theirs in zip(model.gradient(weights), less.gradient(weights), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-11, atol=1e-13)
    (a, b), (c, e) = model.residual(weights).flatten(1), less.residual(weights).flatten(1)
    assert float(a @ b) == pytest.approx(float(c @ e) + rest, rel=1e-12)


def test_models_without_less_data_condense_to_themselves(model):
    less, _ = model.condensed()
    assert less is model or less.Y.numel() < model.Y.numel()
    zero = DeepLinear(torch.zeros(2, 5), torch.ones(1, 5), width=3, depth=2)
    assert zero.condensed() == (zero, 0.0)
