"""The deep linear network U = c W_L ... W_1 X: two chains of products with k rows.

Both chains are kept transposed, as columns of k numbers that are padded to whole registers.
"""

from __future__ import annotations

import math

import numpy as np

from rootkappa.architectures import DeepLinear
from rootkappa.training.compiled._jit import kernel
from rootkappa.training.compiled._layout import Layout, Program, padded, stride, up, zeros
from rootkappa.training.compiled._matrices import compare, descend, product, step, transposed
from rootkappa.training.compiled._tiles import load


def deep_linear(model: DeepLinear) -> Program:
    """Lay a model out for its kernel.

    Args:
        model: The network with its data: X of shape (d, n), or (R, d, n) for data of each replica.

    Returns:
        The program.
    """
    inputs, labels = model.X.view(-1, *model.X.shape[-2:]), model.labels
    _, d, n = inputs.shape
    k = labels.shape[1]
    layout = Layout(tuple(model.shapes), tuple(up(rows) for rows, _ in model.shapes))
    sizes = np.array([d, *(rows for rows, _ in model.shapes)])
    widths = np.array([up(size) for size in sizes])
    X, Y = padded(inputs, up(d), up(n)), padded(labels.mT, up(n), up(k))
    strides = stride(inputs, up(d), up(n)), stride(labels, up(n), up(k))
    factors = 1 / math.sqrt(model.scale_width), 1 / math.sqrt(k)

    def steps(
        P: np.ndarray, V: np.ndarray, numbers: np.ndarray, residuals: np.ndarray, rows: np.ndarray
    ) -> None:
        chains = (zeros(int(widths[:-1].sum()) * up(k)) for _ in range(2))
        turned, xi = zeros(int(widths[:-1].max()) * up(k)), zeros(up(n) * up(k))
        state = (P.reshape(-1), V.reshape(-1), numbers)
        data = (X, Y, strides, rows)
        _run(*data, n, sizes, widths, *state, *factors, residuals, *chains, turned, xi)

    return Program(layout, steps)


@kernel
def _run(
    X, Y, strides, rows, n, sizes, widths, P, V, numbers, scale, root, residuals, above, below,
    turned, xi,
):  # fmt: skip
    # T steps of every replica, and the residuals at their T + 1 points. X (d, N) and Y^T (N, K),
    # those of two replicas as far apart as the strides say; rows says which replica has which.
    # Sizes are the numbers of rows of X, W_1, ..., W_L, widths the same padded.
    R, T, L = len(numbers), numbers.shape[1], len(sizes) - 1
    K, N, state = widths[L], len(xi) // widths[L], len(P) // R
    for replica in range(R):
        x, y = strides[0] * rows[replica], strides[1] * rows[replica]
        for t in range(T + 1):
            at, top = _above(P, state * (replica + 1), sizes, widths, scale, root, above)
            whole = root if L == 1 else 1.0
            product(xi, 0, K, X, x, 1, N, above, top, n, sizes[0], whole)
            compare(xi, K, Y, y, sizes[L], n, residuals[replica, t])
            if t < T:
                product(below, 0, K, X, x, N, 1, xi, 0, sizes[0], n, 1.0)
                now = numbers[replica, t]
                _below(P, V, at, top, sizes, widths, scale, root, now, above, below, turned)


@kernel
def _above(P, end, sizes, widths, scale, root, above):
    # The transposes of S_{L-1} = W_L and of S_{l-1} = S_l W_l; where W_1 starts, and S_0.
    L = len(sizes) - 1
    K, at, top = widths[L], end - widths[L] * widths[L - 1], 0
    transposed(P, at, sizes[L], widths[L - 1], above, 0, K)
    for layer in range(L - 1, 0, -1):
        at -= widths[layer] * widths[layer - 1]
        factor, under = scale * root if layer == L - 1 else scale, top + widths[layer] * K
        rows, inner = sizes[layer - 1], sizes[layer]
        product(above, under, K, P, at, 1, widths[layer - 1], above, top, rows, inner, factor)
        top = under
    return at, top


@kernel
def _below(P, V, at, top, sizes, widths, scale, root, numbers, above, below, turned):
    # W_l <- W_l - eta S_l^T Q_l, with Q_1 = xi X^T given and Q_{l+1} = Q_l W_l^T, also transposed.
    L, low = len(sizes) - 1, 0
    K = widths[L]
    for layer in range(1, L):
        width = widths[layer - 1]
        transposed(below, low, width, K, turned, 0, width)
        over, inner = low + width * K, sizes[layer - 1]
        product(below, over, K, P, at, width, 1, below, low, sizes[layer], inner, scale)
        top -= widths[layer] * K
        factor = scale * root if layer == L - 1 else scale
        step(P, V, at, width, above, top, K, 1, turned, 0, sizes[layer], sizes[L], factor, numbers)
        low, at = over, at + widths[layer] * width
    transposed(below, low, widths[L - 1], K, turned, 0, widths[L - 1])
    for i in range(0, sizes[L] * widths[L - 1], 8):
        descend(P, V, at + i, -numbers[0] * root, load(1, turned, i, 0), numbers)
