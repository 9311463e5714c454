"""Weights come back as they went in, from whole registers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rootkappa import DeepReLU, TwoLayerReLU
from rootkappa.training.compiled._deep_relu import deep_relu
from rootkappa.training.compiled._layout import Layout, padded, up, zeros


def test_sizes_go_up_to_whole_registers():
    assert [up(count) for count in (1, 8, 9, 17)] == [8, 8, 16, 24]


@pytest.mark.parametrize("shape", [(1,), (3, 5), (2, 8)])
def test_arrays_start_at_a_line_of_the_cache(shape):
    for _ in range(5):
        array = zeros(*shape)
        assert array.ctypes.data % 64 == 0
        assert array.shape == shape
        assert not array.any()


def test_padding_is_beside_and_below():
    found = padded(torch.ones(2, 3, dtype=torch.float64), 3, 4).reshape(3, 4)
    assert found.tolist() == [[1, 1, 1, 0], [1, 1, 1, 0], [0, 0, 0, 0]]


@pytest.mark.parametrize("replicas", [1, 3])
def test_weights_come_back_and_the_rest_is_zero(replicas):
    layout = Layout(((5, 3), (1, 5)), (8, 1))
    weights = [torch.rand(replicas, *shape, dtype=torch.float64) for shape in layout.shapes]
    state = layout.pack(weights)
    assert state.shape == (replicas, layout.size) == (replicas, 8 * 8 + 8)
    assert np.count_nonzero(state) == replicas * (15 + 5)
    assert all(map(torch.equal, layout.unpack(state), weights))
    layout.unpack(state)[0][:] = 0  # a copy
    assert np.count_nonzero(state) == replicas * (15 + 5)


def test_a_single_row_is_not_padded_to_eight():
    one = torch.ones(1, 1, dtype=torch.float64)
    layout = deep_relu(DeepReLU(one, one, [9, 17])).layout
    assert layout.size == 16 * 8 + 24 * 16 + 24
    assert TwoLayerReLU(one, one, 9).shapes == [(9, 1), (1, 9)]


def test_layers_of_any_order_in_memory_and_with_gradients_are_laid_out_row_by_row():
    layout = Layout(((2, 9), (3, 1)), (8, 3))
    first = torch.arange(18.0, dtype=torch.float64).reshape(1, 9, 2).mT.requires_grad_()
    second = torch.arange(6.0, dtype=torch.float64).reshape(1, 3, 2)[:, :, 1:]
    state = layout.pack([first, second])
    assert layout.size == 8 * 16 + 3 * 8
    rows = state[0, : 8 * 16].reshape(8, 16)
    assert rows[0, :9].tolist() == list(range(0, 18, 2))
    assert rows[1, :9].tolist() == list(range(1, 18, 2))
    assert state[0, 8 * 16 :].reshape(3, 8)[:, 0].tolist() == [1, 3, 5]
    assert all(map(torch.equal, layout.unpack(state), (first, second)))


def test_a_matrix_is_padded_in_the_order_of_its_entries():
    matrix = torch.arange(6.0, dtype=torch.float64).reshape(2, 3)
    turned = padded(matrix.mT, 3, 8).reshape(3, 8)
    assert turned[:, :2].tolist() == [[0, 3], [1, 4], [2, 5]]
    assert not turned[:, 2:].any()
    assert padded(matrix.requires_grad_(), 2, 3).tolist() == list(range(6))
