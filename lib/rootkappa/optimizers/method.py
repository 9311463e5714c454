"""One family of methods, three numbers a method.

    w_{t+1} = w_t + beta (w_t - w_{t-1}) - eta grad L(y_t),   y_t = w_t + gamma (w_t - w_{t-1}),

with w_{-1} = w_0. The book reads every method at its evaluation point y_t. That is the sequence
whose residual the theorems bound, and the one that torch.optim.SGD stores.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from rootkappa import _checks
from rootkappa.optimizers.restarts import Restart
from rootkappa.optimizers.schedules import NesterovSchedule, Schedule
from rootkappa.problems import Spectrum


@dataclass(frozen=True)
class Method:
    """A first-order method: step size eta, momentum beta, extrapolation gamma.

    Args:
        step_size: eta, above 0.
        momentum: beta in [0, 1), or a schedule that gives beta_t for t = 0, 1, ...
        extrapolation: gamma, at least 0, or a schedule that gives gamma_t. It may exceed 1: with
            beta below 1 every method of the family converges on small enough step sizes, and AGNES
            (Gupta, Siegel and Wojtowytsch 2024) is a point with gamma up to 1.09.
        name: How figures and tables call it.
        restart: A rule that sets the velocity to zero and the schedule's clock back, or None.

    Raises:
        ValueError: If a number lies outside its range, or a rule has no velocity to restart.
        TypeError: If what should be a number is none, or the rule cannot be called.

    Example:
        >>> Method(0.1, momentum=0.9).coefficients(7)
        (0.1, 0.9, 0.0)
    """

    step_size: float
    momentum: float | Schedule = 0.0
    extrapolation: float | Schedule = 0.0
    name: str = "method"
    restart: Restart | None = None

    def __post_init__(self) -> None:
        """Check the three numbers.

        Raises:
            ValueError: If a rule has no velocity to restart.
            TypeError: If the rule cannot be called.
        """
        object.__setattr__(self, "step_size", _checks.positive("step size", self.step_size))
        for label, check in (("momentum", _checks.fraction), ("extrapolation", _extrapolation)):
            value = getattr(self, label)
            if not _is_rule(value):
                object.__setattr__(self, label, check(label, value))
        if self.restart is not None and not _is_rule(self.restart):
            raise TypeError(
                f"restart must be a rule such as GradientRestart(), got {self.restart!r}: give an "
                "object that says which replicas restart."
            )
        if self.restart is not None and self.momentum == 0 and self.extrapolation == 0:
            raise ValueError(
                f"{self.name} has momentum 0, so its restart rule {self.restart} has no velocity "
                "to set to zero: give it momentum, or drop the rule."
            )

    @property
    def is_constant(self) -> bool:
        """Whether the three numbers stay the same at every step and no rule restarts."""
        changing = callable(self.momentum) or callable(self.extrapolation)
        return not changing and self.restart is None

    def coefficients(self, t: int) -> tuple[float, float, float]:
        """Give the three numbers of step t.

        Args:
            t: The step, from 0.

        Returns:
            eta, beta_t and gamma_t.

        Raises:
            ValueError: If a schedule leaves its range.
        """
        beta, gamma = self.momentum, self.extrapolation
        return (
            self.step_size,
            _checks.fraction(f"momentum at step {t}", beta(t)) if callable(beta) else beta,
            _extrapolation(f"extrapolation at step {t}", gamma(t)) if callable(gamma) else gamma,
        )

    def constants(self, purpose: str) -> tuple[float, float, float]:
        """Give the three numbers of a method in which they never change: the one refusal.

        Args:
            purpose: What needs constant numbers, for the message.

        Returns:
            eta, beta and gamma.

        Raises:
            ValueError: If the method has a schedule or a restart rule.

        Example:
            >>> heavy_ball(0.1, 0.9).constants("the companion matrix")
            (0.1, 0.9, 0.0)
        """
        if not self.is_constant:
            changes = "a schedule" if self.restart is None else "a restart rule"
            raise ValueError(
                f"{purpose} needs constant numbers, and {self.name} has {changes}: give it a fixed "
                "momentum and extrapolation, and no rule."
            )
        return self.coefficients(0)

    def with_restart(self, restart: Restart) -> Method:
        """Give the same method with a restart rule.

        Args:
            restart: The rule.

        Returns:
            The new method.
        """
        return replace(self, restart=restart)


def as_method(value: object) -> Method:
    """Return a method of the family, the one refusal of what is none.

    Args:
        value: The method.

    Returns:
        The method.
    """
    return _checks.instance("method", value, Method, "heavy_ball(0.1, 0.9), say")


def _extrapolation(name: str, value: float) -> float:
    return _checks.at_least(name, value, 0.0, "use 0 for none")


def _is_rule(value: object) -> bool:
    # A class can be called too, but it is the object made from it that is meant.
    return callable(value) and not isinstance(value, type)


def gradient_descent(step_size: float) -> Method:
    """Gradient descent: beta = gamma = 0.

    Args:
        step_size: eta, above 0.

    Returns:
        The method.
    """
    return Method(step_size, name="gradient descent")


def heavy_ball(step_size: float, momentum: float | Schedule) -> Method:
    """Heavy ball, Polyak (1964): gamma = 0.

    Args:
        step_size: eta, above 0.
        momentum: beta in [0, 1), or a schedule.

    Returns:
        The method.
    """
    return Method(step_size, momentum, name="heavy ball")


def nesterov(step_size: float, momentum: float | Schedule | None = None) -> Method:
    """Nesterov's accelerated gradient (1983): gamma = beta.

    Args:
        step_size: eta, above 0.
        momentum: beta in [0, 1), or a schedule; the schedule (t - 1)/(t + 2) if None.

    Returns:
        The method.
    """
    beta = NesterovSchedule() if momentum is None else momentum
    return Method(step_size, beta, beta, name="Nesterov")


def triple_momentum(spectrum: Spectrum | float, lambda_max: float | None = None) -> Method:
    """Triple momentum: contracts by 1 - 1/sqrt(kappa) on every strongly convex smooth function.

    Args:
        spectrum: Strong convexity and smoothness constants as a spectrum; or the first, above 0.
        lambda_max: The second, if numbers are given.

    Returns:
        The method, in the three numbers of this module. The paper's output y + delta (y - y_-)
        is a fixed linear function of the iterates and has the same rate.

    Source: Van Scoy, Freeman and Lynch, IEEE Control Systems Letters (2018), equations (8, 9).
    """
    bounds = Spectrum.read(spectrum, lambda_max)
    rho = 1 - math.sqrt(1 / bounds.kappa)
    return Method(
        (1 + rho) / bounds.lambda_max,
        rho**2 / (2 - rho),
        rho**2 / ((1 + rho) * (2 - rho)),
        name="triple momentum",
    )
