"""What theorems on linear residual networks share."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from rootkappa.architectures import LinearResNet
from rootkappa.theorems.theorem import Hypothesis, Spectrum, singular_values


def zero_hidden_weights(model: LinearResNet) -> Hypothesis:
    """Say whether the hidden weights start at zero, as all theorems on these networks ask.

    Args:
        model: The network with its data.

    Returns:
        The hypothesis.
    """
    return Hypothesis("hidden weights start at zero", 1.0, float(model.hidden_scale == 0))


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
    """Extreme singular values of maps and data, the worst over the model's replicas.

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
    A, B, X = (torch.linalg.svdvals(matrix) for matrix in (model.A, model.B, model.X))
    kept = singular_values(model)
    # A map that loses a direction of its space has no least singular value above 0.
    floors = [len(model.X) <= model.width, len(model.Y) <= model.width]
    least = A[:, -1] * B[:, -1] * kept[-1] * float(all(floors))
    zero = [model.Y.new_zeros(len(A), *shape) for shape in model.shapes]
    start = float((model.residual(zero).square().sum((1, 2)) / 2).max())
    fitted = model.Y @ torch.linalg.pinv(model.X) @ model.X
    floor = float((model.Y - fitted).square().sum()) / 2
    inner = float((A[:, 0] * B[:, 0]).max() * X[0])
    return Sizes(inner, float(least.min()), start, floor)
