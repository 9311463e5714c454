"""Products, transposes and steps in flat arrays against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rootkappa.training.compiled._layout import padded
from rootkappa.training.compiled._matrices import descend, lagged, product, step, transposed
from rootkappa.training.stack import Stack

DRAWS = np.random.default_rng(0)
NUMBERS = np.array([0.3, 0.8, -0.6, 1.5])


def _draw(rows, cols):
    return torch.from_numpy(DRAWS.standard_normal((rows, cols)))


def test_a_product_of_padded_matrices():
    left, right = _draw(5, 3), _draw(3, 11)
    A, B, C = padded(left, 8, 8), padded(right, 8, 16), np.zeros(3 + 8 * 16)
    product(C, 3, 16, A, 0, 8, 1, B, 0, 5, 3, -2.0)
    found = C[3:].reshape(8, 16)
    np.testing.assert_allclose(found[:5, :11], -2 * (left @ right).numpy(), rtol=1e-13)
    assert not found[5:].any()
    assert not found[:, 11:].any()
    product(C, 3, 16, padded(left.mT, 8, 8), 0, 1, 8, B, 0, 5, 3, -2.0)
    np.testing.assert_array_equal(C[3:].reshape(8, 16), found)


def test_a_transpose():
    matrix = _draw(11, 5)
    out = np.zeros(8 * 16)
    transposed(padded(matrix, 16, 8), 0, 11, 8, out, 0, 16)
    np.testing.assert_array_equal(out.reshape(8, 16)[:5, :11], matrix.numpy().T)


@pytest.mark.parametrize("one_by_one", [True, False])
def test_a_step_is_that_of_the_family(one_by_one):
    y, v, left, right = _draw(6, 7), _draw(6, 7), _draw(6, 2), _draw(2, 7)
    P, V = padded(y, 8, 8), padded(v, 8, 8)
    if one_by_one:
        slope = padded(left @ right, 8, 8)
        _descend_all(P, V, slope)
    else:
        step(P, V, 0, 8, padded(left, 8, 8), 0, 8, 1, padded(right, 8, 8), 0, 6, 2, 1.0, NUMBERS)
    eta, beta, back, ahead = NUMBERS
    new = beta * v - eta * (left @ right)
    moved = y + back * v + ahead * new
    np.testing.assert_allclose(V.reshape(8, 8)[:6, :7], new, rtol=1e-12)
    np.testing.assert_allclose(P.reshape(8, 8)[:6, :7], moved, rtol=1e-12, atol=1e-14)
    assert not P.reshape(8, 8)[6:].any()


def _descend_all(P, V, slope):
    from rootkappa.training.compiled._jit import kernel
    from rootkappa.training.compiled._tiles import load

    @kernel
    def every(P, V, slope, numbers):
        for i in range(0, len(P), 8):
            descend(P, V, i, -numbers[0], load(1, slope, i, 0), numbers)

    every(P, V, slope, NUMBERS)


@pytest.mark.parametrize("size", [1, 7, 8, 21])
def test_lagged_products_are_those_of_the_torch_stack(size):
    block = torch.from_numpy(DRAWS.standard_normal((6, 3, size)))
    found = np.empty((3, 3, 4))
    lagged(block.numpy(), found)
    expected = Stack.products(None, block)
    torch.testing.assert_close(torch.from_numpy(found), expected, rtol=1e-12, atol=1e-14)
    for lag in range(3):
        einsum = torch.einsum("trj,trj->rt", block[2:], block[2 - lag : 6 - lag])
        torch.testing.assert_close(expected[lag], einsum, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("rows", "inner", "cols"), [(3, 1, 8), (9, 5, 13), (12, 4, 17)])
def test_a_step_along_a_product_of_several_registers_stays_within_its_matrix(rows, inner, cols):
    down, width, before = -(-rows // 8) * 8, -(-cols // 8) * 8, 16
    y, v, left, right = _draw(rows, cols), _draw(rows, cols), _draw(rows, inner), _draw(inner, cols)
    size = before + down * width
    P, V = np.full(size + 8, 7.0), np.full(size + 8, 7.0)
    P[before:size], V[before:size] = padded(y, down, width), padded(v, down, width)
    A, B = padded(left.mT, 8, down), padded(right, 8, width)
    step(P, V, before, width, A, 0, 1, down, B, 0, rows, inner, 0.25, NUMBERS)
    eta, beta, back, ahead = NUMBERS
    new = beta * v - 0.25 * eta * (left @ right)
    moved = y + back * v + ahead * new
    for found, exact in ((V, new), (P, moved)):
        laid = found[before:size].reshape(down, width)
        np.testing.assert_allclose(laid[:rows, :cols], exact, rtol=1e-12, atol=1e-14)
        assert not laid[rows:].any()
        assert not laid[:, cols:].any()
        assert (found[:before] == 7).all()
        assert (found[size:] == 7).all()


@pytest.mark.parametrize(("rows", "cols"), [(3, 17), (16, 8), (20, 21)])
def test_a_transpose_of_several_registers(rows, cols):
    matrix = _draw(rows, cols)
    tall, wide = -(-rows // 8) * 8, -(-cols // 8) * 8
    out = np.full(5 + wide * tall, 7.0)
    transposed(padded(matrix, tall, wide), 0, rows, wide, out, 5, tall)
    np.testing.assert_array_equal(out[5:].reshape(wide, tall)[:cols, :rows], matrix.numpy().T)
    assert (out[:5] == 7).all()
