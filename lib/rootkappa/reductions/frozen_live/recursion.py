"""The recursion of a method, a number at a time, and what its restart rule is told.

    v_{t+1} = beta_t v_t - eta g_t,   y_{t+1} = y_t - gamma_t v_t + (1 + gamma_{t+1}) v_{t+1}.

The numbers shared by all neurons, those of live pairs, and the free motion of what is left alone
all obey it, each with its own gradient.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import numpy as np
import torch

from rootkappa.optimizers import Method, StepView
from rootkappa.optimizers.restarts import Restart

Value = TypeVar("Value", float, np.ndarray)


class Numbers(NamedTuple):
    """The numbers of one step.

    Args:
        step_size: eta.
        momentum: beta_t.
        extrapolation: gamma_t.
        ahead: gamma_{t+1}.
    """

    step_size: float
    momentum: float
    extrapolation: float
    ahead: float


def numbers(method: Method, clock: int) -> Numbers:
    """Give the numbers of a step.

    Args:
        method: The method.
        clock: Steps since the start; after a restart, since that, counted from 1.

    Returns:
        Its numbers.
    """
    return Numbers(*method.coefficients(clock), method.coefficients(clock + 1)[2])


def advance(point: Value, velocity: Value, gradient: Value, now: Numbers) -> tuple[Value, Value]:
    """Take a step.

    Args:
        point: y_t, a float or an array.
        velocity: v_t.
        gradient: The gradient at y_t.
        now: The numbers of the step.

    Returns:
        y_{t+1} and v_{t+1}.
    """
    moved = now.momentum * velocity - now.step_size * gradient
    return point - now.extrapolation * velocity + (1 + now.ahead) * moved, moved


def stop(point: Value, velocity: Value, now: Numbers) -> tuple[Value, Value]:
    """Set the velocity to zero after a step, so that y = w.

    Args:
        point: y_{t+1}.
        velocity: v_{t+1}.
        now: The numbers of the step just taken.

    Returns:
        The point without its extrapolation, and zero.
    """
    return point - now.ahead * velocity, 0 * velocity


class Products(NamedTuple):
    """Inner products of the gradient g at y_t and the step v_{t+1} just taken, over all weights.

    Args:
        gradients: <g, g>.
        mixed: <g, v>.
        velocities: <v, v>.
    """

    gradients: float
    mixed: float
    velocities: float


class Restarts:
    """A restart rule, asked with two vectors of the plane that have the inner products of the real.

    Args:
        rule: The rule.
        first: ||xi|| at the start.
    """

    def __init__(self, rule: Restart, first: float) -> None:
        self._rule, self._first = rule, first
        self._norm, self._speed = np.inf, 0.0

    def due(self, norm: float, products: Products, age: int) -> bool:
        """Say whether to restart.

        Args:
            norm: ||xi_t||.
            products: Of the gradient and the step just taken.
            age: Steps since the start or the last restart, with this one.

        Returns:
            Whether the velocity is to be set to zero.
        """
        speed = max(products.velocities, 0.0) ** 0.5
        slope = max(products.gradients, 0.0) ** 0.5
        along = products.mixed / slope if slope else 0.0
        across = max(speed**2 - along**2, 0.0) ** 0.5
        view = StepView(
            gradients=[_numbers([[slope, 0.0]])],
            velocities=[_numbers([[along, across]])],
            residual_norms=_numbers(norm),
            residual_norms_before=_numbers(self._norm),
            residual_norms_first=_numbers(self._first),
            speeds=_numbers(speed),
            speeds_before=_numbers(self._speed),
            ages=torch.tensor([age]),
        )
        due = bool(self._rule(view)[0])
        self._norm, self._speed = norm, 0.0 if due else speed
        return due


def _numbers(value: float | list[list[float]]) -> torch.Tensor:
    # Of one replica.
    return torch.tensor([value], dtype=torch.float64)
