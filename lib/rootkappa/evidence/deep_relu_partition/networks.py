"""The networks of the chapter at their start: drawn data, drawn weights, measured constants."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch

from rootkappa import datasets
from rootkappa.architectures import DeepReLU, Weights
from rootkappa.optimizers import Method
from rootkappa.problems import PartitionConstants
from rootkappa.residuals import measured_constants
from rootkappa.theorems import PartitionNesterov
from rootkappa.theorems.liao2024provable import WideNetwork
from rootkappa.training import Trajectory, grid

INPUTS, HIDDEN, SAMPLES = 10, 32, 20
# With so few units more than samples Nesterov with c = 1 fails, as far as was looked.
NARROW = 22
# Of the residual: a loss of 1e-6 of the first.
ACCURACY = 1e-3
# Data and weights come from different streams: with one seed they would share their numbers.
_WEIGHTS = 1 << 20


@dataclass(frozen=True, eq=False)
class Start:
    """A network with its data, at one start.

    Args:
        model: The network.
        weights: Its weights, a tensor (1, rows, cols) a layer.
    """

    model: DeepReLU
    weights: Weights

    @cached_property
    def constants(self) -> PartitionConstants:
        """The constants of partial strong convexity there, by exact singular values."""
        return measured_constants(self.model, self.weights).of(0)

    def nesterov(self, c: float = 1.0) -> Method:
        """Give the theorem's tuning for the constants of this start.

        Args:
            c: The step is c / L1.

        Returns:
            The method.
        """
        return PartitionNesterov(c).tuning(self.constants)

    def train(self, method: Method, steps: int, tolerance: float = ACCURACY) -> Trajectory:
        """Train all layers.

        Args:
            method: The method.
            steps: The most steps.
            tolerance: Of the residual, where to stop.

        Returns:
            The run.
        """
        problem = (self.model, self.weights)
        return grid(problem, method=method).train(steps, tolerance=tolerance, progress=False)


def drawn(
    seed: int,
    layers: int,
    width: int,
    *,
    samples: int = SAMPLES,
    hidden: int = HIDDEN,
    labels: float = 1.0,
) -> Start:
    """Draw inputs on a sphere of radius sqrt(d), labels N(0, 1), and weights.

    Args:
        seed: The seed of all of them.
        layers: Lambda, at least 3.
        width: The last hidden width.
        samples: n.
        hidden: The width of the other hidden layers.
        labels: What the labels are multiplied with.

    Returns:
        The network at its start.
    """
    data = datasets.sphere(d=INPUTS, k=1, n=samples, seed=seed)
    widths = [hidden] * (layers - 2) + [width]
    model = DeepReLU(math.sqrt(INPUTS) * data.X, labels * data.Y, widths)
    return Start(model, model.initialise([_WEIGHTS + seed]))


def patience(constants: PartitionConstants, c: float = 1.0) -> int:
    """Give the steps after which a run of Nesterov has had its chance.

    Args:
        constants: The problem's constants.
        c: The step is c / L1.

    Returns:
        10 sqrt(kappa/c) + 100, where a quadratic needs 7 sqrt(kappa/c) to a residual of 1e-3.
    """
    return int(10 * math.sqrt(constants.kappa / c)) + 100


def twice_norms(weights: Sequence[torch.Tensor]) -> list[float]:
    """Give the lambdas of Lemma 14.

    Args:
        weights: One tensor (1, rows, cols) a layer.

    Returns:
        Twice the spectral norm of each layer.
    """
    return [2 * float(torch.linalg.matrix_norm(layer[0], 2)) for layer in weights]


def lemma14(start: Start) -> PartitionConstants:
    """Give the constants of Lemma 14.

    Args:
        start: The network at its start.

    Returns:
        The constants, with the lemma's radii.
    """
    model, weights = start.model, start.weights
    alpha = float(torch.linalg.svdvals(model.features(weights)[-1][0])[-1])
    norms = float(model.X.norm()), float(model.Y.norm())
    return WideNetwork.lemma14(alpha, twice_norms(weights), *norms)
