"""A Gaussian deep linear network of depth 3, reduced for a number of steps.

Its gradients at step t live in spaces that grow by one application of the middle layer a step: a
block Golub-Kahan process. With J extra blocks the narrow network is exact for the first J + 1
steps, and very close long after. In the bases of that process a Gaussian middle layer is block
tridiagonal with independent entries, so networks of any width can be drawn directly.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from rootkappa import _checks
from rootkappa.architectures import DeepLinear, Weights
from rootkappa.draws import numpy_generator
from rootkappa.reductions.bartlett import triangular_factor
from rootkappa.reductions.reduction import Reduction


def reduce_krylov(model: DeepLinear, weights: Sequence[torch.Tensor], blocks: int) -> Reduction:
    """Reduce a deep linear network with three layers and any start, for `blocks` + 1 exact steps.

    Args:
        model: The wide network, of depth 3.
        weights: Its starting weights, a tensor (R, rows, cols) a layer.
        blocks: J, at least 0; each adds up to d + k units.

    Returns:
        The reduction, with `exact_steps` = J + 1.

    Raises:
        ValueError: If the depth is not 3, or `blocks` is negative.

    Source: derived for this book.
    """
    _checks.count("blocks", blocks, least=0)
    if model.depth != 3:
        raise ValueError(
            f"the Krylov reduction is written for depth 3, got {model.depth}: use the network "
            "itself, or orthogonal initialisation and reduce_orthogonal."
        )
    W1, W2, W3 = weights
    below, above = torch.cat([W1, W2.mT @ W3.mT], 2), torch.cat([W3.mT, W2 @ W1], 2)
    Q1, Q2 = _basis(below), _basis(above)
    for _ in range(blocks):
        Q1, Q2 = _extend(Q1, W2.mT @ Q2), _extend(Q2, W2 @ Q1)
    size = max(Q1.shape[2], Q2.shape[2])
    # Both sides get the same number of units: a padded unit has no weight and never moves.
    Q1, Q2 = _pad(Q1, size), _pad(Q2, size)
    narrow = DeepLinear(model.X, model.Y, size, 3, scale_width=model.scale_width)
    start = [Q1.mT @ W1, Q2.mT @ W2 @ Q1, W3 @ Q2]
    inner = start[1]

    def lift(reduced: Weights) -> Weights:
        return [
            Q1 @ reduced[0],
            W2 + Q2 @ (reduced[1] - inner) @ Q1.mT,
            reduced[2] @ Q2.mT,
        ]

    return Reduction(narrow, start, lift, exact_steps=blocks + 1)


def sample_krylov(
    X: torch.Tensor, Y: torch.Tensor, width: int, blocks: int, seeds: Sequence[int]
) -> tuple[DeepLinear, Weights]:
    """Draw the reduced form of a Gaussian network of depth 3, at a cost free of its width.

    Revealing a Gaussian middle layer W_2 along the process uses each entry once. With bases of
    alternating sizes d, k, d, ... below and k, d, k, ... above, its diagonal blocks are Gaussian;
    the block under (right of) the i-th is the (transposed) triangular factor of a Gaussian matrix
    with m minus the units already used as its number of rows.

    Args:
        X: Inputs, shape (d, n).
        Y: Labels, shape (k, n).
        width: m of the network that is meant; at least (`blocks` + 2) (d + k).
        blocks: J, at least 0.
        seeds: One seed a replica.

    Returns:
        The reduced network and its starting weights, a tensor (R, rows, cols) a layer. It has the
        law of the wide one for J + 1 steps.

    Raises:
        ValueError: If the width is too small for that many blocks.

    Source: derived for this book.
    """
    d, k = len(X), len(Y)
    _checks.count("width", width, least=(_checks.count("blocks", blocks, least=0) + 2) * (d + k))
    draws = [_draw_krylov(d, k, width, blocks + 2, numpy_generator(seed)) for seed in seeds]
    weights = [torch.stack(layer).to(X) for layer in zip(*draws, strict=True)]
    return DeepLinear(X, Y, weights[0].shape[1], 3, scale_width=width), weights


def _draw_krylov(
    d: int, k: int, width: int, stages: int, source: np.random.Generator
) -> list[torch.Tensor]:
    below, above = _stages(d, k, stages), _stages(k, d, stages)
    size = max(below[-1].stop, above[-1].stop)
    W1, W2, W3 = (torch.zeros(*shape).double() for shape in ((size, d), (size, size), (k, size)))
    W1[below[0]] = triangular_factor(d, width, source)
    W3[:, above[0]] = triangular_factor(k, width, source).T
    for i, (column, row) in enumerate(zip(below, above, strict=True)):
        shape = (row.stop - row.start, column.stop - column.start)
        W2[row, column] = torch.from_numpy(source.standard_normal(shape))
        if i + 1 < stages:
            under = triangular_factor(shape[1], width - row.stop, source)
            right = triangular_factor(shape[0], width - column.stop, source)
            W2[above[i + 1], column], W2[row, below[i + 1]] = under, right.T
    return [W1, W2, W3]


def _stages(first: int, second: int, stages: int) -> list[slice]:
    slices, start = [], 0
    for i in range(stages):
        stop = start + (second if i % 2 else first)
        slices.append(slice(start, stop))
        start = stop
    return slices


def _basis(columns: torch.Tensor) -> torch.Tensor:
    return _directions(columns, torch.linalg.matrix_norm(columns, 2).max())


def _extend(Q: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
    scale = torch.linalg.matrix_norm(columns, 2).max()
    # Projecting twice keeps the new directions orthogonal to rounding.
    for _ in range(2):
        columns = columns - Q @ (Q.mT @ columns)
    return torch.cat([Q, _directions(columns, scale)], dim=2)


def _directions(columns: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    U, S, _ = torch.linalg.svd(columns, full_matrices=False)
    count = int((S / scale > 1e-9).sum(1).max())
    kept: torch.Tensor = U[:, :, :count]
    return kept


def _pad(Q: torch.Tensor, size: int) -> torch.Tensor:
    return torch.nn.functional.pad(Q, (0, size - Q.shape[2]))
