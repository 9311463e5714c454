"""What theorems on linear networks share: the data, and the two kinds of networks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from typing_extensions import override

from rootkappa.architectures import DeepLinear, LinearNetwork, LinearResNet
from rootkappa.problems import Spectrum, numerical_rank
from rootkappa.theorems.kernel import WidthTheorem
from rootkappa.theorems.report import Hypothesis


def singular_values(model: LinearNetwork) -> torch.Tensor:
    """Give the non-zero singular values of X in descending order.

    Args:
        model: The network with its data.

    Returns:
        Values, shape (r,).
    """
    values: torch.Tensor = torch.linalg.svdvals(model.X)
    return values[: numerical_rank(values, max(model.X.shape))]


def solution_norm(model: LinearNetwork) -> float:
    """Give the spectral norm of W*, the least-squares solution of the data.

    Args:
        model: The network with its data.

    Returns:
        ||W*||.
    """
    return float(torch.linalg.matrix_norm(model.Y @ torch.linalg.pinv(model.X), 2))


def data_spectrum(model: LinearNetwork, low: float = 1.0, high: float = 1.0) -> Spectrum:
    """Give (low, high) times the extremes of (L/k) X^T X, the mean kernel at initialisation.

    Args:
        model: The network with its data.
        low: Factor of the lower bound.
        high: Factor of the upper bound.

    Returns:
        The bounds.
    """
    values = singular_values(model).square() * (model.depth / len(model.Y))
    return Spectrum(low * float(values[-1]), high * float(values[0]))


@dataclass(frozen=True)
class DeepLinearTheorem(WidthTheorem[DeepLinear]):
    """A theorem on deep linear networks: one initialisation, and a width that is large enough.

    Unless a theorem says otherwise, its bounds on the kernel are the extremes of (L/k) X^T X, the
    mean kernel at initialisation.

    Args:
        delta: The probability of failure that the theorem grants, in (0, 1).
    """

    kind = DeepLinear
    initialisation: ClassVar[str] = "gaussian"

    @override
    def _bounds(self, model: DeepLinear) -> Spectrum:
        return data_spectrum(model)

    @override
    def hypotheses(self, problem: DeepLinear | Spectrum) -> tuple[Hypothesis, ...]:
        model = self.network(problem)
        same = model.initialisation == self.initialisation
        smallest = max(len(model.X), len(model.Y))
        return (
            Hypothesis(f"{self.initialisation} initialisation", True, same),
            Hypothesis("width at least max(d, k)", smallest, model.width),
            width_hypothesis(self.required_width(model), model.width),
        )


def width_hypothesis(needed: float, width: int) -> Hypothesis:
    """Compare a width with what a theorem asks for, up to a constant.

    Args:
        needed: The width of the theorem, with 1 for its constant.
        width: The width at hand.

    Returns:
        The hypothesis.
    """
    return Hypothesis("width of the theorem", needed, width, up_to_a_constant=True)


def zero_hidden_weights(model: LinearResNet) -> Hypothesis:
    """Say whether the hidden weights start at zero, as all theorems on these networks ask.

    Args:
        model: The network with its data.

    Returns:
        The hypothesis.
    """
    return Hypothesis("hidden weights start at zero", True, model.hidden_scale == 0)


def resnet_spectrum(model: LinearResNet) -> Spectrum:
    """Give the extreme non-zero eigenvalues of L (AX)^T (AX) (x) B B^T.

    Args:
        model: The network with its data.

    Returns:
        The bounds, the widest over the model's replicas.
    """
    rank = len(singular_values(model))
    features = torch.linalg.svdvals(model.A @ model.X)
    backward = torch.linalg.svdvals(model.B)
    least = features[:, rank - 1] * backward[:, -1]
    most = features[:, 0] * backward[:, 0]
    return Spectrum(model.depth * float(least.min()) ** 2, model.depth * float(most.max()) ** 2)


@dataclass(frozen=True)
class Sizes:
    """Extreme singular values of maps and data, each the worst over the model's replicas.

    Args:
        inner: ||A|| ||B|| ||X||.
        least: sigma_min(A) sigma_min(B) sigma_r(X).
        start: The loss at zero hidden weights.
        floor: The least loss of any linear map.
    """

    inner: float
    least: float
    start: float
    floor: float

    @property
    def excess(self) -> float:
        """The loss at the start above the floor; never quite 0, so that it can divide."""
        return max(self.start - self.floor, math.ulp(self.start))


def sizes(model: LinearResNet) -> Sizes:
    """Measure the maps and the data.

    Args:
        model: The network with its data.

    Returns:
        The sizes.
    """
    A, B = (torch.linalg.svdvals(matrix) for matrix in (model.A, model.B))
    X = singular_values(model)
    # A map that loses a direction of its space has no least singular value above 0.
    wide = max(len(model.X), len(model.Y)) <= model.width
    least = A[:, -1] * B[:, -1] * X[-1] * wide
    zero = [model.Y.new_zeros(len(A), *shape) for shape in model.shapes]
    start = float((model.residual(zero).square().sum((1, 2)) / 2).max())
    floor = float((model.Y - fitted(model)).square().sum()) / 2
    inner = float((A[:, 0] * B[:, 0]).max() * X[0])
    return Sizes(inner, float(least.min()), start, floor)


def fitted(model: LinearNetwork) -> torch.Tensor:
    """Give W* X, the labels as far as a linear map fits them.

    Args:
        model: The network with its data.

    Returns:
        Shape (k, n).
    """
    labels: torch.Tensor = model.Y @ torch.linalg.pinv(model.X) @ model.X
    return labels
