"""Moves to second order and frozen residuals, in plain loops and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rootkappa.evidence.how_wide import drift, races
from rootkappa.optimizers import gradient_descent, heavy_ball, nesterov


@pytest.mark.parametrize("depth", [2, 3, 5, 9])
def test_coefficients_are_sums_of_layers(depth):
    layers = range(1, depth)
    assert drift.coefficients(depth) == (sum(layers), sum(one * one for one in layers))


@pytest.mark.parametrize(
    "method", [gradient_descent(0.125), heavy_ball(0.125, 0.75), nesterov(0.125, 0.5)]
)
def test_moves_are_a_plain_loop(method):
    source = np.random.default_rng(0)
    X, C, Z = source.standard_normal((3, 4)), *source.standard_normal((2, 2, 3))
    eta, beta, gamma = method.coefficients(0)
    parts = before = [np.zeros((2, 3)), np.zeros((3, 3)), np.zeros((2, 2))]
    for _ in range(7):
        M = parts[0] + gamma * (parts[0] - before[0])
        rho = (C - 4 * M - Z) @ X @ X.T / 2
        pulls = [rho, M.T @ rho, rho @ M.T]
        after = [
            now + beta * (now - old) + eta * pull
            for now, old, pull in zip(parts, before, pulls, strict=True)
        ]
        before, parts = parts, after
    ahead = [now + gamma * (now - old) for now, old in zip(parts, before, strict=True)]
    stack = [torch.from_numpy(one)[None] for one in (C, Z)]
    moved = drift.moves(torch.from_numpy(X), *stack, 4, [method], 7)
    for ours, plain in zip((moved.first, moved.below, moved.above), ahead, strict=True):
        np.testing.assert_allclose(ours[0].numpy(), plain, rtol=1e-9, atol=1e-12)


def test_no_move_is_no_change_of_the_kernel():
    X = torch.eye(3).double()
    still = drift.Moves(*(torch.zeros(1, *shape).double() for shape in ((2, 3), (3, 3), (2, 2))))
    change = drift.change(X, torch.ones(1, 2, 3).double(), still, 5.0)
    assert change.shape == (1, 6, 6)
    assert not change.any()


def test_frozen_residuals_are_pulled_by_their_own_kernels():
    source = torch.Generator().manual_seed(0)
    roots = torch.randn(3, 4, 4, generator=source, dtype=torch.float64)
    kernels = roots @ roots.mT
    model = races.Frozen(kernels)
    xi = [torch.randn(3, 4, 1, generator=source, dtype=torch.float64)]
    assert (model.replicas, model.shapes) == (3, [(4, 1)])
    assert torch.equal(model.residual(xi), xi[0])
    torch.testing.assert_close(model.gradient(xi)[0], kernels @ xi[0])
    some = model.select([2, 0])
    torch.testing.assert_close(some.tangent_kernel([]), kernels[[2, 0]])
    with pytest.raises(ValueError, match="row 3 is not there"):
        model.select([3])
    with pytest.raises(NotImplementedError, match="residuals start where networks do"):
        model.initialise([0, 1, 2])
