"""A problem whose parameters split into x, in which it is strongly convex, and a perturbation u."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from rootkappa import _checks


@dataclass(frozen=True)
class PartitionConstants:
    """The constants of f(x, u) = g(h(x, u)), on a ball of radius R_x around x_0 and R_u around u_0.

    Args:
        mu: Strong convexity of f in x, above 0.
        L1: Smoothness of f in x, at least mu.
        L2: Smoothness of the outer loss g, above 0.
        G1: Lipschitz constant of the model h in u, at least 0.
        G2: Lipschitz constant of the partial gradient in x, along u, at least 0.
        R_x: Radius of the ball in x, above 0, or infinity.
        R_u: Radius of the ball in u, above 0, or infinity.

    Raises:
        ValueError: If a constant is out of range: with mu = 0 no theorem applies.

    Source: Liao and Kyrillidis (2024), Assumptions 1 to 5.

    Example:
        >>> PartitionConstants(1.0, 20.0, 1.0, G1=0.5, G2=2.0).kappa
        20.0
    """

    mu: float
    L1: float
    L2: float
    G1: float
    G2: float
    R_x: float = math.inf
    R_u: float = math.inf

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            ValueError: If a constant is out of range.
        """
        mu = _above_zero(
            "mu",
            self.mu,
            "the problem is not strongly convex in x, so the theorem does not apply; choose "
            "another partition",
        )
        everywhere = "use math.inf where the assumptions hold everywhere"
        lipschitz = "it is a Lipschitz constant, give its absolute value"
        found = {
            "mu": mu,
            "L1": _checks.at_least("L1", self.L1, mu, f"it is at least mu = {mu:g}, swap the two"),
            "L2": _checks.positive("L2", self.L2),
            "G1": _checks.at_least("G1", self.G1, 0.0, lipschitz),
            "G2": _checks.at_least("G2", self.G2, 0.0, lipschitz),
        }
        for name in ("R_x", "R_u"):
            radius = getattr(self, name)
            infinite = np.ndim(radius) == 0 and radius == math.inf
            found[name] = math.inf if infinite else _above_zero(name, radius, everywhere)
        for name, value in found.items():
            object.__setattr__(self, name, value)

    @classmethod
    def additive(cls, sigma_min: float, sigma_max: float, G1: float) -> PartitionConstants:
        """Give the constants of the additive model A1 x + sigma(A2 u), with infinite radii.

        Args:
            sigma_min: Least singular value of A1, above 0.
            sigma_max: Greatest singular value of A1.
            G1: B sigma_max(A2), with B the Lipschitz constant of sigma.

        Returns:
            The constants.

        Raises:
            ValueError: If a singular value is not above 0, or a constant is out of range.

        Source: Liao and Kyrillidis (2024), Lemma 12.
        """
        low = _checks.positive("sigma_min", sigma_min)
        high, slope = _checks.positive("sigma_max", sigma_max), _checks.number("G1", G1)
        return cls(low**2, high**2, 1.0, slope, high * slope)

    @classmethod
    def strongly_convex(cls, mu: float, L: float) -> PartitionConstants:
        """Give a strongly convex function as a member of the class, with u empty.

        So no method can be faster on the class than 1 - Theta(1/sqrt kappa).

        Args:
            mu: Strong convexity, above 0.
            L: Smoothness, at least mu.

        Returns:
            The constants: L1 = L2 = L, G1 = G2 = 0.

        Source: Liao and Kyrillidis (2024), Theorem 3; with Lemma 4 it is Theorem 1 of the poster.
        """
        return cls(mu, L, L, 0.0, 0.0)

    @property
    def kappa(self) -> float:
        """The condition number L1 / mu."""
        return self.L1 / self.mu

    @property
    def perturbation(self) -> float:
        """G1 sqrt(L2 / mu): the share of the gradient that can lie in u (root of Lemma 9)."""
        return self.G1 * math.sqrt(self.L2 / self.mu)


def _above_zero(name: str, value: float, remedy: str) -> float:
    found = _checks.number(name, value)
    if not found > 0:
        raise ValueError(f"{name} must be above 0, got {found:g}: {remedy}.")
    return found
