"""A linear residual network of any width, from zero hidden weights, is an (r + k)-wide one.

Every gradient is (S_l)^T (U - Y) (h_{l-1})^T with S_l = B (I + W_L) ... (I + W_{l+1}) and
h_{l-1} = (I + W_{l-1}) ... (I + W_1) A X. Let S be the span of A X and B^T, P its projector. If all
W_j = P W_j P, then the columns of S_l^T and of h_{l-1} lie in S, so the gradient has that form too,
and so has every linear combination of gradients and iterates. With an orthonormal basis Q of S and
W_l = Q w_l Q^T, the w_l are the weights of the network with maps Q^T A and B Q, step by step.
Weight decay is a linear combination too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from rootkappa import _checks
from rootkappa.architectures import LinearResNet, Weights
from rootkappa.reductions.bartlett import bartlett
from rootkappa.reductions.reduction import Reduction, check_optimizer, orthonormal_basis


def reduce_linear_resnet(
    model: LinearResNet, weights: Sequence[torch.Tensor], optimizer: object = None
) -> Reduction:
    """Reduce a linear residual network to the span of A X and B^T, at most r + k units.

    Args:
        model: The wide network.
        weights: Its starting weights, a tensor (R, m, m) a layer: zero, or zero outside the span.
        optimizer: What will train it, checked if given: see `check_optimizer`.

    Returns:
        The reduction, exact for gradient descent, heavy ball, Nesterov and SGD in any batch order,
        with weight decay or without.

    Raises:
        ValueError: If hidden weights are not zero outside the span, or the optimizer leaves it.

    Source: derived for this book.
    """
    check_optimizer(optimizer)
    weights = model.fitting(weights)
    Q = orthonormal_basis(torch.cat([model.A @ _column_space(model.X), model.B.mT], dim=2))
    start = [Q.mT @ layer @ Q for layer in weights]
    _check_start(weights, start, Q)
    narrow = LinearResNet(
        model.X, model.Y, Q.mT @ model.A, model.B @ Q, model.depth, maps=model.maps
    )

    def lift(reduced: Weights) -> Weights:
        return [Q @ layer @ Q.mT for layer in reduced]

    return Reduction(narrow, start, lift)


def sample_linear_resnet(
    X: torch.Tensor,
    Y: torch.Tensor,
    width: int,
    depth: int,
    seeds: Sequence[int],
    input_scale: float = 1.0,
    output_scale: float = 1.0,
    optimizer: object = None,
) -> Reduction:
    """Draw the reduced form of a network with Gaussian maps, at a cost free of its width.

    The pair enters only through the inner products of the columns of A and B^T, a Wishart matrix
    with m degrees of freedom. As m grows it tends to a multiple of the identity, and the network
    to the modified identity of width d + k with the same scales.

    Args:
        X: Inputs, shape (d, n).
        Y: Labels, shape (k, n).
        width: m of the network that is meant, at least d + k; 1e8 costs what d + k does.
        depth: L.
        seeds: One seed a replica.
        input_scale: s_A; the entries of A are N(0, s_A^2/m).
        output_scale: s_B.
        optimizer: What will train it, checked if given: see `reduce`.

    Returns:
        The reduced network, of width d + k, and its starting weights, which are zero.

    Raises:
        ValueError: If the width is below d + k, or the optimizer leaves the span.

    Source: derived for this book.

    Example:
        >>> from rootkappa import datasets
        >>> data = datasets.gaussian(d=4, k=2)
        >>> sample_linear_resnet(data.X, data.Y, 10**8, 3, seeds=[0]).model.width
        6
    """
    check_optimizer(optimizer)
    X, Y = _checks.data(X, Y)
    d, k = len(X), len(Y)
    width = _checks.count("width", width, least=d + k)
    R = bartlett(d + k, width, seeds).to(X) / math.sqrt(width)
    A = _checks.positive("input_scale", input_scale) * R[:, :, :d]
    B = _checks.positive("output_scale", output_scale) * R[:, :, d:].mT
    model = LinearResNet(X, Y, A, B, depth, maps="gaussian")
    return Reduction(model, model.initialise(seeds))


def _column_space(X: torch.Tensor) -> torch.Tensor:
    # Directions that no sample has do not move anything.
    return orthonormal_basis(X[None])[0]


def _check_start(
    weights: Sequence[torch.Tensor], start: Sequence[torch.Tensor], Q: torch.Tensor
) -> None:
    for index, (layer, reduced) in enumerate(zip(weights, start, strict=True), start=1):
        whole = layer.norm(dim=(1, 2))
        outside = (layer - Q @ reduced @ Q.mT).norm(dim=(1, 2))
        share = float((outside / whole.where(whole > 0, 1.0)).max())
        if share > 1e3 * layer.shape[1] * torch.finfo(layer.dtype).eps:
            raise ValueError(
                f"layer {index} starts outside the span of A X and B^T (a share {share:.2g} of "
                "it), so the network does not reduce to r + k units: start its hidden weights at "
                "zero, or train the wide network."
            )
