"""What batches leave of the gain, against plain runs of torch.optim.SGD."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rootkappa import draws
from rootkappa.evidence import measure
from rootkappa.evidence.own_network import batches


def test_stacked_batches_are_those_of_torch():
    found = batches.drawn(3)
    for batch in (10, batches.SAMPLES):
        counts = batches.steps([batches.drawn(4), found], batch, [1, 2])[:, 1]
        shares = batches.SHARES if batch < batches.SAMPLES else (1.0,)
        for numbers, count in zip(found.numbers, counts.tolist(), strict=True):
            assert count == min(plain(found, numbers, share, batch) for share in shares)


def plain(found, numbers, share, batch):
    """Steps of one run by torch.optim.SGD."""
    module = batches.Small(*(weight.clone() for weight in found.weights))
    sgd = torch.optim.SGD(module.parameters(), lr=share * numbers[0], momentum=numbers[1])
    source, start = draws.generator(2), None
    for t in range(400):
        errors = (module(found.X) - found.Y).square()
        start = errors.mean() if start is None else start
        if errors.mean() < 0.01 * start:
            return t
        order = torch.rand(len(found.X), generator=source, dtype=torch.float64).argsort()
        sgd.zero_grad()
        errors[order[:batch]].mean().backward()
        sgd.step()
    return math.inf


def test_small_batches_keep_less_than_all_samples():
    evidence = measure("own-network/batch-eats-gain", draws=2, first=5)
    assert max(evidence.measured["kept"]) < 0.5
    assert evidence.control.measured["kept"] == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize("batch", [1, 7, batches.SAMPLES])
def test_a_batch_has_its_size_and_every_network_its_own(batch):
    seen = batches._chosen(batch, [draws.generator(seed) for seed in (0, 1, 1)])[..., 0]
    assert seen.shape == (3, batches.SAMPLES)
    assert set(seen.unique().tolist()) <= {0.0, 1.0}
    assert seen.sum(1).tolist() == [batch] * 3
    assert torch.equal(seen[1], seen[2])
    if batch < batches.SAMPLES:
        assert not torch.equal(seen[0], seen[1])


def test_the_small_network_by_hand():
    found = batches.drawn(0)
    inner, outer = (weight.numpy() for weight in found.weights)
    hidden = np.tanh(found.X.numpy() @ inner.T / np.sqrt(8))
    expected = 4 * hidden @ outer.T / 8
    ours = batches.Small(*found.weights)(found.X).detach().numpy()
    np.testing.assert_allclose(ours, expected, rtol=1e-12)
    x = found.X.numpy()
    labels = np.sin(x[:, :1]) + x[:, 1:2] * x[:, 2:3] / 2
    np.testing.assert_allclose(found.Y.numpy(), labels, rtol=1e-12)


def test_a_network_that_does_not_arrive_takes_for_ever(monkeypatch):
    monkeypatch.setattr(batches, "_MOST", 1)
    found = batches.drawn(3)
    assert batches.steps([found, found], 10, [0, 1]).tolist() == [[math.inf] * 2] * 2


def test_what_is_kept_of_a_gain_by_hand(monkeypatch):
    # Rows are gradient descent and heavy ball: gains of 2 and 4 with all samples.
    counts = {2: [[90.0, 60.0], [60.0, 60.0]], 40: [[80.0, 80.0], [40.0, 20.0]]}
    half = [[60.0, 30.0], [40.0, 12.0]]

    def made(networks, batch, seeds):
        assert (list(networks), list(seeds)) == ([drawn, drawn], [7, 8])
        return torch.tensor(counts.get(batch, half), dtype=torch.float64)

    drawn = batches.Drawn(None, None, None, None, 12.0)
    monkeypatch.setattr(batches, "drawn", lambda seed: drawn)
    monkeypatch.setattr(batches, "steps", made)
    found = batches.batch_eats_gain([7, 8])
    assert found.measured["kept"] == pytest.approx([0.5, 0.0])
    assert found.control.measured["kept"] == pytest.approx([1.0, 1.0])
    assert found.shown["critical"] == [12.0, 12.0]
    assert {batch: gain.tolist() for batch, gain in found.shown["gains"].items()} == {
        2: [1.5, 1.0],
        10: [1.5, 2.5],
        20: [1.5, 2.5],
        40: [2.0, 4.0],
    }
