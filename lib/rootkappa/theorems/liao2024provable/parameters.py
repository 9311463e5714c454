"""The numbers of Theorem 7 that follow from mu, L1 and c alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rootkappa import _checks


@dataclass(frozen=True)
class Parameters:
    """Step size, momentum and the weights of the Lyapunov function.

    Args:
        mu: Strong convexity in x, above 0.
        L1: Smoothness in x, at least mu.
        c: The theorem's absolute constant, in (0, 1].

    Raises:
        ValueError: If a number is out of range.

    Source: Liao and Kyrillidis (2024), Theorem 7 and the definitions of its proof.

    Example:
        >>> round(Parameters(1.0, 20.0, 1.0).beta, 4)
        0.6786
    """

    mu: float
    L1: float
    c: float = 0.25

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            ValueError: If a number is out of range.
        """
        mu, c = _checks.positive("mu", self.mu), _checks.number("c", self.c)
        L1 = _checks.at_least("L1", self.L1, mu, "it is at least mu, swap the two")
        if not 0 < c <= 1:
            raise ValueError(
                f"c must lie in (0, 1], got {c}: the step size is c / L1, and 1/4 is the round "
                "number that the proof allows."
            )
        for name, value in (("mu", mu), ("L1", L1), ("c", c)):
            object.__setattr__(self, name, value)

    @property
    def kappa(self) -> float:
        """L1 / mu."""
        return self.L1 / self.mu

    @property
    def eta(self) -> float:
        """The step size c / L1."""
        return self.c / self.L1

    @property
    def q(self) -> float:
        """sqrt(c / kappa) = sqrt(eta mu)."""
        return math.sqrt(self.c / self.kappa)

    @property
    def beta(self) -> float:
        """The momentum (4 sqrt(kappa) - sqrt(c)) / (4 sqrt(kappa) + 7 sqrt(c))."""
        return (4 - self.q) / (4 + 7 * self.q)

    @property
    def gamma(self) -> float:
        """Gamma = c / (2 sqrt(kappa) - c): without u, phi falls by 1 / (1 + gamma) a step."""
        return self.c / (2 * math.sqrt(self.kappa) - self.c)

    @property
    def lam(self) -> float:
        """Lambda, (1 + gamma)^3 - 1."""
        return (1 + self.gamma) ** 3 - 1

    @property
    def Q1(self) -> float:
        """The weight lambda^2 / (2 eta (1 + gamma)^5) of the distance in phi."""
        return self.lam**2 / (2 * self.eta * (1 + self.gamma) ** 5)

    @property
    def rate(self) -> float:
        """The factor r = 1 - c / (4 sqrt(kappa)) of the theorem."""
        return 1 - self.c / (4 * math.sqrt(self.kappa))

    @property
    def exact_rate(self) -> float:
        """The factor beta (1 - c / kappa) by which the loss of a quadratic contracts.

        All modes are under-damped, so the slowest one decides, by the product of its two roots.
        """
        return self.beta * (1 - self.q**2)

    @property
    def beat_period(self) -> float:
        """Steps from one beat of a quadratic's loss to the next: pi over the root's angle."""
        half_trace = (1 + self.beta) * (1 - self.q**2) / 2
        return math.pi / math.acos(half_trace / math.sqrt(self.exact_rate))

    def Q2(self, L2: float) -> float:
        """Give the constant of Lemma 10 for the steps of x.

        Args:
            L2: Smoothness of the outer loss.

        Returns:
            6 eta (L2 + 1) / (1 - beta).
        """
        return 6 * self.eta * (L2 + 1) / (1 - self.beta)

    def Q3(self, L2: float) -> float:
        """Give the constant of Lemma 10 for the steps of u, to be multiplied by G1^2.

        Args:
            L2: Smoothness of the outer loss.

        Returns:
            6 eta L2 (L2 + 1) (1 + beta)^3 / (mu beta (1 - beta)^3).
        """
        beta = self.beta
        growth = (1 + beta) ** 3 / (self.mu * beta * (1 - beta) ** 3)
        return 6 * self.eta * L2 * (L2 + 1) * growth

    def lemma17_error(self, L2: float, G1: float, G2: float) -> float:
        """Give the factor of ||u_k - u_(k-1)||^2 in Lemma 17.

        Args:
            L2: Smoothness of the outer loss.
            G1: Lipschitz constant of the model in u.
            G2: Lipschitz constant of the partial gradient along u.

        Returns:
            beta^2 [G1^2 L2 / (2 gamma) + 4 Q1 G2^2 (1 + gamma) / (gamma mu^2)].
        """
        gamma = self.gamma
        moved = 4 * self.Q1 * (G2 / self.mu) ** 2 * (1 + gamma) / gamma
        return self.beta**2 * (G1**2 * L2 / (2 * gamma) + moved)
