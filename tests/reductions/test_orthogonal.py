"""Reduced orthogonal networks against the wide ones, and draws of them against reduced ones."""

from __future__ import annotations

import pytest
import torch

from rootkappa import DeepLinear, datasets, gradient_descent, heavy_ball, nesterov, train
from rootkappa.reductions import reduce, sample_orthogonal

DATA = datasets.gaussian(d=4, k=2, n=9, kappa=9).reduced()
METHODS = [gradient_descent(0.15), heavy_ball(0.15, 0.7), nesterov(0.1, 0.7)]


def _runs(model, weights, reduction, steps=200):
    wide = train(model, METHODS, weights, steps)
    narrow = train(reduction.model, METHODS, reduction.weights, steps)
    return wide, narrow


def _gap(wide, narrow, steps=None):
    ours, theirs = wide.residual_norms[:, :steps], narrow.residual_norms[:, :steps]
    return float((ours - theirs).abs().max() / ours.max())


@pytest.mark.parametrize("depth", [2, 3, 8])
@pytest.mark.parametrize("width", [6, 40])
def test_an_orthogonal_network_is_a_narrow_one(depth, width):
    model = DeepLinear(DATA.X, DATA.Y, width, depth, "orthogonal")
    weights = model.initialise(range(3))
    reduction = reduce(model, weights)
    assert reduction.model.width <= 4 + 2
    wide, narrow = _runs(model, weights, reduction)
    assert _gap(wide, narrow) < 1e-12
    for ours, theirs in zip(wide.weights, reduction.lift(narrow.weights), strict=True):
        assert float((ours - theirs).norm() / ours.norm()) < 1e-11
    kernels = [model.tangent_kernel(weights), reduction.model.tangent_kernel(reduction.weights)]
    torch.testing.assert_close(*kernels, rtol=1e-11, atol=1e-12)


def _agree(ours, theirs):
    """Means within four standard errors."""
    error = (ours.var(0) / len(ours) + theirs.var(0) / len(theirs)).sqrt()
    assert bool(((ours.mean(0) - theirs.mean(0)).abs() <= 4 * error + 1e-12).all())


def test_sampled_networks_have_the_law_of_reduced_ones():
    wide = DeepLinear(DATA.X, DATA.Y, 12, 3, "orthogonal")
    reduced = reduce(wide, wide.initialise(range(600)))
    drawn = sample_orthogonal(DATA.X, DATA.Y, 12, 3, range(600))
    assert (drawn.lift, drawn.exact_steps) == (None, None)
    outputs = [some.model.predict(some.weights).flatten(1) for some in (reduced, drawn)]
    _agree(outputs[0].square(), outputs[1].square())
    _agree(outputs[0], outputs[1])
    exact = 3 / 2 * torch.kron(DATA.X.T @ DATA.X, torch.eye(2, dtype=torch.float64))
    kernel = drawn.model.tangent_kernel(drawn.weights)[0]
    torch.testing.assert_close(kernel, exact, rtol=1e-10, atol=1e-12)


def _decayed(model, weights, decay, steps=40):
    layers = [layer.clone().requires_grad_() for layer in weights]
    optimizer = torch.optim.SGD(layers, lr=0.1, momentum=0.7, weight_decay=decay, dampening=0.2)
    for _ in range(steps):
        optimizer.zero_grad()
        (model.residual(layers).square().sum() / 2).backward()
        optimizer.step()
    return [layer.detach() for layer in layers]


@pytest.mark.parametrize("decay", [0.0, 0.05])
def test_weight_decay_keeps_the_outputs_and_loses_the_lifted_weights(decay):
    model = DeepLinear(DATA.X, DATA.Y, 20, 4, "orthogonal")
    weights = model.initialise([0])
    reduction = reduce(model, weights)
    wide = _decayed(model, weights, decay)
    narrow = _decayed(reduction.model, reduction.weights, decay)
    outputs = [model.predict(wide), reduction.model.predict(narrow)]
    torch.testing.assert_close(*outputs, rtol=1e-10, atol=1e-12)
    lost = float((reduction.lift(narrow)[1] - wide[1]).norm() / wide[1].norm())
    assert (lost > 0.01) if decay else (lost < 1e-12)


def test_what_does_not_reduce_is_refused_with_the_reason():
    model = DeepLinear(DATA.X, DATA.Y, 12, 4)
    weights = model.initialise([0])
    with pytest.raises(ValueError, match=r"layer 2 is not sqrt\(m\) times .* orthogonally, or use"):
        reduce(model, weights)
    one = DeepLinear(DATA.X, DATA.Y, 12, 1)
    with pytest.raises(ValueError, match="depth 1 has no hidden layer to reduce"):
        reduce(one, one.initialise([0]))
    two = DeepLinear(DATA.X, DATA.Y, 12, 2)
    decay = torch.optim.SGD([torch.zeros(1)], lr=1, weight_decay=0.1)
    # Without a middle layer nothing lies outside the span.
    assert reduce(two, two.initialise([0]), decay).model.width == 6
    deep = DeepLinear(DATA.X, DATA.Y, 12, 3, "orthogonal")
    with pytest.raises(ValueError, match=r"weight_decay = 0.1, which shrinks the middle layers"):
        reduce(deep, deep.initialise([0]), decay)
    with pytest.raises(ValueError, match="Adam is not known to stay in the span"):
        sample_orthogonal(DATA.X, DATA.Y, 12, 3, [0], torch.optim.Adam)
    assert sample_orthogonal(DATA.X, DATA.Y, 12, 3, [0], decay).model.width == 6
    with pytest.raises(ValueError, match="depth must be at least 2, got 1"):
        sample_orthogonal(DATA.X, DATA.Y, 12, 1, [0])
    with pytest.raises(ValueError, match="width must be at least 6, got 5"):
        sample_orthogonal(DATA.X, DATA.Y, 5, 3, [0])
