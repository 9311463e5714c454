"""Strong aiming: do gradients point towards the minimiser that a run finds?

A function aims strongly at w* with constant mu if

    <grad f(w), w - w*>  >=  f(w) - f* + (mu / 2) ||w - w*||^2 .

Nesterov's method accelerates under this condition, which is weaker than strong convexity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from rootkappa.architectures import Model


@dataclass(frozen=True)
class Aiming:
    """How well a gradient aims, a number a replica.

    Args:
        margin: [<grad f, w - w*> - f] / ((mu/2) ||w - w*||^2): strong aiming asks for at least 1.
        cosine: Of the angle between the gradient and w - w*.
        secant: <grad f, w - w*> / (mu ||w - w*||^2), the restricted secant inequality over mu.
    """

    margin: torch.Tensor
    cosine: torch.Tensor
    secant: torch.Tensor


def aiming(
    model: Model,
    weights: Sequence[torch.Tensor],
    target: Sequence[torch.Tensor],
    mu: float | torch.Tensor,
) -> Aiming:
    """Measure how well the gradient at some weights aims at a target.

    Args:
        model: Any architecture, whose loss is 0 at the target.
        weights: One tensor (R, rows, cols) a layer.
        target: w*, the same shapes: the limit of the run, or a projection on the minimisers.
        mu: The constant, a number or one a replica.

    Returns:
        Margin, cosine and secant constant.

    Source: Gupta and Wojtowytsch (2025), there with w* the closest minimiser; the limit of the run
    is farther away, so that the numbers here are those of a stronger condition.

    Example:
        >>> from rootkappa import Quadratic
        >>> model = Quadratic.with_spectrum(torch.tensor([2.0, 2.0], dtype=torch.float64))
        >>> seen = aiming(model, model.initialise([0]), [torch.zeros(1, 2, 1).double()], 2.0)
        >>> round(float(seen.margin), 10), round(float(seen.cosine), 10)
        (1.0, 1.0)
    """
    residual, factors = model.gradient_factors(weights)
    loss = residual.square().sum((1, 2)) / 2
    gradient = torch.cat([(left @ right).flatten(1) for left, right in factors], dim=1)
    away = torch.cat([(a - b).flatten(1) for a, b in zip(weights, target, strict=True)], dim=1)
    inner = (gradient * away).sum(1)
    square = away.square().sum(1)
    return Aiming(
        (inner - loss) / (mu / 2 * square),
        inner / (gradient.norm(dim=1) * square.sqrt()),
        inner / (mu * square),
    )
