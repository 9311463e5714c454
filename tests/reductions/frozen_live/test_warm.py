"""Warm pairs with packed bits against dense arrays."""

from __future__ import annotations

import numpy as np
import pytest

from rootkappa.reductions.frozen_live import warm as file
from rootkappa.reductions.frozen_live.bounds import Bounds
from rootkappa.reductions.frozen_live.flips import Flips
from rootkappa.reductions.frozen_live.neurons import Block
from rootkappa.reductions.frozen_live.passes import collect
from rootkappa.reductions.frozen_live.warm import Warm
from tests.reductions.frozen_live.by_hand import Plain, network

NET = network(50, 11, k=2, signs=False)
BOUNDS, NONE = Bounds(NET.X), Flips.none(11, 2, 0.0)
PAIRS = collect(Plain([Block(0, NET.W, NET.a)]), BOUNDS, NET.scale, np.full((2, 11, 2), 2.0))
BITS = NET.hidden() >= 0


@pytest.mark.parametrize("leak", [0.0, 0.3])
@pytest.mark.parametrize("few", [0, 10**6])
def test_shifts_by_tables_and_without(few, leak, monkeypatch):
    monkeypatch.setattr(file, "_FEW", few)
    warm, q = (
        Warm(PAIRS, NONE, Bounds(NET.X, leak)),
        np.random.default_rng(2).standard_normal((11, 2)),
    )
    dense = (np.where(BITS, 1, leak) * (NET.a @ q.T)) @ BOUNDS.K
    assert 0 < len(warm) < 50 * 11
    np.testing.assert_allclose(warm.shifts(q), dense[warm.r, warm.i], rtol=1e-12)


def test_bits_turn_in_all_rows_of_a_neuron():
    warm, bits = Warm(PAIRS, NONE, BOUNDS), BITS.copy()
    key = np.unique((warm.r * 11 + warm.i)[::3])
    warm.turn(key)
    bits[key // 11, key % 11] ^= True
    assert (warm.rows(np.arange(len(warm))) == bits[warm.r]).all()
    assert (warm.own() == bits[warm.r, warm.i]).all()
    assert (warm.find(key) == [np.flatnonzero(warm.r * 11 + warm.i == x)[0] for x in key]).all()
    # A list made anew has the bits that the flips say.
    zero = np.zeros(len(key))
    start = BITS[key // 11, key % 11]
    flips = NONE.added(key, NET.a[key // 11], start, zero, zero).turned(
        key, zero[:11, None], zero[:11, None]
    )
    assert (Warm(PAIRS, flips, BOUNDS).bits == warm.bits).all()


def test_flips_are_felt_by_the_pairs_of_their_neuron():
    warm, key = Warm(PAIRS, NONE, BOUNDS), np.array([3, 7, 25, 540])
    values = np.array([1.0, 10, 100, 1000])
    zero = np.zeros(4)
    flips = NONE.added(key, NET.a[key // 11], zero > 0, zero, zero)
    wanted = [
        sum(BOUNDS.K[i, k % 11] * x for k, x in zip(key, values, strict=True) if k // 11 == r)
        for r, i in zip(warm.r, warm.i, strict=True)
    ]
    np.testing.assert_allclose(warm.coupled(flips, values), wanted)
