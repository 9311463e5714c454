"""The deep ReLU network with two hidden layers and one output: f = v^T relu(W relu(U X)).

As in two-layer networks, gradients are look-ups in tables of partial sums over groups of 4 samples:
row r of W has v_r times one, and v_r has row r of W times the same one. What goes back through W,
sum_r v_r b_rj W_r, is first collected in a bucket for each group and pattern of bits.
"""

from __future__ import annotations

import numpy as np

from rootkappa.architectures import DeepReLU
from rootkappa.training.compiled._jit import kernel
from rootkappa.training.compiled._layout import Layout, Program, padded, up, zeros
from rootkappa.training.compiled._matrices import descend, step, transposed
from rootkappa.training.compiled._tiles import (
    ROWS,
    add,
    combine,
    fma,
    load,
    multiply,
    rank_one,
    rectify,
    store,
    subset_sums,
    total,
    where_positive,
    zero,
)

# P and V of a block of rows of W: a part of the second-level cache.
_BLOCK_BYTES = 1 << 17


def deep_relu(model: DeepReLU) -> Program:
    """Lay a model out for its kernel.

    Args:
        model: The network with its data.

    Returns:
        The program.
    """
    d, n = model.X.shape
    D, N, H, M = up(d), up(n), up(model.widths[0]), up(model.widths[1])
    layout = Layout(tuple(model.shapes), (H, M, 1))
    X, Xt = padded(model.X, d, N), padded(model.X.mT, N, D)
    Y, block = padded(model.Y, 1, n), max(8, _BLOCK_BYTES // (16 * H) // 8 * 8)

    def steps(
        P: np.ndarray, V: np.ndarray, numbers: np.ndarray, residuals: np.ndarray, _: np.ndarray
    ) -> None:
        h, ht, signal = (zeros(H * N) for _ in range(3))
        f, e, table, buckets, slope = map(zeros, (N, N, 32 * N, 4 * N * H, 8 * M))
        bits = np.zeros(M * N // 8, np.uint8)
        state = (P.reshape(-1), V.reshape(-1), numbers, residuals)
        _run(X, Xt, Y, H, M, *state, block, h, ht, f, e, table, buckets, signal, slope, bits)

    return Program(layout, steps)


@kernel
def _run(
    X,
    Xt,
    Y,
    H,
    M,
    P,
    V,
    numbers,
    residuals,
    block,
    h,
    ht,
    f,
    e,
    table,
    buckets,
    signal,
    slope,
    bits,
):
    # T steps of every replica, and the residuals at their T + 1 points. X (d, N), Xt (N, D), Y (n);
    # U (H, D), W (M, H) and v (M) one after another in P, in V likewise. Rows of W go through the
    # caches in blocks.
    R, T, n, N = len(numbers), numbers.shape[1], residuals.shape[2], len(f)
    D, state = len(Xt) // N, len(P) // R
    for replica in range(R):
        U = state * replica
        W = U + H * D
        v = W + M * H
        for t in range(T + 1):
            _hidden(X, P, U, D, H, N, h)
            transposed(h, 0, H, N, ht, 0, H)
            f[:] = 0.0
            for start in range(0, M, block):
                _outputs(h, P, W, v, H, range(start, min(start + block, M)), f, bits)
            for j in range(n):
                residuals[replica, t, j] = e[j] = f[j] - Y[j]
            if t < T:
                now = numbers[replica, t]
                slope[:] = 0.0
                buckets[:] = 0.0
                for start in range(0, M, block):
                    rows = range(start, min(start + block, M))
                    _upper(ht, e, P, V, W, v, H, rows, now, table, buckets, slope, bits)
                _outer(P, V, v, M, slope, now)
                _sent_back(buckets, e, ht, H, n, signal)
                step(P, V, U, D, signal, 0, 1, H, Xt, 0, H, n, 1.0, now)


@kernel
def _hidden(X, P, U, D, H, N, h):
    # h = relu(U X), shape (H, N).
    for j in range(0, N, 8):
        for i in range(0, H, ROWS):
            tile = zero(ROWS)
            for c in range(len(X) // N):
                tile = rank_one(tile, P, U + D * i + c, D, X, N * c + j)
            store(h, N * i + j, N, where_positive(tile, tile))


@kernel
def _outputs(h, P, W, v, H, rows, f, bits):
    # f += v^T relu(W h) for some rows, one after another, and the bits of W h.
    N = len(f)
    for j in range(0, N, 8):
        row = load(1, f, j, 0)
        for r in range(rows.start, rows.stop, ROWS):
            tile = zero(ROWS)
            for c in range(H):
                tile = rank_one(tile, P, W + H * r + c, H, h, N * c + j)
            row = combine(row, P, v + r, rectify(tile, True, bits, (r * N + j) // 8, N // 8))
        store(f, j, 0, row)


@kernel
def _upper(ht, e, P, V, W, v, H, rows, numbers, table, buckets, slope, bits):
    # A step of some rows of W, their slopes, and their shares in the buckets.
    N, eta = len(e), numbers[0]
    for c in range(0, H, 8):
        for g in range(N // 4):
            subset_sums(table, 128 * g, e, 4 * g, ht, 4 * g * H + c, H)
        for r in range(rows.start, rows.stop):
            at, outer = W + r * H + c, P[v + r]
            row = load(1, P, at, 0)
            share, place = multiply(outer, row), 4 * N * c
            gradient = _look_up(table, buckets, place, share, bits, r * N // 8, N // 8)
            store(slope, 8 * r, 0, fma(row, gradient, load(1, slope, 8 * r, 0)))
            descend(P, V, at, -eta * outer, gradient, numbers)


@kernel
def _outer(P, V, v, M, slope, numbers):
    # A step of v, whose slope in r is row r of W times its look-ups.
    for r in range(M):
        u = V[v + r]
        V[v + r] = numbers[1] * u - numbers[0] * total(load(1, slope, 8 * r, 0))
        P[v + r] += numbers[2] * u + numbers[3] * V[v + r]


@kernel
def _sent_back(buckets, e, ht, H, n, signal):
    # The signal (n, H) that the first layer receives: of each sample, the buckets that hold it.
    N = len(e)
    for c in range(0, H, 8):
        for j in range(n):
            sent = zero(1)
            for u in range(16):
                if u >> (j & 3) & 1:
                    sent = add(sent, load(1, buckets, 4 * N * c + 128 * (j >> 2) + 8 * u, 0))
            sent = where_positive(multiply(e[j], sent), load(1, ht, j * H + c, 0))
            store(signal, j * H + c, 0, sent)


@kernel
def _look_up(table, buckets, place, share, bits, first, count):
    # The partial sums of a neuron's patterns, whose buckets from `place` on receive its share.
    gradient = zero(1)
    for b in range(count):
        byte = int(bits[first + b])
        low, high = 256 * b + 8 * (byte & 15), 256 * b + 128 + 8 * (byte >> 4)
        gradient = add(gradient, add(load(1, table, low, 0), load(1, table, high, 0)))
        for at in (low, high):
            store(buckets, place + at, 0, add(share, load(1, buckets, place + at, 0)))
    return gradient
