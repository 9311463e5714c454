"""Deep linear networks drawn side by side, each with data and weights of its own.

In the coordinates of `Dataset.reduced` the inputs of `datasets.gaussian` are diag(s) up to a random
rotation, and the law of the first layer does not see rotations. So what is drawn of the data are
the labels W* diag(s), and all replicas share the inputs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Self

import torch
from scipy import special
from typing_extensions import override

from rootkappa import devices, draws, optimizers
from rootkappa.architectures import DeepLinear, Factors, Weights
from rootkappa.optimizers import Method
from rootkappa.problems import Spectrum
from rootkappa.reductions import Reduction, sample_krylov, sample_orthogonal
from rootkappa.training import Trajectory

METHODS: dict[str, Callable[[Spectrum], Method]] = {
    "gradient_descent": optimizers.classical_gradient_descent,
    "heavy_ball": optimizers.modular_heavy_ball,
    "nesterov": optimizers.lazy_nesterov,
}
FILLS = ("gaussian", "orthogonal")
INPUTS, OUTPUTS = 10, 3
# What may be missing of a Gaussian network that is cut to its first Krylov blocks.
_TOLERANCE = 1e-9


class OwnLabels(DeepLinear):
    """Deep linear networks of one size, each replica with labels of its own.

    Args:
        X: Inputs, shape (d, n) for all, or (R, d, n).
        labels: Y of each, shape (R, k, n).
        width: m.
        depth: L.
        initialisation: As for `DeepLinear`.
        scale_width: As for `DeepLinear`.
    """

    kernel_of = DeepLinear

    def __init__(
        self,
        X: torch.Tensor,
        labels: torch.Tensor,
        width: int,
        depth: int,
        initialisation: str = "gaussian",
        scale_width: float | None = None,
    ) -> None:
        first = X if X.ndim == 2 else X[0]
        super().__init__(first, labels[0], width, depth, initialisation, scale_width)
        self.X, self._labels = X, labels

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """Shape (rows, cols) of W_1, ..., W_L."""
        sizes = [self.X.shape[-2], *[self.width] * (self.depth - 1), len(self.Y)]
        return [(rows, cols) for cols, rows in pairwise(sizes)]

    @property
    @override
    def labels(self) -> torch.Tensor:
        """Y of each replica, shape (R, k, n)."""
        return self._labels

    @property
    def replicas(self) -> int:
        """How many there are."""
        return len(self.labels)

    def select(self, rows: Sequence[int]) -> Self:
        """Give some of the networks.

        Args:
            rows: Which; a row may come twice.

        Returns:
            Those, in the order asked for.
        """
        chosen = self._rows(rows)
        return type(self)(
            self.X if self.X.ndim == 2 else self.X[chosen],
            self.labels[chosen],
            self.width,
            self.depth,
            self.initialisation,
            self.scale_width,
        )

    def residual(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give U - Y, with the labels of each replica.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            Residuals, shape (R, k, n).
        """
        return self.predict(weights) - self.labels

    def _factors(
        self, weights: Sequence[torch.Tensor], shares: torch.Tensor | None
    ) -> tuple[torch.Tensor, Factors]:
        above = self.products_above(weights)
        residual = above[0] @ self.X - self.labels
        below = self.products_below(weights, residual @ self.X.mT)
        return residual, [(S.mT, Q) for S, Q in zip(above[1:], below, strict=True)]


Networks = tuple[OwnLabels, Weights]


def inputs(kappa: float) -> torch.Tensor:
    """Give inputs of a prescribed condition number, reduced to rank size.

    Args:
        kappa: kappa(X).

    Returns:
        diag(s) with s even in its logarithm from 1 to kappa^{-1/2}, shape (10, 10).
    """
    return torch.logspace(0, -0.5 * math.log10(kappa), INPUTS, dtype=torch.float64).diag()


def labels(X: torch.Tensor, seeds: Sequence[int], outputs: int = OUTPUTS) -> torch.Tensor:
    """Draw labels W* X with entries of W* from N(0, 1/d).

    Args:
        X: Inputs, shape (d, n).
        seeds: One a replica.
        outputs: k.

    Returns:
        Labels, shape (R, k, n).
    """
    # Seeds of their own: a network draws its weights with the same ones.
    sources = [draws.generator(devices.seed(what="labels", seed=seed)) for seed in seeds]
    maps = torch.stack([draws.normal((outputs, len(X)), source) for source in sources])
    return maps / math.sqrt(len(X)) @ X


def orthogonal(seeds: Sequence[int], kappa: float, width: int, depth: int = 3) -> Networks:
    """Draw orthogonal networks in their reduced form, which is exact.

    Args:
        seeds: One a network.
        kappa: kappa(X).
        width: m.
        depth: L.

    Returns:
        The networks and their weights.
    """
    X = inputs(kappa)
    Y = labels(X, seeds)
    return own(sample_orthogonal(X, Y[0], width, depth, seeds), Y)


def gaussian(seeds: Sequence[int], kappa: float, width: int) -> Networks:
    """Draw Gaussian networks of depth 3, cut to the Krylov blocks that heavy ball needs.

    Args:
        seeds: One a network.
        kappa: kappa(X).
        width: m.

    Returns:
        The networks and their weights.
    """
    X = inputs(kappa)
    Y = labels(X, seeds)
    ball, steps = optimizers.modular_heavy_ball, int(30 * math.sqrt(kappa))
    run = sample_krylov(X, Y[0], width, seeds, methods=ball, steps=steps, tolerance=_TOLERANCE)
    # That run has one set of labels. One block more, for those of the others, if there is room.
    blocks = min(run.exact_steps or 1, width // (INPUTS + OUTPUTS) - 2)
    return own(sample_krylov(X, Y[0], width, seeds, blocks=blocks), Y)


def own(drawn: Reduction, Y: torch.Tensor) -> Networks:
    """Give each replica of a reduction its own labels.

    Args:
        drawn: The reduction.
        Y: Labels, shape (R, k, n).

    Returns:
        The networks and their weights.

    Raises:
        TypeError: If it is not the reduction of a DeepLinear.
    """
    model = drawn.model
    if not isinstance(model, DeepLinear):
        raise TypeError(f"got a {type(model).__name__}: give a reduced DeepLinear.")
    return relabelled(model, Y), drawn.weights


def relabelled(model: DeepLinear, Y: torch.Tensor, X: torch.Tensor | None = None) -> OwnLabels:
    """Give the same networks other data.

    Args:
        model: The networks.
        Y: Labels, shape (R, k, n).
        X: Inputs, those of the networks if None.

    Returns:
        The networks.
    """
    there = model.X if X is None else X
    return OwnLabels(there, Y, model.width, model.depth, scale_width=model.scale_width)


def drawn(fill: str, seeds: Sequence[int], kappa: float, width: int) -> Networks:
    """Draw networks of depth 3.

    Args:
        fill: "gaussian" or "orthogonal".
        seeds: One a network.
        kappa: kappa(X).
        width: m.

    Returns:
        The networks and their weights.
    """
    return (gaussian if fill == "gaussian" else orthogonal)(seeds, kappa, width)


def residuals(run: Trajectory) -> torch.Tensor:
    """Give the residuals that a run has kept.

    Args:
        run: The run.

    Returns:
        Residuals, shape (R, T + 1, k n).

    Raises:
        ValueError: If it kept none.
    """
    if run.residuals is None:
        raise ValueError("the run kept no residuals: train with keep_residuals=True.")
    return run.residuals


def mean(values: torch.Tensor) -> tuple[float, tuple[float, float]]:
    """Give a mean over draws with Student's interval.

    Args:
        values: One a draw.

    Returns:
        The mean, and its 95 % interval.
    """
    middle = float(values.mean())
    reach = (
        float(values.std())
        / math.sqrt(len(values))
        * float(special.stdtrit(len(values) - 1, 0.975))
    )
    return middle, (middle - reach, middle + reach)
