"""The constants of partial strong convexity, measured on a deep ReLU network.

With Q_1 an orthonormal basis of the last features at the start, x = W_L Q_1 and u all the rest. The
Hessian in x is (C C^T) (x) I with C = Q_1^T h_{L-1}, the model's Jacobian in u has the Gram matrix
of the hidden layers' tangent kernels plus that of the features outside Q_1, and the derivative of
the partial gradient in x along u is a matrix with k n rows. At a point all four constants are
therefore extreme singular values of small matrices; on a ball they can only be searched for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from rootkappa import _checks
from rootkappa.architectures import DeepReLU, Weights, rotation
from rootkappa.problems import PartitionConstants


@dataclass(frozen=True, eq=False)
class MeasuredConstants:
    """Constants of a network in the block x and along u, a number a replica.

    Args:
        mu: Strong convexity in x, shape (R,).
        L1: Smoothness in x, shape (R,).
        G1: Lipschitz constant of the outputs in u, shape (R,).
        G2: Lipschitz constant of the partial gradient in x, along u, shape (R,).
        how: "exact singular values at the point", or what was searched and how far to trust it.
        L2: Smoothness of the loss as a function of the outputs, 1 for squares.
    """

    mu: torch.Tensor
    L1: torch.Tensor
    G1: torch.Tensor
    G2: torch.Tensor
    how: str
    L2: float = 1.0

    @property
    def kappa(self) -> torch.Tensor:
        """L1 / mu."""
        return self.L1 / self.mu

    @property
    def control(self) -> torch.Tensor:
        """G1 / sqrt(mu), the number that decides whether u is a small perturbation."""
        return self.G1 / self.mu.sqrt()

    def of(self, replica: int) -> PartitionConstants:
        """Give the constants of one replica, for the theorems.

        Args:
            replica: Which one, from 0.

        Returns:
            The constants, with infinite radii: they were measured at a point.

        Raises:
            ValueError: If there is no such replica.
        """
        if _checks.count("replica", replica, 0) >= len(self.mu):
            raise ValueError(
                f"there are {len(self.mu)} replicas, counted from 0, got {replica}: choose another."
            )
        mu, L1, G1, G2 = (float(v[replica]) for v in (self.mu, self.L1, self.G1, self.G2))
        return PartitionConstants(mu, L1, self.L2, G1, G2)


def measured_constants(
    network: DeepReLU,
    weights: Sequence[torch.Tensor],
    start: Sequence[torch.Tensor] | None = None,
) -> MeasuredConstants:
    """Measure the constants at a point, by exact singular values.

    Args:
        network: The network, with more units in the last hidden layer than samples.
        weights: The point, a tensor (R, rows, cols) a layer.
        start: Weights whose last features define x; the point itself if None.

    Returns:
        The constants of each replica.

    Raises:
        ValueError: If the last hidden layer has n units or fewer, or weights do not fit.
        TypeError: If the network is another one.

    Example:
        >>> from rootkappa import datasets
        >>> data = datasets.gaussian(d=4, k=1, n=5)
        >>> network = DeepReLU(data.X, data.Y, [8, 32])
        >>> constants = measured_constants(network, network.initialise([0, 1]))
        >>> bool((constants.kappa > 1).all())
        True
    """
    weights = _point(network, weights)
    origin = weights if start is None else _point(network, start)
    if len(origin[0]) != len(weights[0]):
        raise ValueError(
            f"got {len(weights[0])} replicas and {len(origin[0])} starts: give one start each."
        )
    bases = rotation(network, origin)[:, :, : network.Y.shape[1]]
    rows = [
        torch.stack(_constants(network, [layer[None] for layer in replica], Q))
        for Q, replica in zip(bases, zip(*weights, strict=True), strict=True)
    ]
    mu, L1, G1, G2 = torch.stack(rows, dim=1)
    return MeasuredConstants(mu, L1, G1, G2, "exact singular values at the point")


def searched_constants(
    network: DeepReLU,
    weights: Sequence[torch.Tensor],
    radius: float,
    steps: int = 10,
) -> MeasuredConstants:
    """Search a ball around a point for the worst constants, by projected gradient ascent.

    Args:
        network: The network, with more units in the last hidden layer than samples.
        weights: The centres, which define x: tensors (R, rows, cols).
        radius: Radius of the ball in all weights together, above 0.
        steps: Ascent steps for each constant, at least 1.

    Returns:
        The worst constants met, for each replica. The true ones of the ball can only be worse.

    Raises:
        ValueError: If the radius or the number of steps is out of range, or weights do not fit.
        TypeError: If the network is another one.
    """
    radius, steps = _checks.positive("radius", radius), _checks.count("steps", steps)
    weights = _point(network, weights)
    bases = rotation(network, weights)[:, :, : network.Y.shape[1]]
    found = [
        [_worst(network, [layer[None] for layer in replica], Q, i, radius, steps) for i in range(4)]
        for Q, replica in zip(bases, zip(*weights, strict=True), strict=True)
    ]
    how = (
        f"worst of {steps + 1} points of gradient ascent in a ball of radius {radius:g}: the true "
        "mu may be smaller, the other constants larger"
    )
    return MeasuredConstants(*torch.tensor(found, dtype=torch.float64).to(network.Y).mT, how)


def mean_gram(network: DeepReLU, weights: Sequence[torch.Tensor]) -> torch.Tensor:
    """Give K, where h_{L-1}^T h_{L-1} tends to w K as the last hidden layer alone becomes wide.

    Args:
        network: The network; its last hidden width does not matter.
        weights: One tensor (R, rows, cols) a layer; the last two are not read.

    Returns:
        The arc-cosine kernel of the features below the last hidden layer, shape (R, n, n); 0 for a
        sample on which all of them are dead.

    Source: Cho and Saul (2009), kernel of order 1, for entries of variance 1 over the fan-in.
    """
    point = _point(network, weights)
    below = network.features(point)[-2]
    norms = below.norm(dim=1)
    scale = norms[:, :, None] * norms[:, None]
    cosines = ((below.mT @ below) / scale).where(scale > 0, 0.0).clamp(-1, 1)
    angles = torch.arccos(cosines)
    shape: torch.Tensor = torch.sin(angles) + (torch.pi - angles) * cosines
    gram: torch.Tensor = scale * shape / (2 * torch.pi * below.shape[1])
    return gram


def _point(network: object, weights: Sequence[torch.Tensor]) -> Weights:
    if not isinstance(network, DeepReLU):
        raise TypeError(
            f"the constants of the partition are those of a DeepReLU, got a "
            f"{type(network).__name__}: give its `network`, or use the constants of the model."
        )
    return _checks.layers(weights, network.shapes)


def _constants(
    network: DeepReLU, weights: Sequence[torch.Tensor], Q: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    # One replica: weights (1, rows, cols), Q (w, n).
    k = len(network.Y)
    seen = network.features(weights)
    last = seen[-1][0]
    C = Q.mT @ last
    outside = last - Q @ C
    leak = outside.mT @ outside
    singular = torch.linalg.svdvals(C)
    eye = torch.eye(k, dtype=C.dtype, device=C.device)
    by_hidden = torch.stack(network.layer_kernels(weights)[:-1]).sum(0)[0]
    first = by_hidden + torch.kron(leak, eye)
    second = _second(network, weights, Q, C) + torch.kron(eye, C @ leak @ C.mT)
    return (
        singular[-1].square(),
        singular[0].square(),
        _root(first),
        _root(second),
    )


def _second(
    network: DeepReLU, weights: Sequence[torch.Tensor], Q: torch.Tensor, C: torch.Tensor
) -> torch.Tensor:
    # Gram matrix of the derivative of xi C^T along the hidden weights: the cotangent of its entry
    # (a, r) is W_L[a]^T C[r] + Q[:, r] xi[a] at the last features, carried down layer by layer.
    seen = [h[0] for h in network.features(weights)]
    layers = [layer[0] for layer in weights]
    residual = layers[-1] @ seen[-1] - network.Y
    cotangent = torch.einsum("aw,ri->arwi", layers[-1], C) + torch.einsum(
        "wr,ai->arwi", Q, residual
    )
    cotangent = cotangent.flatten(0, 1) * (seen[-1] > 0)
    gram = torch.zeros(len(cotangent), len(cotangent)).to(C)
    for index in reversed(range(network.depth - 1)):
        jacobian = (cotangent @ seen[index].mT).flatten(1)
        gram = gram + jacobian @ jacobian.mT
        if index > 0:
            cotangent = (layers[index].mT @ cotangent) * (seen[index] > 0)
    return gram


def _root(gram: torch.Tensor) -> torch.Tensor:
    top: torch.Tensor = torch.linalg.eigvalsh(gram)[-1].sqrt()
    return top


def _worst(
    network: DeepReLU, centre: Weights, Q: torch.Tensor, index: int, radius: float, steps: int
) -> float:
    # The least mu, or the greatest of the other three.
    sign = -1 if index == 0 else 1

    def value(layers: Weights) -> torch.Tensor:
        return sign * _constants(network, layers, Q)[index]

    return abs(_ascend(value, centre, radius, steps))


def _ascend(
    value: Callable[[Weights], torch.Tensor], centre: Weights, radius: float, steps: int
) -> float:
    # Steps of 2 radius / steps along the normalised gradient, pulled back into the ball.
    point = [layer.clone() for layer in centre]
    best = float(value(point))
    for _ in range(steps):
        leaves = [layer.detach().requires_grad_() for layer in point]
        gradient = torch.autograd.grad(value(leaves), leaves, allow_unused=True)
        moves = [
            torch.zeros_like(a) if g is None else g for a, g in zip(point, gradient, strict=True)
        ]
        point = _pull(
            [a + 2 * radius / steps / _norm(moves) * g for a, g in zip(point, moves, strict=True)],
            centre,
            radius,
        )
        best = max(best, float(value(point)))
    return best


def _pull(point: Weights, centre: Weights, radius: float) -> Weights:
    away = [a - c for a, c in zip(point, centre, strict=True)]
    shrink = min(1.0, radius / _norm(away))
    return [c + shrink * d for c, d in zip(centre, away, strict=True)]


def _norm(layers: Weights) -> float:
    return float(torch.stack([layer.square().sum() for layer in layers]).sum().sqrt()) or 1.0
