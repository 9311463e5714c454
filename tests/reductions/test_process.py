"""The Krylov process: its sizes against ranks of words, its exact steps, what it reveals."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rootkappa.draws import numpy_generator
from rootkappa.reductions._process import Draw, exact_steps, least_width, most_blocks, sizes


def ranks(d, k, depth, blocks, width=150):
    """The ranks of all words of that many letters, in one wide network."""
    source = torch.Generator().manual_seed(1)
    normal = {"generator": source, "dtype": torch.float64}
    W = [torch.randn(width, width, **normal) / width**0.5 for _ in range(depth - 2)]
    up, down = [torch.randn(width, d, **normal)], [torch.randn(width, k, **normal)]
    for layer in W:
        up.append(layer @ up[-1])
    for layer in reversed(W):
        down.append(layer.T @ down[-1])
    spaces = [torch.cat(pair, 1) for pair in zip(up, reversed(down), strict=True)]
    for _ in range(blocks):
        wider = [[space] for space in spaces]
        for i, layer in enumerate(W):
            wider[i].append(layer.T @ spaces[i + 1])
            wider[i + 1].append(layer @ spaces[i])
        spaces = [basis(torch.cat(parts, 1)) for parts in wider]
    return tuple(int(torch.linalg.matrix_rank(space)) for space in spaces)


def basis(columns):
    U, S, _ = torch.linalg.svd(columns, full_matrices=False)
    return U[:, S / S[0] > 1e-9]


@pytest.mark.parametrize(("d", "k", "depth"), [(3, 2, 3), (3, 1, 4), (2, 1, 6)])
def test_sizes_are_the_ranks_of_words(d, k, depth):
    for blocks, counted in enumerate(sizes(d, k, depth, 3)):
        assert counted == ranks(d, k, depth, blocks)


def test_new_directions_grow_by_the_top_of_the_path():
    # 2 cos(pi/L) a letter, the largest eigenvalue of a path of L - 1 nodes.
    for depth in (4, 5, 8):
        totals = [sum(units) for units in sizes(3, 2, depth, 40)]
        # Two letters at a time: a path has two colours.
        growth = (totals[-1] - totals[-2]) / (totals[-3] - totals[-4])
        assert growth == pytest.approx((2 * math.cos(math.pi / depth)) ** 2, rel=1e-3)


CASES = [(0, 3, 1), (3, 3, 4), (0, 4, 0), (1, 4, 1), (2, 4, 1), (3, 4, 2), (4, 5, 2), (1, 6, 0)]


@pytest.mark.parametrize(("blocks", "depth", "steps"), CASES)
def test_exact_steps_by_hand(blocks, depth, steps):
    assert exact_steps(blocks, depth) == steps


def test_as_many_blocks_are_drawn_as_fit():
    for depth, width in ((3, 60), (4, 60), (7, 500)):
        most = most_blocks(4, 2, depth, width)
        assert least_width(4, 2, depth, most) <= width < least_width(4, 2, depth, most + 1)


def test_fewer_letters_are_the_beginning_of_more_and_norms_are_those_of_whole_columns():
    small, large = (Draw(2, 1, 40, 5, blocks, numpy_generator(3)).weights for blocks in (1, 3))
    for few, many in zip(small, large, strict=True):
        assert torch.equal(few, many[: few.shape[0], : few.shape[1]])
    # A column that has been revealed is a whole column: E ||.||^2 = m.
    draws = [Draw(2, 1, 40, 5, 1, numpy_generator(seed)).weights for seed in range(400)]
    for layer in (0, 1, 2, 3):
        columns = np.array([float(one[layer][:, 0].square().sum()) for one in draws])
        assert abs(columns.mean() - 40) < 4 * columns.std() / 20
