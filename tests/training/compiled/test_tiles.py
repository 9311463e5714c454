"""Tiles against NumPy, entry by entry; sums of fused multiply-adds against exact fractions."""

from __future__ import annotations

from fractions import Fraction

import numba
import numpy as np
import pytest

from rootkappa.training.compiled import _tiles as tiles

A = np.random.default_rng(0).standard_normal(512)
B = np.random.default_rng(1).standard_normal(512)


@numba.njit
def _all(A, B, out, bits, table):
    tile, other = tiles.load(4, A, 3, 16), tiles.load(4, B, 1, 8)
    tiles.store(out, 0, 8, tiles.zero(4))
    tiles.store(out, 32, 8, tiles.multiply(2.5, tile))
    tiles.store(out, 64, 8, tiles.multiply(tile, other))
    tiles.store(out, 96, 8, tiles.add(tile, other))
    tiles.store(out, 128, 8, tiles.fma(-0.3, tile, other))
    tiles.store(out, 160, 8, tiles.fma(tile, other, tile))
    tiles.store(out, 192, 8, tiles.rank_one(other, A, 7, 5, B, 9))
    tiles.store(out, 224, 8, tiles.rectify(tile, False, bits, 1, 2))
    tiles.store(out, 256, 8, tiles.where_positive(tile, other))
    tiles.store(out, 288, 8, tiles.transpose(tiles.load(8, A, 5, 11)))
    tiles.store(out, 352, 0, tiles.combine(tiles.load(1, A, 40, 0), B, 50, tile))
    out[360] = tiles.total(tiles.load(1, A, 20, 0))
    tiles.subset_sums(table, 8, A, 2, B, 30, 9)


@numba.njit
def _bits(A, bits):
    tiles.rectify(tiles.load(1, A, 0, 0), False, bits, 0, 1)
    tiles.rectify(tiles.load(1, A, 0, 0), True, bits, 1, 1)


@pytest.fixture(scope="module")
def found():
    out, bits, table = np.full(361, np.nan), np.zeros(9, np.uint8), np.full(136, np.nan)
    _all(A, B, out, bits, table)
    return out, bits, table


def _rows(array, start, step, rows=4):
    return np.array([array[start + step * i : start + step * i + 8] for i in range(rows)])


def test_tiles_are_what_numpy_says(found):
    tile, other = _rows(A, 3, 16), _rows(B, 1, 8)
    expected = {
        0: np.zeros((4, 8)),
        32: 2.5 * tile,
        64: tile * other,
        96: tile + other,
        128: -0.3 * tile + other,
        160: tile * other + tile,
        192: other + np.outer(A[[7, 12, 17, 22]], B[9:17]),
        224: np.maximum(tile, 0),
        256: np.where(other > 0, tile, 0),
        288: _rows(A, 5, 11, 8).T,
        352: A[40:48] + B[50:54] @ tile,
        360: A[20:28].sum(),
    }
    for at, values in expected.items():
        seen = found[0][at : at + np.size(values)]
        np.testing.assert_allclose(seen, np.ravel(values), rtol=1e-13, atol=1e-15)


def test_bits_say_where_a_tile_is_active(found):
    bits = np.packbits(_rows(A, 3, 16) >= 0, axis=1, bitorder="little")[:, 0]
    assert found[1].tolist() == [0, bits[0], 0, bits[1], 0, bits[2], 0, bits[3], 0]


def test_subset_sums_take_every_part_of_four_rows(found):
    rows = A[2:6, None] * _rows(B, 30, 9)
    for pattern in range(16):
        chosen = [bool(pattern >> i & 1) for i in range(4)]
        seen = found[2][8 + 8 * pattern : 16 + 8 * pattern]
        np.testing.assert_allclose(seen, rows[chosen].sum(0), rtol=1e-13, atol=1e-15)


def test_a_product_is_rounded_once_with_its_sum(found):
    # tile other + tile, exactly and then rounded: two roundings would differ in a tenth of them.
    pairs = zip(_rows(A, 3, 16).flat, _rows(B, 1, 8).flat, strict=True)
    exact = [float(Fraction(x) * Fraction(y) + Fraction(x)) for x, y in pairs]
    assert found[0][160:192].tolist() == exact


def test_zero_is_active_in_one_convention_and_nan_in_both():
    values = np.array([0.0, -0.0, np.nan, 1.0, -1.0, np.inf, -np.inf, -1e-320])
    bits = np.zeros(2, np.uint8)
    _bits(values, bits)
    assert [f"{byte:08b}"[::-1] for byte in bits] == ["11110100", "00110100"]
