"""Lists of flipped pairs: what is kept when reference bits turn, and sums a neuron."""

from __future__ import annotations

import numpy as np
import pytest

from rootkappa.reductions.frozen_live.bounds import Hull
from rootkappa.reductions.frozen_live.flips import Flips, match

SOURCE = np.random.default_rng(0)
Q, P = SOURCE.standard_normal((2, 5, 2))
# Neuron 1 flipped on samples 0 and 3, neuron 4 on sample 2: given in another order.
KEYS = np.array([22, 5, 8])
A = np.array([[1.0, -1], [2, 1], [2, 1]])


def _some(leak=0.0):
    bits = np.array([True, False, True])
    return Flips.none(5, 2, leak).added(KEYS, A, bits, np.array([1.0, 2, 3]), np.array([4.0, 5, 6]))


def test_matches_are_all_pairs_of_equal_keys():
    keys, wanted = np.array([0, 2, 2, 5]), np.array([2, 7, 0, 2])
    found = set(zip(*(x.tolist() for x in match(keys, wanted)), strict=True))
    assert found == {(x, y) for x in range(4) for y in range(4) if keys[x] == wanted[y]}


def test_they_stay_in_the_order_of_their_keys_and_add_up():
    flips = _some()
    assert (flips.key.tolist(), flips.delta.tolist()) == ([5, 8, 22], [2, 3, 1])
    assert (flips.r.tolist(), flips.j.tolist()) == ([1, 1, 4], [0, 3, 2])
    more = flips.turned(np.array([8]), 0 * Q, 0 * P).added(
        np.array([8, 0]), A[:2], np.array([True, True]), np.array([10.0, 20]), np.zeros(2)
    )
    assert more.delta.tolist() == [20, 2, 13, 1]
    # A pair that comes back keeps its first bit, and its reference bit of now.
    assert (more.start.tolist(), more.bit.tolist()) == ([1, 0, 1, 1], [1, 0, 0, 1])


@pytest.mark.parametrize("leak", [0.0, 0.3])
def test_numbers_and_velocities_stay_when_bits_turn(leak):
    flips = _some(leak)
    turned = flips.turned(np.array([22, 5]), Q, P)
    assert turned.bit.tolist() == [True, True, False]
    for x, name in ((Q, "delta"), (P, "u")):
        own = (flips.a * x[flips.j]).sum(1)
        one, two = (
            np.where(each.bit, 1, leak) * own + getattr(each, name) for each in (turned, flips)
        )
        np.testing.assert_allclose(one, two)
        assert name == "u" or flips.numbers(Q) == pytest.approx(two)


def test_coasting_is_one_scalar_for_all():
    flips = _some().coasted(0.5, 0.1)
    np.testing.assert_allclose(flips.delta, [2 + 2.5, 3 + 3, 1 + 2])
    np.testing.assert_allclose(flips.u, [0.5, 0.6, 0.4])


@pytest.mark.parametrize("leak", [0.0, 0.3])
def test_excess_and_speed_are_sums_over_one_neuron(leak):
    flips, zero = _some(leak), np.zeros((5, 2))
    assert flips.speed() == pytest.approx((5 + 6) / 3)
    # The leaky part of a number has followed Q; of the rest, the hull allows nothing, 0.1 or all.
    rest = np.abs(flips.numbers(Q) - leak * (flips.a * Q[flips.j]).sum(1))
    for size in (0.0, 0.1, 99.0):
        far = np.maximum(rest / [3, 3, 2] - (1 - leak) * size, 0)
        found = flips.excess(Q, Hull(zero - size, zero + size, zero, zero))
        assert found == pytest.approx(max(far[:2].sum(), far[2]))
    assert Flips.none(5, 2, 0.3).speed() == 0
