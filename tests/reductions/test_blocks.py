"""Blocks: leading parts of a chain, tunings at the widest spectrum, and shares by truncation."""

from __future__ import annotations

import pytest
import torch

from rootkappa import DeepLinear, datasets, gradient_descent, heavy_ball
from rootkappa.optimizers import classical_nesterov, optimal_heavy_ball, walk
from rootkappa.problems import Spectrum
from rootkappa.reductions import _blocks, sample_krylov
from rootkappa.reductions._blocks import Chain, Run, shares

beyond = _blocks._beyond
DATA = datasets.gaussian(d=2, k=1, n=5, kappa=4).reduced()
ENDS = [(3, 3), (5, 4), (6, 6)]


def _chain():
    source = torch.Generator().manual_seed(3)
    shapes = ((6, 2), (6, 6), (1, 6))
    return Chain([torch.randn(2, *shape, generator=source).double() for shape in shapes], ENDS)


def _network(size):
    return DeepLinear(DATA.X, DATA.Y, size, 3, scale_width=50)


def test_the_leading_network_has_the_outputs_of_its_blocks():
    chain = _chain()
    W1, W2, W3 = chain.weights
    for blocks, (below, above) in enumerate(ENDS):
        weights = chain.leading(blocks)
        assert weights[1].shape[1:] == (max(below, above),) * 2
        plain = W3[:, :, :above] @ W2[:, :above, :below] @ W1[:, :below] @ DATA.X / 50
        torch.testing.assert_close(_network(max(below, above)).predict(weights), plain)


def test_shares_are_what_truncation_leaves_out_along_the_run():
    chain, method = _chain(), heavy_ball(0.5, 0.6)
    # The last method hardly moves: the one before it decides.
    found = shares(chain, _network, Run([method, gradient_descent(1e-9)], 20, 1e-12))
    model, start = _network(6), chain.leading(2)
    first = model.residual(start).flatten(1).norm(dim=1)
    for j, (below, above) in enumerate(ENDS[:-1]):
        worst = 0.0
        for now in walk(method, model.gradient, start, 20):
            cut = [layer.clone() for layer in now.point]
            cut[0][:, below:], cut[2][:, :, above:] = 0, 0
            left_out = model.predict(now.point) - model.predict(cut)
            worst = max(worst, float((left_out.flatten(1).norm(dim=1) / first).max()))
        assert found[j] == pytest.approx(worst)


def test_a_run_is_followed_until_shares_no_longer_change(monkeypatch):
    data = datasets.gaussian(kappa=64).reduced()
    run = {"methods": optimal_heavy_ball, "steps": 400, "tolerance": 1e-6}
    looks = []
    monkeypatch.setattr(_blocks, "_beyond", lambda *a: looks.append(a) or beyond(*a))
    ours, early = sample_krylov(data.X, data.Y, 512, range(3), **run).error, len(looks)
    monkeypatch.setattr(_blocks, "_CONVERGED", 1e-13)
    assert sample_krylov(data.X, data.Y, 512, range(3), **run).error == pytest.approx(
        ours, rel=1e-3
    )
    assert len(looks) - early > 1.5 * early


def test_tunings_are_taken_at_the_widest_spectrum():
    spectra = [Spectrum(2.0, 5.0), Spectrum(1.0, 4.0)]
    fixed = gradient_descent(0.1)
    assert Run(classical_nesterov, 9, 1e-9).tuned(spectra) == [classical_nesterov(1.0, 5.0)]
    assert Run([fixed, classical_nesterov], 9, 1e-9).tuned(spectra)[0] is fixed
    with pytest.raises(TypeError, match="methods must be a sequence, got 'nesterov'"):
        Run("nesterov", 9, 1e-9).tuned(spectra)
