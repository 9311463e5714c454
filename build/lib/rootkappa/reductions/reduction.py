"""A wide network together with the narrow one that it really is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from rootkappa.architectures import Model, Weights
from rootkappa.optimizers import Method


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
    """Give an orthonormal basis of the span of some columns.

    Args:
        columns: Shape (R, m, c).

    Returns:
        Shape (R, m, s) with s the largest rank over the replicas, at most min(m, c).
    """
    U, S, _ = torch.linalg.svd(columns, full_matrices=False)
    cut = S[:, :1] * max(columns.shape[1:]) * torch.finfo(S.dtype).eps
    kept: torch.Tensor = U[:, :, : int(torch.gt(S, cut).sum(1).max())]
    return kept


def check_optimizer(optimizer: object) -> None:
    """Check that an optimizer stays in the span of its gradients, as every reduction needs.

    Args:
        optimizer: A `Method`, or an instance or class of torch.optim. `Method` and
            torch.optim.SGD pass: their updates are linear combinations of past gradients and
            iterates.

    Raises:
        ValueError: If it is any other: Adam and its kin scale every coordinate by itself, so
            they leave every subspace that does not run along the coordinates.
    """
    kind = optimizer if isinstance(optimizer, type) else type(optimizer)
    if not issubclass(kind, Method | torch.optim.SGD):
        raise ValueError(
            f"{kind.__name__} is not known to stay in the span of its gradients (coordinate-wise "
            "methods leave it), so no reduction is exact: train the wide network, or use gradient "
            "descent, heavy ball, Nesterov or SGD."
        )
