"""The convex block against `RotatedReLU`, the Lyapunov trace, and plain NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from rootkappa import train
from rootkappa.architectures import PartitionedReLU, RotatedReLU, rotation
from rootkappa.evidence.deep_relu_partition import block, drawn, patience
from rootkappa.theorems import PartitionNesterov


def test_the_turned_run_is_that_of_rotated_relu():
    start = drawn(0, 3, 40)
    rotated = RotatedReLU.at(start.model, start.weights)
    run = train(rotated, start.nesterov(0.25), rotated.rotate(start.weights), 30)
    turn = rotation(start.model, start.weights)[0]
    ours = block._run(start, turn, 30)
    # `train` is read at the evaluation point: one more step of momentum.
    before = block._run(start, turn, 29)
    beta = start.nesterov(0.25).momentum
    for a, b, theirs in zip(ours, before, rotated.restore(run.weights), strict=True):
        assert (a + beta * (a - b)).numpy() == pytest.approx(theirs.numpy(), abs=1e-12)


def test_a_stretch_is_no_rotation():
    turned, stretched = block.differences(drawn(1, 3, 40), 30)
    assert turned < 1e-13
    assert stretched > 1e-3


def test_flat_directions_are_counted():
    start = drawn(0, 3, 40)
    inner, middle = (layer[0].numpy() for layer in start.weights[:2])
    features = np.maximum(middle @ np.maximum(inner @ start.model.X.numpy(), 0), 0)
    assert block.flat(start) == 40 - np.linalg.matrix_rank(features @ features.T) == 20


def test_the_inequality_is_that_of_the_trace():
    start = drawn(2, 3, 128)
    ours, steps = block._inequality(start), patience(start.constants)
    blocks = PartitionedReLU(start.model, start.weights)
    trace = PartitionNesterov(1.0).follow(blocks, start.weights, steps, start.constants)
    # Lemma 14 takes half of the mu that the trace was given.
    assert ours.curve[:40].numpy() == pytest.approx(0.5 / trace.pl[0, :160:4].numpy(), rel=1e-9)
    assert ours.report.holds


def test_a_narrow_network_breaks_both():
    narrow = drawn(0, 3, block.NARROW)
    found = block._inequality(narrow)
    assert found.worst > 1
    assert not found.report.holds
    assert block._followed(narrow, 1.0, 100).worst > 1
