"""An orthogonally initialised deep linear network of any width is a (d + k)-wide one.

Let O_i = m^{-1/2} W_i(0) be orthogonal for the middle layers and R_1 = I, R_i = O_i R_{i-1}. In the
gauge

    V_1 = W_1,   V_i = R_i^T W_i R_{i-1},   V_L = W_L R_{L-1}

every middle layer starts at m^{1/2} I. Every gradient has its columns and rows in the span S of
V_1(0) and V_L(0)^T, so the middle layers stay m^{1/2} I outside S, for every method whose updates
are linear combinations of past gradients. Inside S they are matrices of size d + k. With weight
decay they shrink outside S, where nothing sees it: the outputs agree still, lifted weights do not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from rootkappa import _checks
from rootkappa.architectures import DeepLinear, Weights
from rootkappa.reductions.bartlett import bartlett
from rootkappa.reductions.reduction import Reduction, check_optimizer, orthonormal_basis


def reduce_orthogonal(
    model: DeepLinear, weights: Sequence[torch.Tensor], optimizer: object = None
) -> Reduction:
    """Reduce a deep linear network with orthogonal middle layers to width d + k.

    Args:
        model: The wide network.
        weights: Its starting weights, a tensor (R, rows, cols) a layer.
        optimizer: What will train it, checked if given: see `check_optimizer`.

    Returns:
        The reduction, exact for gradient descent, heavy ball, Nesterov and SGD.

    Raises:
        ValueError: If a middle layer is not m^{1/2} times an orthogonal matrix, there is no
            hidden layer, or the optimizer leaves the span or has weight decay.

    Source: derived for this book; proof in the chapter on deep linear ResNets.
    """
    if model.depth < 2:
        raise ValueError("a network of depth 1 has no hidden layer to reduce: train it as it is.")
    check_optimizer(optimizer, "the middle layers outside the span" if model.depth > 2 else "")
    weights, m = model.fitting(weights), model.width
    gauges = _gauges(weights, m)
    first = weights[0]
    last = weights[-1] @ gauges[-1]
    Q = orthonormal_basis(torch.cat([first, last.mT], dim=2))
    width = Q.shape[2]
    narrow = DeepLinear(model.X, model.Y, width, model.depth, scale_width=model.scale_width)
    eye = math.sqrt(m) * torch.eye(width).to(model.Y).expand(len(first), -1, -1)
    start = [Q.mT @ first, *[eye.clone() for _ in weights[1:-1]], last @ Q]

    def lift(reduced: Weights) -> Weights:
        rest = math.sqrt(m) * (torch.eye(m).to(model.Y) - Q @ Q.mT)
        middle = [
            after @ (rest + Q @ layer @ Q.mT) @ before.mT
            for before, layer, after in zip(gauges, reduced[1:-1], gauges[1:], strict=False)
        ]
        return [Q @ reduced[0], *middle, reduced[-1] @ Q.mT @ gauges[-1].mT]

    return Reduction(narrow, start, lift)


def sample_orthogonal(
    X: torch.Tensor,
    Y: torch.Tensor,
    width: int,
    depth: int,
    seeds: Sequence[int],
    optimizer: object = None,
) -> Reduction:
    """Draw the reduced form of an orthogonal network, at a cost that does not depend on its width.

    The two random subspaces enter only through their relative position, which is that of the
    factors of one m x (d + k) Gaussian matrix.

    Args:
        X: Inputs, shape (d, n).
        Y: Labels, shape (k, n).
        width: m of the network that is meant, at least d + k; 1e8 costs what d + k does.
        depth: L, at least 2.
        seeds: One seed a replica.
        optimizer: What will train it, checked if given: see `reduce`. Weight decay passes, since
            there is nothing to lift.

    Returns:
        The reduced network and its starting weights, a tensor (R, rows, cols) a layer.

    Raises:
        ValueError: If the depth is below 2, the width below d + k, or the optimizer leaves the
            span.

    Source: derived for this book.

    Example:
        >>> from rootkappa import datasets
        >>> data = datasets.gaussian(d=4, k=2)
        >>> sample_orthogonal(data.X, data.Y, 10**8, 3, seeds=[0]).model.width
        6
    """
    check_optimizer(optimizer)
    depth, width = _checks.count("depth", depth, least=2), _checks.count("width", width)
    X, Y = _checks.data(X, Y)
    d, k = len(X), len(Y)
    R = bartlett(d + k, width, seeds).to(X)
    root = math.sqrt(width)
    first, last = root * _isometry(R[:, :, :d]), root * _isometry(R[:, :, d:]).mT
    eye = root * torch.eye(d + k).to(X).expand(len(R), -1, -1)
    model = DeepLinear(X, Y, d + k, depth, scale_width=width)
    return Reduction(model, [first, *[eye.clone() for _ in range(depth - 2)], last])


def _isometry(columns: torch.Tensor) -> torch.Tensor:
    Q, T = torch.linalg.qr(columns)
    # The signs of the diagonal make the factor unique, hence Haar.
    signed: torch.Tensor = Q * T.diagonal(dim1=-2, dim2=-1).sign()[:, None, :]
    return signed


def _gauges(weights: Sequence[torch.Tensor], m: int) -> list[torch.Tensor]:
    eye = torch.eye(m).to(weights[0])
    gauges = [eye.expand(len(weights[0]), -1, -1)]
    for index, layer in enumerate(weights[1:-1], start=2):
        gap = float((layer @ layer.mT / m - eye).abs().max())
        if gap > 1e3 * m * torch.finfo(layer.dtype).eps:
            raise ValueError(
                f"layer {index} is not sqrt(m) times an orthogonal matrix (off by {gap:.1g}), so "
                "the network does not reduce to d + k units: initialise it orthogonally, or use "
                "reduce_krylov for a number of exact steps."
            )
        gauges.append(layer / math.sqrt(m) @ gauges[-1])
    return gauges
