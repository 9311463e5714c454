"""The frozen flow against the book's own, and what it says of lists and memory."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rootkappa import dynamics, heavy_ball, nesterov
from rootkappa.optimizers import GradientRestart
from rootkappa.reductions.frozen_live import forecast
from rootkappa.reductions.frozen_live.bounds import Bounds
from rootkappa.reductions.frozen_live.forecast import Flow, Forecast, check_memory, within_reach
from rootkappa.reductions.frozen_live.passes import collect
from tests.reductions.frozen_live.by_hand import network

NET = network(5000, 6)
BOUNDS, H, XI = Bounds(NET.X), NET.kernel(), NET.outputs() - NET.y


@pytest.mark.parametrize("method", [heavy_ball(0.8, 0.6), nesterov(0.7)])
def test_residuals_along_the_path_are_those_of_the_frozen_kernel(method):
    path, far = Flow.resting(method, XI, H).path(np.ones((30, 6)))
    seen = XI[:, 0] + path[:, :, 0] @ H
    law = dynamics.frozen_residuals(method, torch.from_numpy(H), torch.from_numpy(XI[:, 0]), 30)
    np.testing.assert_allclose(seen, law.numpy(), atol=1e-12)
    assert (far > 0.5) == (method.momentum == 0.6)  # nothing coasts where a schedule begins at 0


def test_batches_enter_as_shares_and_velocities_coast():
    shares = np.random.default_rng(0).random((3, 6))
    flow = Flow(heavy_ball(0.1, 0.5), XI, 0 * H, 1 + 0 * XI, 0 * XI)
    path, far = flow.path(shares)
    slopes, v, q = shares[:, :, None] * XI, np.ones((6, 1)), np.zeros((6, 1))
    for slope, seen in zip(slopes, path[1:], strict=True):
        v = 0.5 * v - 0.1 * slope
        q = q + v
        np.testing.assert_allclose(seen, q)
    assert far == pytest.approx(0.5 + 0.25 + 0.125)


def test_a_restart_rule_is_asked_where_it_is_wanted():
    method = heavy_ball(1.0, 0.95).with_restart(GradientRestart())
    flow, plain = (Flow.resting(each, XI, H) for each in (method, heavy_ball(1.0, 0.95)))
    shares = np.ones((80, 6))
    asked, unasked = flow.path(shares)[0], flow.path(shares, restarting=False)[0]
    np.testing.assert_array_equal(unasked, plain.path(shares)[0])
    assert np.abs(asked - unasked).max() > 0.1 * np.abs(asked).max()


def test_warm_pairs_are_counted_on_the_first_blocks():
    path = Flow.resting(heavy_ball(1.0, 0.5), XI, H).path(np.ones((50, 6)))[0]
    within = within_reach(path, BOUNDS)
    found, all_of_them = (
        Forecast.of(NET.neurons, BOUNDS, NET.scale, within),
        len(collect(NET.neurons, BOUNDS, NET.scale, within).r),
    )
    assert found.pairs == pytest.approx(all_of_them, abs=1)
    assert found.warm_share == pytest.approx(all_of_them / 30_000)
    assert found.bytes > 100 * found.pairs


def test_a_flow_without_end_makes_every_pair_warm():
    path = Flow.resting(heavy_ball(1e9, 0.5), XI, H).path(np.ones((200, 6)))[0]
    within = within_reach(path, BOUNDS)
    assert Forecast.of(NET.neurons, BOUNDS, NET.scale, within).warm_share == 1


def test_memory_that_is_not_there_is_said_in_numbers(monkeypatch):
    monkeypatch.setattr(forecast, "available_bytes", lambda: 3 << 30)
    check_memory(3 << 30, "the lists", "lower the width")
    wanted = "the lists would take 5 GiB, and 3 GiB of memory are left: lower the width."
    with pytest.raises(MemoryError, match=wanted):
        check_memory(5 << 30, "the lists", "lower the width")


def test_the_memory_left_is_some():
    assert 1 << 20 < forecast.available_bytes() < 1 << 50
