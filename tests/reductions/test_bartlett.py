"""Bartlett factors have the law of QR, networks drawn from them that of reduced wide ones."""

from __future__ import annotations

import pytest
import torch

from rootkappa import DeepLinear, datasets, nesterov, train
from rootkappa.draws import generator, normal
from rootkappa.reductions import bartlett, reduce_orthogonal, sample_krylov, sample_orthogonal

DATA = datasets.gaussian(d=4, k=2, n=9).reduced()


def _agree(ours, theirs):
    """Means within four standard errors."""
    error = (ours.var(0) / len(ours) + theirs.var(0) / len(theirs)).sqrt()
    assert bool(((ours.mean(0) - theirs.mean(0)).abs() <= 4 * error + 1e-12).all())


def test_the_factor_has_the_law_of_qr():
    source = generator(0)
    R = torch.linalg.qr(normal((3000, 7, 3), source))[1]
    direct = R * R.diagonal(dim1=-2, dim2=-1).sign()[:, :, None]
    ours = bartlett(3, 7, range(3000))
    _agree(ours.flatten(1), direct.flatten(1))
    _agree(ours.square().flatten(1), direct.square().flatten(1))
    with pytest.raises(ValueError, match="width must be at least 3, got 2"):
        bartlett(3, 2, [0])


def test_sampled_networks_have_the_law_of_reduced_ones():
    wide = DeepLinear(DATA.X, DATA.Y, 12, 3, "orthogonal")
    reduction = reduce_orthogonal(wide, wide.initialise(range(600)))
    model, weights = sample_orthogonal(DATA.X, DATA.Y, 12, 3, range(600))
    outputs = [
        m.predict(w).flatten(1) for m, w in ((reduction.model, reduction.weights), (model, weights))
    ]
    _agree(outputs[0].square(), outputs[1].square())
    _agree(outputs[0], outputs[1])
    exact = 3 / 2 * torch.kron(DATA.X.T @ DATA.X, torch.eye(2, dtype=torch.float64))
    torch.testing.assert_close(model.tangent_kernel(weights)[0], exact, rtol=1e-10, atol=1e-12)


def test_sampled_gaussian_networks_train_like_wide_ones():
    wide = DeepLinear(DATA.X, DATA.Y, 48, 3)
    model, weights = sample_krylov(DATA.X, DATA.Y, 48, 5, range(600))
    runs = [
        train(network, nesterov(0.3, 0.7), start, 12)
        for network, start in ((wide, wide.initialise(range(600))), (model, weights))
    ]
    _agree(*(run.losses for run in runs))
    _agree(*(run.losses.square() for run in runs))
    kernels = [
        network.tangent_kernel(run.weights).flatten(1)
        for network, run in zip((wide, model), runs, strict=True)
    ]
    _agree(*kernels)
    with pytest.raises(ValueError, match="width must be at least 42, got 40"):
        sample_krylov(DATA.X, DATA.Y, 40, 5, [0])
