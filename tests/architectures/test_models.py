"""Closed forms against automatic differentiation, and the symmetries of the models."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa import DeepLinear, datasets
from rootkappa.architectures import kronecker, vectorise


def test_the_gradient_is_that_of_automatic_differentiation(model, rounding):
    weights = [layer.requires_grad_() for layer in model.initialise([0, 1, 2])]
    loss = model.residual(weights).square().sum() / 2
    # A layer that is not trained has no gradient: zero.
    grads = torch.autograd.grad(loss, weights, allow_unused=True, materialize_grads=True)
    with torch.no_grad():
        ours = model.gradient(weights)
        residual, _ = model.gradient_factors(weights)
    for exact, oracle in zip(ours, grads, strict=True):
        assert float((exact - oracle).norm()) <= rounding * float(oracle.norm())
    torch.testing.assert_close(residual, model.residual(weights).detach())


def test_the_order_in_memory_changes_no_number(model, rounding):
    weights = model.initialise([0, 1, 2])
    arranged = model.arrange(weights)
    assert all(torch.equal(a, b) for a, b in zip(arranged, weights, strict=True))
    with torch.no_grad():
        pairs = zip(model.gradient(arranged), model.gradient(weights), strict=True)
        for ours, oracle in pairs:
            assert float((ours - oracle).norm()) <= rounding * float(oracle.norm())


@pytest.mark.filterwarnings("ignore::rootkappa.problems.SpectrumWarning")
def test_the_jacobian_and_the_spectra_are_those_of_the_kernel(model, rounding):
    weights = model.initialise([0, 1])
    kernel = model.tangent_kernel(weights)
    jacobian = model.jacobian(weights)
    if jacobian is not None:
        assert float((jacobian @ jacobian.mT - kernel).norm()) <= rounding * float(kernel.norm())
    for one, spectrum in zip(kernel, model.spectra(weights), strict=True):
        values = torch.linalg.eigvalsh(one)[spectrum.dropped :]
        size = float(values[-1])
        assert float((values - spectrum.eigenvalues.to(values)).abs().max()) <= rounding * size


def test_activation_patterns_are_those_of_a_relu_network(model):
    weights = model.initialise([0, 1])
    if "ReLU" not in type(model).__name__:
        with pytest.raises(TypeError, match="has no activation patterns: ask a ReLU network"):
            model.activation_patterns(weights)
        return
    n = model.Y.shape[1]
    shapes = [tuple(pattern.shape) for pattern in model.activation_patterns(weights)]
    hidden = [7, 8, 16] if len(weights) > 2 else [10]
    assert shapes == [(2, width, n) for width in hidden]


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
