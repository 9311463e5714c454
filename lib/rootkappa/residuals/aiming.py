"""Strong aiming: do gradients point towards the minimiser that a run finds?

A function aims strongly at w* with constant mu if

    <grad f(w), w - w*>  >=  f(w) - f* + (mu / 2) ||w - w*||^2 .

Nesterov's method accelerates under this condition, which is weaker than strong convexity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from rootkappa import _checks
from rootkappa.architectures import Model

_MODEL = "an architecture with its data"


@dataclass(frozen=True, eq=False)
class Aiming:
    """How well a gradient aims, a number a replica.

    Args:
        margin: [<grad f, w - w*> - f] / ((mu/2) ||w - w*||^2): strong aiming asks for at least 1.
        cosine: Of the angle between the gradient and w - w*; 0 where the gradient is zero.
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
        mu: The constant, above 0, a number or one a replica.

    Returns:
        Margin, cosine and secant constant.

    Raises:
        ValueError: If a replica stands at its target, where there is no direction to aim in, or
            shapes or numbers do not fit.

    Source: Gupta and Wojtowytsch (2025), there with w* the closest minimiser; the limit of the run
    is farther away, so that the numbers here are those of a stronger condition.

    Example:
        >>> from rootkappa import Quadratic
        >>> model = Quadratic.with_spectrum(torch.tensor([2.0, 2.0], dtype=torch.float64))
        >>> seen = aiming(model, model.initialise([0]), [torch.zeros(1, 2, 1).double()], 2.0)
        >>> round(float(seen.margin), 10), round(float(seen.cosine), 10)
        (1.0, 1.0)
    """
    # mypy takes no abstract class where a type is asked for.
    _checks.instance("model", model, Model, _MODEL)  # type: ignore[type-abstract]
    here = model.fitting(_checks.layers(weights, model.shapes))
    there = model.fitting(_checks.layers(target, model.shapes, "target"))
    constant = _constants(mu, len(here[0])).to(model.Y)
    residual, factors = model.gradient_factors(here)
    loss = residual.square().sum((1, 2)) / 2
    gradient = torch.cat([(left @ right).flatten(1) for left, right in factors], dim=1)
    away = torch.cat([(a - b).flatten(1) for a, b in zip(here, there, strict=True)], dim=1)
    inner, square = (gradient * away).sum(1), away.square().sum(1)
    if bool((square == 0).any()):
        raise ValueError(
            f"{int((square == 0).sum())} of {len(square)} replicas stand at their target, where "
            "there is no direction to aim in: leave out these steps, or choose another target."
        )
    lengths = gradient.norm(dim=1) * square.sqrt()
    cosine = (inner / lengths).where(lengths > 0, 0.0)
    margin = (inner - loss) / (constant / 2 * square)
    return Aiming(margin, cosine, inner / (constant * square))


def _constants(mu: float | torch.Tensor, replicas: int) -> torch.Tensor:
    if np.ndim(mu) == 0:
        return torch.tensor(_checks.positive("mu", mu), dtype=torch.float64).expand(replicas)
    each = _checks.vector("mu", mu, replicas)
    _checks.positive("mu", each.min())
    return each
