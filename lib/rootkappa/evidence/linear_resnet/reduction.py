"""A wide network beside the narrow one on the span of A X and B^T."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch

from rootkappa.architectures import LinearResNet, Weights
from rootkappa.evidence.linear_resnet.stacked import (
    Stacked,
    data,
    hidden,
    maps_seed,
    residuals,
    start,
    trained,
    tuned,
)
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import gradient_descent
from rootkappa.training import Batches

_WIDTH = 64
_DEPTH = 4
_STEPS = 150
_ADAM_STEPS = 60


class Pair(NamedTuple):
    """Wide networks and the narrow ones that they should be, a draw beside the other.

    Args:
        wide: The wide networks.
        narrow: Those with the maps Q^T A and B Q.
        Q: Orthonormal bases of the spans of A X and B^T, shape (R, m, r + k).
        labels: ||Y|| of each draw, shape (R,).
    """

    wide: Stacked
    narrow: Stacked
    Q: torch.Tensor
    labels: torch.Tensor


class Trained(NamedTuple):
    """What a run of Adam leaves.

    Args:
        residuals: Shape (T, R, k r).
        weights: Those at the end.
    """

    residuals: torch.Tensor
    weights: Weights


def pair(seeds: Sequence[int], width: int = _WIDTH) -> Pair:
    """Draw data and Gaussian maps.

    Args:
        seeds: The seeds of the draws.
        width: m of the wide networks.

    Returns:
        The pair.
    """
    problems = [data(seed) for seed in seeds]
    wide = [
        LinearResNet.gaussian(p.X, p.Y, width, _DEPTH, [maps_seed(seed)], 2.0, 2.0)
        for p, seed in zip(problems, seeds, strict=True)
    ]
    # The reduced X is square and of full rank, so that A X spans what A does.
    bases = [torch.linalg.qr(torch.cat([model.A[0], model.B[0].T], dim=1)).Q for model in wide]
    narrow = [
        LinearResNet(model.X, model.Y, Q.T @ model.A[0], model.B[0] @ Q, _DEPTH)
        for model, Q in zip(wide, bases, strict=True)
    ]
    labels = torch.stack([problem.Y.norm() for problem in problems])
    return Pair(Stacked.of(wide), Stacked.of(narrow), torch.stack(bases), labels)


@measures("linear-resnet/subspace-reduction")
def subspace_reduction(seeds: Sequence[int]) -> Evidence:
    """Train wide and narrow networks beside each other, with three methods and SGD.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    both = pair(seeds)
    found = _compare(both, seeds, start(both.wide))
    off = _compare(both, seeds, hidden(seeds, _WIDTH, _DEPTH, 0.1))
    wide, narrow = (adam(network).residuals for network in (both.wide, both.narrow))
    shown = {"adam": ((wide - narrow).norm(dim=2).amax(0) / both.labels).tolist()}
    return Evidence(found, Control("random hidden weights, $N(0, 0.01/m)$", off), shown=shown)


def _compare(both: Pair, seeds: Sequence[int], begin: Weights) -> dict[str, list[float]]:
    methods = tuned(both.wide)
    slow = [gradient_descent(method.step_size / 6) for method in methods[0]]
    P = both.Q @ both.Q.mT
    projected = [both.Q.mT @ layer @ both.Q for layer in begin]
    outputs, outside = [], []
    for each, batches in ((methods, None), ([slow], Batches(2, list(seeds)))):
        wide, narrow = (
            trained(net, each, _STEPS, weights, batches=batches, keep_residuals=True)
            for net, weights in ((both.wide, begin), (both.narrow, projected))
        )
        apart = residuals(wide, len(each)) - residuals(narrow, len(each))
        outputs.append(apart.norm(dim=3).amax(2) / both.labels)
        for layer in wide.weights:
            stacked = layer.reshape(len(each), *begin[0].shape)
            rest = (stacked - P @ stacked @ P).norm(dim=(2, 3))
            outside.append(rest / stacked.norm(dim=(2, 3)))
    return {
        "outputs": torch.cat(outputs).amax(0).tolist(),
        "outside": torch.cat(outside).amax(0).tolist(),
    }


def adam(network: Stacked, steps: int = _ADAM_STEPS) -> Trained:
    """Train with Adam from zero hidden weights, with its usual numbers and step size 1e-3.

    Args:
        network: The networks. Adam scales every entry by itself, so that replicas do not meet.
        steps: T.

    Returns:
        Residuals, shape (T, R, k r), and the weights at the end.
    """
    weights = start(network)
    means, squares = ([torch.zeros_like(w) for w in weights] for _ in range(2))
    found = []
    for t in range(1, steps + 1):
        found.append(network.residual(weights).flatten(1))
        for layer, mean, square, slope in zip(
            weights, means, squares, network.gradient(weights), strict=True
        ):
            mean.lerp_(slope, 0.1)
            square.lerp_(slope.square(), 0.001)
            size = (square / (1 - 0.999**t)).sqrt() + 1e-8
            layer.sub_(1e-3 / (1 - 0.9**t) * mean / size)
    return Trained(torch.stack(found), weights)
