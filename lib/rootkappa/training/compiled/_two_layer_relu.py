"""The two-layer ReLU network with one output and fixed outer weights: f = s a^T relu(W X).

The gradient of neuron r is s a_r sum_j b_rj xi_j x_j with bits b_rj = [w_r . x_j >= 0]. By the
method of four Russians, the 16 partial sums of each group of 4 samples are formed once; a neuron's
gradient is then a look-up a group, n d / 4 additions in place of n d multiplications and additions.
"""

from __future__ import annotations

import numpy as np

from rootkappa.architectures import TwoLayerReLU
from rootkappa.training.compiled._jit import kernel
from rootkappa.training.compiled._layout import Layout, Program, padded, up, zeros
from rootkappa.training.compiled._matrices import descend
from rootkappa.training.compiled._tiles import (
    ROWS,
    add,
    combine,
    load,
    rank_one,
    rectify,
    store,
    subset_sums,
    zero,
)

# P and V of a block of neurons: a part of the second-level cache, the tables lie in the first.
_BLOCK_BYTES = 1 << 16


def two_layer_relu(model: TwoLayerReLU) -> Program:
    """Lay a model out for its kernel.

    Args:
        model: The network with its data.

    Returns:
        The program.
    """
    d, n = model.inputs.shape
    D, N, M = up(d), up(n), up(model.width)
    layout = Layout(tuple(model.shapes), (M, 1))
    X, Xt = padded(model.inputs, d, N), padded(model.inputs.mT, N, D)
    Y, block = padded(model.Y, 1, n), max(8, _BLOCK_BYTES // (16 * D) // 8 * 8)

    def steps(
        P: np.ndarray, V: np.ndarray, numbers: np.ndarray, residuals: np.ndarray, _: np.ndarray
    ) -> None:
        f, e, table = map(zeros, (N, N, 32 * N))
        bits = np.zeros(M * N // 8, np.uint8)
        state = (P.reshape(-1), V.reshape(-1), numbers, residuals)
        _run(X, Xt, Y, M, *state, model.factor, block, f, e, table, bits)

    return Program(layout, steps)


@kernel
def _run(X, Xt, Y, M, P, V, numbers, residuals, scale, block, f, e, table, bits):
    # T steps of every replica, and the residuals at their T + 1 points. X (d, N), Xt (N, D), Y (n);
    # W (M, D) and a (M) one after another in P, in V likewise. Neurons go through the caches in
    # blocks: a block takes its step, and the products of the next evaluation follow while it is
    # there.
    R, T, n = len(numbers), numbers.shape[1], residuals.shape[2]
    D, state = len(Xt) // len(f), len(P) // R
    for replica in range(R):
        W = replica * state
        a = W + M * D
        for t in range(T + 1):
            if t > 0:
                for j in range(n):
                    e[j] = -numbers[replica, t - 1, 0] * scale * residuals[replica, t - 1, j]
            f[:] = 0.0
            for start in range(0, M, block):
                rows = range(start, min(start + block, M))
                if t > 0:
                    now = numbers[replica, t - 1]
                    _backward(Xt, e, P, V, W, a, D, rows, now, table, bits)
                _forward(X, P, W, a, D, rows, f, bits)
            for j in range(n):
                residuals[replica, t, j] = scale * f[j] - Y[j]


@kernel
def _forward(X, P, W, a, D, rows, f, bits):
    # f += a^T relu(W X) for some neurons, one after another, and their bits.
    N = len(f)
    d, B = len(X) // N, N // 8
    for i in range(0, N, 8):
        row = load(1, f, i, 0)
        for r in range(rows.start, rows.stop, ROWS):
            z = zero(ROWS)
            for k in range(d):
                z = rank_one(z, P, W + r * D + k, D, X, k * N + i)
            row = combine(row, P, a + r, rectify(z, False, bits, r * B + i // 8, B))
        store(f, i, 0, row)


@kernel
def _backward(Xt, e, P, V, W, a, D, rows, numbers, table, bits):
    # A step of some neurons along a_r sum_j b_rj e_j x_j.
    N = len(e)
    B = N // 8
    for k in range(0, D, 8):
        for g in range(N // 4):
            subset_sums(table, 128 * g, e, 4 * g, Xt, 4 * g * D + k, D)
        for r in range(rows.start, rows.stop):
            low, high = zero(1), zero(1)
            for b in range(B):
                byte = int(bits[r * B + b])
                low = add(low, load(1, table, 256 * b + 8 * (byte & 15), 0))
                high = add(high, load(1, table, 256 * b + 128 + 8 * (byte >> 4), 0))
            descend(P, V, W + r * D + k, P[a + r], add(low, high), numbers)
