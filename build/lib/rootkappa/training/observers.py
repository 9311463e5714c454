"""What to look at during training, at chosen steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from rootkappa.architectures import Model, TwoLayerReLU
from rootkappa.kernels import spectrum


@dataclass(frozen=True)
class Snapshot:
    """The state of the running replicas at one step.

    Args:
        model: The architecture.
        step: t.
        weights: Weights at the evaluation point, a tensor (R, rows, cols) a layer.
        start: Weights at t = 0, the same shapes.
    """

    model: Model
    step: int
    weights: Sequence[torch.Tensor]
    start: Sequence[torch.Tensor]


Observer = Callable[[Snapshot], torch.Tensor]


def distance_from_start(snapshot: Snapshot) -> torch.Tensor:
    """Give max_l ||W_l(t) - W_l(0)||_F / ||W_l(0)||_F.

    Args:
        snapshot: The state.

    Returns:
        Distances, shape (R,).
    """
    pairs = zip(snapshot.weights, snapshot.start, strict=True)
    distances = [
        torch.linalg.matrix_norm(now - start) / torch.linalg.matrix_norm(start)
        for now, start in pairs
    ]
    return torch.stack(distances).amax(0)


def displacement(snapshot: Snapshot) -> torch.Tensor:
    """Give ||W(t) - W(0)||_F over all layers.

    Args:
        snapshot: The state.

    Returns:
        Distances, shape (R,).
    """
    pairs = zip(snapshot.weights, snapshot.start, strict=True)
    squares = [(now - start).square().sum((1, 2)) for now, start in pairs]
    return torch.stack(squares).sum(0).sqrt()


def largest_displacement(snapshot: Snapshot) -> torch.Tensor:
    """Give max_r ||w_r(t) - w_r(0)||, over the neurons of the first layer.

    Args:
        snapshot: The state.

    Returns:
        Distances, shape (R,).
    """
    moved = snapshot.weights[0] - snapshot.start[0]
    largest: torch.Tensor = torch.linalg.vector_norm(moved, dim=2).amax(1)
    return largest


def flipped_share(snapshot: Snapshot) -> torch.Tensor:
    """Give the share of pairs (neuron, sample) whose activation differs from the start.

    Args:
        snapshot: The state of a two-layer ReLU network.

    Returns:
        Shares in [0, 1], shape (R,).

    Raises:
        TypeError: If the network has no activation patterns.
    """
    model = snapshot.model
    if not isinstance(model, TwoLayerReLU):
        raise TypeError(
            f"flips are counted on a two-layer ReLU network, got {type(model).__name__}: "
            "drop this observer."
        )
    changed = model.activation_patterns(snapshot.weights) ^ model.activation_patterns(
        snapshot.start
    )
    return changed.double().mean((1, 2))


def kernel_drift(snapshot: Snapshot) -> torch.Tensor:
    """Give ||H_t - H_0||_F / ||H_0||_F.

    Args:
        snapshot: The state.

    Returns:
        Relative drifts, shape (R,).
    """
    start = snapshot.model.tangent_kernel(snapshot.start)
    now = snapshot.model.tangent_kernel(snapshot.weights)
    drift: torch.Tensor = torch.linalg.matrix_norm(now - start) / torch.linalg.matrix_norm(start)
    return drift


def kernel_extremes(snapshot: Snapshot) -> torch.Tensor:
    """Give the least non-zero and the greatest eigenvalue of H_t.

    Args:
        snapshot: The state.

    Returns:
        Pairs (lambda_min, lambda_max), shape (R, 2).
    """
    values = spectrum(snapshot.model.tangent_kernel(snapshot.weights))
    return values[:, [0, -1]]
