"""The family on any gradient function: the plain loop, one point at a time.

`rootkappa.training` runs networks with many replicas; this is for a function of a few lines, and
the loop that the others are tested against.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch

from rootkappa import _checks
from rootkappa.optimizers.method import Method


class Iterate(NamedTuple):
    """Where a method stands before a step.

    Args:
        point: The evaluation point y_t, at which it is read.
        velocity: The last step, w_t - w_{t-1}.
    """

    point: torch.Tensor
    velocity: torch.Tensor


def iterate(
    method: Method,
    gradient: Callable[[torch.Tensor], torch.Tensor],
    start: torch.Tensor,
    steps: int,
) -> Iterator[Iterate]:
    """Run w_{t+1} = w_t + beta v_t - eta grad L(y_t), y_t = w_t + gamma v_t, v_t = w_t - w_{t-1}.

    Args:
        method: Any method without a restart rule.
        gradient: The gradient at a point, of any shape.
        start: w_0 = w_{-1}.
        steps: T, at least 0.

    Returns:
        An iterator over y_t and v_t for t = 0, ..., T.

    Raises:
        ValueError: If the method has a restart rule.

    Example:
        >>> from rootkappa.optimizers import nesterov
        >>> run = iterate(nesterov(0.5, 0.5), lambda w: w, torch.ones(1), 2)
        >>> [float(now.point) for now in run]
        [1.0, 0.25, -0.0625]
    """
    if method.restart is not None:
        raise ValueError(
            f"{method.name} has a restart rule, which looks at a residual: use rootkappa.train."
        )
    _checks.count("steps", steps, 0)
    return _steps(method, gradient, start, steps)


def _steps(
    method: Method,
    gradient: Callable[[torch.Tensor], torch.Tensor],
    start: torch.Tensor,
    steps: int,
) -> Iterator[Iterate]:
    w, v = start, torch.zeros_like(start)
    for t in range(steps + 1):
        eta, beta, gamma = method.coefficients(t)
        y = w + gamma * v
        yield Iterate(y, v)
        if t < steps:
            v = beta * v - eta * gradient(y)
            w = w + v
