"""The one walker: a method on any gradient function, step by step.

`rootkappa.train` runs many replicas fast and keeps norms. Whoever wants to look at every step, at
weights, velocities and gradients, walks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import torch

from rootkappa import _checks
from rootkappa.optimizers.method import Method, as_method

Layers = list[torch.Tensor]


class Step(NamedTuple):
    """Where a method stands before step t.

    Args:
        t: The step, from 0.
        point: The evaluation point y_t, at which the method is read, a tensor a layer.
        weights: w_t, the same shapes.
        velocity: The last step, w_t - w_{t-1}, the same shapes.
        gradient: The gradient at y_t, the same shapes.
    """

    t: int
    point: Layers
    weights: Layers
    velocity: Layers
    gradient: Layers


def walk(
    method: Method,
    gradient: Callable[[Layers], Sequence[torch.Tensor]],
    start: Sequence[torch.Tensor],
    steps: int,
) -> Iterator[Step]:
    """Run w_{t+1} = w_t + beta v_t - eta grad L(y_t), y_t = w_t + gamma v_t, v_t = w_t - w_{t-1}.

    Args:
        method: Any method without a restart rule.
        gradient: The gradient at a point, a tensor a layer; called once a step, in order, so that
            it may remember what it has seen.
        start: w_0 = w_{-1}, a tensor a layer; left as it is.
        steps: T, at least 0.

    Returns:
        An iterator over the steps t = 0, ..., T.

    Raises:
        TypeError: If the method is not one of the family, or the start no list of tensors.
        ValueError: If the method has a restart rule; on the way, if the gradient does not have the
            shapes of the start.

    Example:
        >>> from rootkappa.optimizers import nesterov
        >>> path = walk(nesterov(0.5, 0.5), lambda w: w, [torch.ones(1)], 2)
        >>> [float(now.point[0]) for now in path]
        [1.0, 0.25, -0.0625]
    """
    as_method(method)
    if method.restart is not None:
        raise ValueError(
            f"{method.name} has a restart rule, which looks at a residual: use rootkappa.train."
        )
    _checks.function("gradient", gradient, "model.gradient")
    return _steps(
        method, gradient, _checks.tensors("start", start), _checks.count("steps", steps, 0)
    )


def _steps(
    method: Method,
    gradient: Callable[[Layers], Sequence[torch.Tensor]],
    start: Layers,
    steps: int,
) -> Iterator[Step]:
    w, v = start, [torch.zeros_like(layer) for layer in start]
    for t in range(steps + 1):
        eta, beta, gamma = method.coefficients(t)
        y = [a + gamma * b for a, b in zip(w, v, strict=True)]
        slope = list(gradient(y))
        if [g.shape for g in slope] != [a.shape for a in w]:
            raise ValueError(
                f"the gradient has shapes {[tuple(g.shape) for g in slope]} at weights of shapes "
                f"{[tuple(a.shape) for a in w]}: give one tensor a layer, of its shape."
            )
        yield Step(t, y, w, v, slope)
        v = [beta * b - eta * g for b, g in zip(v, slope, strict=True)]
        w = [a + b for a, b in zip(w, v, strict=True)]
