"""A wide network together with the narrow one that it really is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from rootkappa.architectures import Model, Weights
from rootkappa.optimizers import HigherMomentum, Method
from rootkappa.problems import numerical_rank


@dataclass(frozen=True)
class Reduction:
    """A narrow network whose outputs are those of the wide one, step by step.

    Train `model` from `weights` as any other; `lift` gives the weights of the wide network back.

    Args:
        model: The narrow network.
        weights: Its starting weights, a tensor (R, rows, cols) a layer.
        lift: Maps narrow weights to wide ones; None where nothing wide was ever drawn.
        exact_steps: The number of steps for which the two agree; None for ever.
        error: How far the two may be apart afterwards, along the run that was asked about: an
            estimate of the largest difference of their outputs, as a share of the residual at the
            start. None if no run was asked about.
    """

    model: Model
    weights: Weights
    lift: Callable[[Weights], Weights] | None = None
    exact_steps: int | None = None
    error: float | None = None


def orthonormal_basis(columns: torch.Tensor) -> torch.Tensor:
    """Give an orthonormal basis of the span of some columns.

    Args:
        columns: Shape (R, m, c).

    Returns:
        Shape (R, m, s) with s the largest rank over the replicas, at most min(m, c).
    """
    U, S, _ = torch.linalg.svd(columns, full_matrices=False)
    size = max(columns.shape[1:])
    kept: torch.Tensor = U[:, :, : max(numerical_rank(values, size) for values in S)]
    return kept


def check_optimizer(optimizer: object, outside: str = "") -> None:
    """Check that an optimizer stays in the span of its gradients, as every reduction needs.

    Methods whose updates are linear combinations of past gradients and velocities pass: `Method`,
    with any schedule or restart rule, since the inner products that a rule looks at are the same;
    `HigherMomentum`; torch.optim.SGD, Nesterov's or dampened. Weight decay multiplies what a
    network starts with: outputs still agree, but not the lifted weights, where the wide network
    has weights outside the span.

    Args:
        optimizer: Such a method, or an instance or class of torch.optim; None passes.
        outside: What the wide network has outside the span, where that is not zero and is lifted.

    Raises:
        ValueError: If it is any other: Adam and its kin scale every coordinate by itself, so
            they leave every subspace that does not run along the coordinates. Or if it has weight
            decay, and something lies outside.
    """
    if optimizer is None:
        return
    kind = optimizer if isinstance(optimizer, type) else type(optimizer)
    if not issubclass(kind, Method | HigherMomentum | torch.optim.SGD):
        raise ValueError(
            f"{kind.__name__} is not known to stay in the span of its gradients (coordinate-wise "
            "methods leave it), so no reduction is exact: train the wide network, or use gradient "
            "descent, heavy ball, Nesterov or SGD."
        )
    groups = optimizer.param_groups if isinstance(optimizer, torch.optim.SGD) else []
    decay = max((group["weight_decay"] for group in groups), default=0)
    if outside and decay:
        raise ValueError(
            f"{kind.__name__} has weight_decay = {decay:g}, which shrinks {outside}, and lifted "
            "weights would not: set it to 0, or train the wide network."
        )
