"""Certificates against all patterns of bits, one by one."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from rootkappa.reductions.frozen_live.bounds import Bounds, outside, slopes

SOURCE = np.random.default_rng(0)
BOUNDS = Bounds(SOURCE.standard_normal((3, 6)))
PATTERNS = np.array(list(product([0, 1], repeat=6)), dtype=float)


@pytest.mark.parametrize("leak", [0.0, 0.3])
@pytest.mark.parametrize("k", [1, 2])
def test_the_reach_is_the_largest_over_all_patterns(k, leak):
    x = SOURCE.standard_normal((6, k))
    down, up = Bounds(BOUNDS.X, leak).reach(x)
    for c in range(k):
        sums = np.where(PATTERNS, 1, leak) * x[:, c] @ BOUNDS.K
        np.testing.assert_allclose(up[:, c], sums.max(0), atol=1e-12)
        np.testing.assert_allclose(down[:, c], -sums.min(0), atol=1e-12)


@pytest.mark.parametrize("leak", [0.0, 0.3])
def test_the_reach_of_a_hull_is_the_largest_over_its_corners(leak):
    path, bounds = SOURCE.standard_normal((4, 6, 1)), Bounds(BOUNDS.X, leak)
    path[0] = 0
    hull = bounds.hull(path[:2]).joined(bounds.hull(path[2:]))
    down, up = bounds.hull_reach(hull)
    # A leaky part that follows the path, and the rest somewhere in the box around it.
    low, high = path.min(0)[:, 0], path.max(0)[:, 0]
    corners = (PATTERNS * high + (1 - PATTERNS) * low) @ BOUNDS.K
    sums = leak * (path[:, :, 0] @ BOUNDS.K)[:, None] + (1 - leak) * corners
    np.testing.assert_allclose(up[:, 0], sums.max((0, 1)), atol=1e-12)
    np.testing.assert_allclose(down[:, 0], -sums.min((0, 1)), atol=1e-12)


def test_a_margin_is_how_far_a_pair_moves_towards_its_kink_and_no_farther():
    x, a = SOURCE.standard_normal((6, 2)), SOURCE.standard_normal((40, 2))
    samples, positive = SOURCE.integers(0, 6, 40), SOURCE.integers(0, 2, 40) == 1
    margins = BOUNDS.margin(BOUNDS.reach(x), a, samples, positive)
    for margin, outer, i, above in zip(margins, a, samples, positive, strict=True):
        # Each output has bits of its own: a little more than the pairs of a neuron can do.
        each = [(PATTERNS * (outer[c] * x[:, c])) @ BOUNDS.K[:, i] for c in (0, 1)]
        farthest = -sum(one.min() for one in each) if above else sum(one.max() for one in each)
        assert margin == pytest.approx(farthest)


def test_numbers_outside_of_what_the_shared_ones_allow():
    a, low, high = np.array([[2.0], [-2.0], [0.0]]), np.full((3, 1), -1.0), np.full((3, 1), 3.0)
    # a.x lies in [-2, 6] for the first, in [-6, 2] for the second.
    assert outside(np.array([7.0, 7.0, 0.0]), a, low, high).tolist() == [0.5, 2.5, 0.0]
    assert outside(np.array([-3.0, -7.0, 0.0]), a, low, high).tolist() == [0.5, 0.5, 0.0]
    # Between 1 and 3 it lies in [2, 6], and in [-6, -2].
    assert outside(np.array([1.0, -1.0, 0.0]), a, -low, high).tolist() == [0.5, 0.5, 0.0]


def test_slopes_are_bits_and_with_a_leak_exactly_that_and_one():
    bits = np.array([True, False])
    assert slopes(bits, 0.0) is bits
    for leak in (1e-17, 0.01, 0.3, 0.9):
        assert slopes(bits, leak).tolist() == [1, leak]
