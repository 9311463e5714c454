"""What batches leave of the gain, against plain runs of torch.optim.SGD."""

from __future__ import annotations

import math

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
