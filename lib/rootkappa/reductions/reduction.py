"""A wide network together with the narrow one that it really is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from rootkappa.architectures import Model, Weights


@dataclass(frozen=True)
class Reduction:
    """A narrow network whose outputs are those of the wide one, step by step.

    Train `model` from `weights` as any other; `lift` gives the weights of the wide network back.

    Args:
        model: The narrow network.
        weights: Its starting weights, a tensor (R, rows, cols) a layer.
        lift: Maps narrow weights to wide ones.
        exact_steps: The number of steps for which the two agree; None for ever.
    """

    model: Model
    weights: Weights
    lift: Callable[[Weights], Weights]
    exact_steps: int | None = None


def orthonormal_basis(columns: torch.Tensor) -> torch.Tensor:
    """Give an orthonormal basis of the span of some columns, of at most full dimension.

    Args:
        columns: Shape (R, m, c).

    Returns:
        Shape (R, m, min(m, c)).
    """
    basis: torch.Tensor = torch.linalg.qr(columns)[0]
    return basis
