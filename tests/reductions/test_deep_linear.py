"""Reduced deep linear networks against the wide ones, and where the reductions do not hold."""

from __future__ import annotations

import pytest
import torch

from rootkappa import DeepLinear, datasets, gradient_descent, heavy_ball, nesterov, train
from rootkappa.reductions import reduce_krylov, reduce_orthogonal

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
    reduction = reduce_orthogonal(model, weights)
    assert reduction.model.width <= 4 + 2
    wide, narrow = _runs(model, weights, reduction)
    assert _gap(wide, narrow) < 1e-12
    for ours, theirs in zip(wide.weights, reduction.lift(narrow.weights), strict=True):
        assert float((ours - theirs).norm() / ours.norm()) < 1e-11
    kernels = [model.tangent_kernel(weights), reduction.model.tangent_kernel(reduction.weights)]
    torch.testing.assert_close(*kernels, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("blocks", [0, 1, 3])
def test_the_krylov_reduction_is_exact_for_the_steps_it_names(blocks):
    model = DeepLinear(DATA.X, DATA.Y, 60, 3)
    weights = model.initialise(range(3))
    reduction = reduce_krylov(model, weights, blocks)
    assert reduction.exact_steps == blocks + 1
    wide, narrow = _runs(model, weights, reduction, 30)
    assert _gap(wide, narrow, blocks + 2) < 1e-13
    lifted = reduction.lift(reduction.weights)
    assert all(torch.allclose(a, b, atol=1e-12) for a, b in zip(lifted, weights, strict=True))
    if blocks == 0:
        assert _gap(wide, narrow) > 1e-5
    if blocks == 3:
        assert _gap(wide, narrow) < 1e-9


def test_what_does_not_reduce_is_refused_with_the_reason():
    model = DeepLinear(DATA.X, DATA.Y, 12, 4)
    weights = model.initialise([0])
    with pytest.raises(ValueError, match=r"layer 2 is not sqrt\(m\) times .* orthogonally, or use"):
        reduce_orthogonal(model, weights)
    with pytest.raises(ValueError, match="written for depth 3, got 4"):
        reduce_krylov(model, weights, 1)
    one = DeepLinear(DATA.X, DATA.Y, 12, 1)
    with pytest.raises(ValueError, match="depth 1 has no hidden layer to reduce"):
        reduce_orthogonal(one, one.initialise([0]))
    two = DeepLinear(DATA.X, DATA.Y, 12, 2)
    assert reduce_orthogonal(two, two.initialise([0])).model.width == 6
