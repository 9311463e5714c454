"""Weights that are lifted when somebody looks, and observers that need none."""

from __future__ import annotations

import pytest
import torch

from rootkappa import TwoLayerReLU, datasets, heavy_ball, train
from rootkappa.reductions import CountedNeurons
from rootkappa.reductions.frozen_live import forecast
from rootkappa.training import Snapshot, train_wide
from rootkappa.training.lifted import WideSnapshot, ready_made

DATA = datasets.sphere(d=5, n=9)
MODEL = TwoLayerReLU(DATA.X, DATA.Y, 5000, "antisymmetric")
COUNTED, METHOD = CountedNeurons([0]), heavy_ball(0.4, 0.8)


@pytest.fixture(scope="module")
def runs():
    direct = train(MODEL, METHOD, COUNTED.draw(MODEL), 50)
    return direct, train_wide(MODEL, METHOD, COUNTED, 50, hand_over=False)


def test_layers_and_blocks_are_the_weights_of_the_direct_run(runs):
    direct, wide = runs
    lifted, start = wide.runs[0].weights, wide.runs[0].start
    assert len(lifted) == len(start) == 2
    torch.testing.assert_close(list(lifted), direct.weights, rtol=1e-9, atol=1e-11)
    torch.testing.assert_close(lifted[0], direct.weights[0], rtol=1e-9, atol=1e-11)
    assert all(map(torch.equal, start, direct.start))
    for block in lifted.blocks():
        part = slice(block.first, block.first + len(block.W))
        ours = torch.from_numpy(block.W), torch.from_numpy(block.a.T.copy())
        theirs = direct.weights[0][0, part], direct.weights[1][0, :, part]
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-11)
    first = next(start.blocks())
    assert torch.equal(torch.from_numpy(first.W), direct.start[0][0, : len(first.W)])


def test_weights_that_do_not_fit_are_not_lifted(runs, monkeypatch):
    monkeypatch.setattr(forecast, "available_bytes", lambda: 1 << 17)
    with pytest.raises(MemoryError, match=r"weights would take .* left: go .* with blocks\(\)"):
        list(runs[1].runs[0].weights)


def test_ready_made_observers_look_at_live_pairs(runs):
    direct, wide = runs
    state = wide.runs[0].weights.state
    now, here = WideSnapshot(MODEL, 50, state), direct.snapshot()
    for name in ("displacement", "largest_displacement", "flipped_share", "kernel_drift"):
        observer = ready_made(getattr(Snapshot, name))
        assert observer is getattr(WideSnapshot, name)
        torch.testing.assert_close(observer(now), getattr(here, name)(), rtol=1e-9, atol=1e-12)
    ends = now.kernel_extremes()
    torch.testing.assert_close(ends, here.kernel_extremes(), rtol=1e-9, atol=1e-12)
    own = ready_made(Snapshot.distance_from_start)
    assert own is Snapshot.distance_from_start
    torch.testing.assert_close(own(now), own(here))


def test_layers_are_given_by_place_and_by_slice(runs):
    lifted = runs[1].runs[0].weights
    inner, outer = lifted
    assert (inner.shape, outer.shape) == ((1, 5000, 5), (1, 1, 5000))
    assert torch.equal(lifted[-1], outer)
    assert [layer.shape for layer in lifted[:1]] == [inner.shape]
    assert lifted[2:] == []
    with pytest.raises(IndexError):
        lifted[2]


def test_an_observer_of_ones_own_is_left_alone_and_sees_the_weights(runs):
    def own(now):
        return torch.stack([layer.square().sum() for layer in now.weights]).sum()[None]

    assert ready_made(own) is own
    state = runs[1].runs[0].weights.state
    exact = sum(layer.square().sum() for layer in runs[0].weights)
    torch.testing.assert_close(own(WideSnapshot(MODEL, 50, state))[0], exact, rtol=1e-9, atol=0)


def test_what_is_seen_of_one_replica_has_its_row(runs):
    now = WideSnapshot(MODEL, 50, runs[1].runs[0].weights.state)
    assert (now.step, now.model) == (50, MODEL)
    for name in ("displacement", "largest_displacement", "flipped_share", "kernel_drift"):
        seen = getattr(now, name)()
        assert (seen.shape, seen.dtype) == ((1,), torch.float64)
    assert now.kernel_extremes().shape == (1, 2)
