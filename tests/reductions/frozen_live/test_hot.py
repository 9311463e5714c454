"""The hot list: what it computes of its pairs, and when it says that others may have flipped."""

from __future__ import annotations

import numpy as np
import pytest

from rootkappa import heavy_ball
from rootkappa.reductions.frozen_live.bounds import Bounds
from rootkappa.reductions.frozen_live.flips import Flips
from rootkappa.reductions.frozen_live.hot import Hot
from rootkappa.reductions.frozen_live.passes import collect
from rootkappa.reductions.frozen_live.recursion import numbers
from rootkappa.reductions.frozen_live.warm import Warm
from tests.reductions.frozen_live.by_hand import network

NET, LEAKS = network(40, 7, k=2, signs=False), pytest.mark.parametrize("leak", [0.0, 0.3])
BOUNDS, SOURCE = Bounds(NET.X), np.random.default_rng(3)
PAIRS = collect(NET.neurons, BOUNDS, NET.scale, np.full((2, 7, 2), 9.0))
NOW = numbers(heavy_ball(0.1, 0.5), 0)


def _hot(far=1.0, skin=1.0, leak=0.0):
    bounds = Bounds(NET.X, leak)
    warm = Warm(PAIRS, Flips.none(7, 2, leak), bounds)
    zero = np.zeros(len(warm))
    places = np.arange(0, len(warm), 2)
    bound = skin * np.ones((2, 7, 2))
    return Hot(warm, places, bounds, NET.scale, np.zeros((7, 2)), warm.z, 3 + zero, far, bound)


@LEAKS
def test_live_pairs_move_their_own_neuron_only(leak):
    hot, q = _hot(leak=leak), 0.01 * SOURCE.standard_normal((7, 2))
    hot.evaluate(q)
    hot.ever, live = np.arange(len(hot.r)), SOURCE.standard_normal(len(hot.r))
    c = np.where(NET.hidden() >= 0, 1, leak) * (NET.a @ q.T)
    c[hot.r, hot.i] += live
    np.testing.assert_allclose(hot.shifts(q, 0.5, live), (c @ BOUNDS.K)[hot.r, hot.i] + 0.5 * 3)


@LEAKS
def test_a_pair_that_is_off_is_driven_and_the_others_are_not(leak):
    hot, slope = _hot(skin=1e9, leak=leak), SOURCE.standard_normal((7, 2))
    z = hot.evaluate(SOURCE.standard_normal((7, 2)))
    off = (z >= 0) != hot.bit
    assert 0 < off.sum() < len(off)
    wanted = off * (1 - leak) * (1 - 2 * hot.bit) * (hot.a * slope[hot.i]).sum(1)
    np.testing.assert_allclose(hot.drive(slope), wanted)
    hot.advance(slope, NOW)
    np.testing.assert_allclose(hot.delta, -0.1 * wanted)
    hot.stop(NOW)
    assert not hot.u.any()
    assert hot.cv == 0


def test_it_escapes_by_the_shared_numbers_by_live_ones_and_by_coasting():
    q = np.zeros((7, 2))
    assert not _hot().escaped(q)
    q[0, 1] = 0.999 / BOUNDS.largest.max()
    hot = _hot()
    assert not hot.escaped(q)
    assert hot.escaped(1.01 / 0.999 * q) or BOUNDS.reach(1.01 / 0.999 * q).max() < 1
    assert hot.escaped(np.full((7, 2), np.nan))
    coasting = _hot(far=0.4)
    coasting.advance(q, NOW)
    assert coasting.escaped(0 * q)
    live = _hot()
    live.ever = np.array([0])
    live.delta[0] = 1.01 * np.abs(live.a[0]).sum() / BOUNDS.largest.max()
    assert live.escaped(0 * q)
    live.delta[0] *= 0.9 / 1.01
    assert not live.escaped(0 * q)


@LEAKS
@pytest.mark.parametrize("sign", [1, -1])
def test_what_shared_numbers_do_to_a_live_pair_is_no_excess(sign, leak):
    hot, q = _hot(skin=1e9, leak=leak), np.full((7, 2), 0.3)
    hot.ever = np.arange(len(hot.r))
    own = (hot.a * q[hot.i]).sum(1)
    # Each has taken the other bit since the refresh.
    hot.delta = (1 - leak) * np.where(hot.bit, -own, own)
    assert hot._excess(q) < 1e-12
    hot.delta = np.zeros_like(own)
    assert hot._excess(q) < 1e-12
    # A leaky pair does not stay where it is while the shared numbers move.
    hot.delta = -np.where(hot.bit, 1, leak) * own
    assert (hot._excess(q) > 1e-3) == (leak > 0)
    hot.delta = hot.delta + sign * 9 * np.abs(hot.a).sum(1)
    assert hot._excess(q) > 8
