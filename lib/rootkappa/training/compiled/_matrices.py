"""Products, transposes and steps on matrices that lie in flat arrays, for the kernels of this room.

Rows are padded with zeros to multiples of 8 numbers, matrices to multiples of 8 rows. `numbers` are
eta, beta, -gamma_t and 1 + gamma_{t+1} of one step; P holds evaluation points, V velocities.
"""

from __future__ import annotations

from rootkappa.training.compiled._jit import kernel
from rootkappa.training.compiled._tiles import (
    ROWS,
    fma,
    load,
    multiply,
    rank_one,
    store,
    total,
    transpose,
    zero,
)


@kernel
def descend(P, V, at, factor, tile, numbers):
    """V' = beta v + factor tile and y' = y - gamma v + (1 + gamma') v', on 8 numbers."""
    v = load(1, V, at, 0)
    new = fma(factor, tile, multiply(numbers[1], v))
    store(V, at, 0, new)
    store(P, at, 0, fma(numbers[3], new, fma(numbers[2], v, load(1, P, at, 0))))


@kernel
def product(C, c, width, A, a, down, along, B, b, rows, inner, scale):
    """C[c + width i + j] = scale sum_k A[a + down i + along k] B[b + width k + j]."""
    for j in range(0, width, 8):
        for i in range(0, rows, ROWS):
            tile = zero(ROWS)
            for k in range(inner):
                tile = rank_one(tile, A, a + down * i + along * k, down, B, b + width * k + j)
            store(C, c + width * i + j, width, multiply(scale, tile))


@kernel
def step(P, V, p, width, A, a, down, along, B, b, rows, inner, scale, numbers):
    """Descend along the same product, in the matrix that starts at p."""
    for j in range(0, width, 8):
        for i in range(0, rows, ROWS):
            tile = zero(ROWS)
            for k in range(inner):
                tile = rank_one(tile, A, a + down * i + along * k, down, B, b + width * k + j)
            at = p + width * i + j
            v = load(ROWS, V, at, width)
            new = fma(-numbers[0] * scale, tile, multiply(numbers[1], v))
            store(V, at, width, new)
            moved = fma(numbers[2], v, load(ROWS, P, at, width))
            store(P, at, width, fma(numbers[3], new, moved))


@kernel
def transposed(A, a, rows, width, B, b, across):
    """B[b + across j + i] = A[a + width i + j]."""
    for i in range(0, rows, 8):
        for j in range(0, width, 8):
            store(B, b + across * j + i, across, transpose(load(8, A, a + width * i + j, width)))


@kernel
def compare(xi, width, Y, y, rows, cols, residual):
    """xi -= Y^T, in rows of that width, and residual = xi^T, row after row."""
    for j in range(cols):
        for r in range(rows):
            xi[j * width + r] -= Y[y + j * width + r]
            residual[cols * r + j] = xi[j * width + r]


@kernel
def lagged(block, products):
    """products[lag, r, t] = <block[t + 2, r], block[t + 2 - lag, r]>, lag = 0, 1, 2."""
    T, R, size = len(block) - 2, block.shape[1], block.shape[2]
    flat, whole = block.reshape(-1), size - size % 8
    for lag in range(3):
        for t in range(T):
            for r in range(R):
                now, then = ((t + 2) * R + r) * size, ((t + 2 - lag) * R + r) * size
                sums = zero(1)
                for j in range(0, whole, 8):
                    sums = fma(load(1, flat, now + j, 0), load(1, flat, then + j, 0), sums)
                left = 0.0
                for j in range(whole, size):
                    left += flat[now + j] * flat[then + j]
                products[lag, r, t] = total(sums) + left
