"""The linear ResNet U = B (I + W_L) ... (I + W_1) A X: two chains of products with k rows.

Both chains are kept transposed, as columns of k numbers that are padded to whole registers.
"""

from __future__ import annotations

import numpy as np

from rootkappa.architectures import LinearResNet
from rootkappa.training.compiled._jit import kernel
from rootkappa.training.compiled._layout import Layout, Program, padded, stride, up, zeros
from rootkappa.training.compiled._matrices import compare, product, step, transposed
from rootkappa.training.compiled._tiles import add, load, store


def linear_resnet(model: LinearResNet) -> Program:
    """Lay a model out for its kernel.

    Args:
        model: The network with its data; maps and labels may be those of each replica.

    Returns:
        The program.
    """
    features, maps, labels = model.A @ model.X, model.B, model.labels
    (_, m, n), k = features.shape, labels.shape[1]
    M, N, K = up(m), up(n), up(k)
    layout = Layout(tuple(model.shapes), (M,) * model.depth)
    data = padded(features, M, N), padded(maps.mT, M, K), padded(labels.mT, N, K)
    strides = stride(features, M, N), stride(maps, M, K), stride(labels, N, K)

    sizes, widths = (m, n, k, model.depth), (M, N, K)

    def steps(
        P: np.ndarray, V: np.ndarray, numbers: np.ndarray, residuals: np.ndarray, rows: np.ndarray
    ) -> None:
        chains = zeros((model.depth + 1) * M * K), zeros(model.depth * M * K)
        state = (P.reshape(-1), V.reshape(-1), numbers, residuals)
        _run(*data, strides, rows, sizes, widths, *state, *chains, zeros(K * M), zeros(N * K))

    return Program(layout, steps)


@kernel
def _run(F, B, Y, strides, rows, sizes, widths, P, V, numbers, residuals, above, below, turned, xi):
    # T steps of every replica, and the residuals at their T + 1 points. F = A X (M, N), B^T (M, K)
    # and Y^T (N, K), those of two replicas as far apart as the strides say; rows says which replica
    # has which. Widths are the sizes padded.
    (m, n, k, L), (M, N, K) = sizes, widths
    R, T, size = len(numbers), numbers.shape[1], M * K
    for replica in range(R):
        own, (apart, between, off) = rows[replica], strides
        f, b, y = own * apart, own * between, own * off
        start = replica * L * M * M
        for i in range(0, size, 8):
            store(above, i, 0, load(1, B, b + i, 0))
        for t in range(T + 1):
            for layer in range(L):
                # S_{l-1}^T = (I + W_l)^T S_l^T, from l = L downwards.
                at = start + (L - 1 - layer) * M * M
                _carry(above, layer * size, P, at, 1, M, m, K, size)
            product(xi, 0, K, F, f, 1, N, above, L * size, n, m, 1.0)
            compare(xi, K, Y, y, k, n, residuals[replica, t])
            if t < T:
                product(below, 0, K, F, f, N, 1, xi, 0, m, n, 1.0)
                for layer in range(L):
                    # W_l <- W_l - eta S_l^T Q_l, with Q_1 = xi F^T and Q_{l+1} = Q_l (I + W_l)^T.
                    at, low, top = start + layer * M * M, layer * size, (L - 1 - layer) * size
                    transposed(below, low, M, K, turned, 0, M)
                    if layer + 1 < L:
                        _carry(below, low, P, at, M, 1, m, K, size)
                    now = numbers[replica, t]
                    step(P, V, at, M, above, top, K, 1, turned, 0, m, k, 1.0, now)


@kernel
def _carry(C, c, P, at, down, along, rows, width, size):
    # The next block of a chain: (I + W) C, or (I + W)^T C, by how W is walked.
    product(C, c + size, width, P, at, down, along, C, c, rows, rows, 1.0)
    for i in range(c, c + size, 8):
        store(C, i + size, 0, add(load(1, C, i + size, 0), load(1, C, i, 0)))
