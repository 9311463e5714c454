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
        methods: The method of each run, without a restart rule.
        steps: T.

    Returns:
        ||xi_t||, shape (R, T + 1); infinite or NaN where it overflows.
    """
    values, vectors = torch.linalg.eigh(model.tangent_kernel(weights).double())
    start = (vectors.mT @ vectorise(model.residual(weights)).double()[..., None])[..., 0]
    rows = list(draws)
    now, curvature = start[rows], values[rows].clamp(min=0)
    constant = all(method.is_constant for method in methods)
    eta, beta, gamma = _numbers(methods, 0, now)
    slope, velocity = eta * curvature, torch.zeros_like(now)
    norms: torch.Tensor = now.new_empty(len(rows), steps + 1)
    for step in range(steps + 1):
        if not constant:
            _, beta, gamma = _numbers(methods, step, now)
        point = now + gamma * velocity
        norms[:, step] = point.norm(dim=1)
        velocity = beta * velocity - slope * point
        now = now + velocity
    return norms


def _numbers(methods: Sequence[Method], step: int, like: torch.Tensor) -> torch.Tensor:
    # eta, beta and gamma of a step, shape (3, R, 1).
    return like.new_tensor([method.coefficients(step) for method in methods]).T[:, :, None]
