"""The same runs on the kernel that they start with, kept frozen, all stacked."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from rootkappa.architectures import Model, Weights, vectorise
from rootkappa.optimizers import Method


def frozen_norms(
    model: Model, weights: Weights, draws: Sequence[int], methods: Sequence[Method], steps: int
) -> torch.Tensor:
    """Follow the recursion of the residual mode by mode.

    Args:
        model: The architecture.
        weights: Starting weights, a replica a draw.
        draws: The draw of each run.
        methods: The method of each run, with constant numbers.
        steps: T.

    Returns:
        ||xi_t||, shape (R, T + 1); infinite or NaN where it overflows.
    """
    values, vectors = torch.linalg.eigh(model.tangent_kernel(weights).double())
    start = (vectors.mT @ vectorise(model.residual(weights)).double()[..., None])[..., 0]
    rows = list(draws)
    now, curvature = start[rows], values[rows].clamp(min=0)
    numbers = now.new_tensor([method.coefficients(0) for method in methods])
    eta, beta, gamma = numbers.T[:, :, None]
    slope, velocity = eta * curvature, torch.zeros_like(now)
    norms: torch.Tensor = now.new_empty(len(rows), steps + 1)
    for step in range(steps + 1):
        point = now + gamma * velocity
        norms[:, step] = point.norm(dim=1)
        velocity = beta * velocity - slope * point
        now = now + velocity
    return norms
