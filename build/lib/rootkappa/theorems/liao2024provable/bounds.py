"""Theorems 3, 6, 7 and 13 as objects: what they assume, their tuning, their bound."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch

from rootkappa import _checks
from rootkappa.problems import PartitionConstants
from rootkappa.optimizers import Method, gradient_descent, nesterov
from rootkappa.theorems.liao2024provable.certificate import Certificate, Inequality, certify
from rootkappa.theorems.liao2024provable.parameters import Parameters
from rootkappa.theorems.theorem import Provenance


@dataclass(frozen=True)
class PartitionTheorem(ABC):
    """A linear rate under partial strong convexity: f_k - f* <= C q^k (f_0 - f*)."""

    key = "liao2024provable"
    number = ""
    poster_number = ""
    title = ""
    provenance = Provenance.FULL_TEXT

    def tuning(self, constants: PartitionConstants) -> Method:
        """Give the method with the theorem's numbers.

        Args:
            constants: The problem.

        Returns:
            The method.
        """
        return self._tuning(constants)

    def rate(self, constants: PartitionConstants) -> tuple[float, float]:
        """Give the prefactor C and the factor q.

        Args:
            constants: The problem.

        Returns:
            C and q.
        """
        return self._rate(constants)

    def check(self, constants: PartitionConstants, gap: float = 0.0) -> Certificate:
        """Evaluate the inequalities of the proof.

        Args:
            constants: The problem.
            gap: f_0 - f*, which finite radii are compared with.

        Returns:
            The certificate.
        """
        return self._check(constants, gap)

    def bound(self, constants: PartitionConstants, steps: int) -> torch.Tensor:
        """Give the curve of the theorem, relative to f_0 - f*.

        Args:
            constants: The problem.
            steps: T, at least 1.

        Returns:
            C q^k for k = 0..T, shape (T + 1,), float64.
        """
        _checks.count("steps", steps)
        prefactor, factor = self.rate(constants)
        powers: torch.Tensor = factor ** torch.arange(steps + 1, dtype=torch.float64)
        return prefactor * powers

    @abstractmethod
    def _tuning(self, constants: PartitionConstants) -> Method:
        """Give the method."""

    @abstractmethod
    def _rate(self, constants: PartitionConstants) -> tuple[float, float]:
        """Give C and q."""

    @abstractmethod
    def _check(self, constants: PartitionConstants, gap: float) -> Certificate:
        """Give the certificate."""


@dataclass(frozen=True)
class PartitionGradientDescent(PartitionTheorem):
    """Gradient descent with eta = 1/L1: f_k - f* <= (1 - 1/(4 kappa))^k (f_0 - f*).

    The statement has a constant c; its proof takes c = 1. It needs G1^4 <= mu^2 / (8 L2^2) whatever
    the condition number, and no bound on G2. The certificate lists this condition as printed, the
    exact one behind it, and the two radii.

    Source: Liao and Kyrillidis (2024), Theorem 6; Theorem 2 of the poster.
    """

    number = "Theorem 6"
    poster_number = "Theorem 2"
    title = "Liao and Kyrillidis (2024), Theorem 6"

    def _tuning(self, constants: PartitionConstants) -> Method:
        return gradient_descent(1 / constants.L1)

    def _rate(self, constants: PartitionConstants) -> tuple[float, float]:
        return 1.0, 1 - 1 / (4 * constants.kappa)

    def _check(self, constants: PartitionConstants, gap: float) -> Certificate:
        mu, L2, G1, kappa = constants.mu, constants.L2, constants.G1, constants.kappa
        strength = (G1**2 * L2 / mu) ** 2
        reach = 16 / constants.mu * math.sqrt(gap)
        needs = (
            ("G1", "G1^4 <= mu^2 / (8 L2^2), as printed", 8 * strength),
            ("exact", "(8 - 4/kappa) G1^4 L2^2 / mu^2 <= 1, as the proof uses it",
             (8 - 4 / kappa) * strength),
            ("R_x", "x stays in its ball", reach * math.sqrt(constants.L1) / constants.R_x),
            ("R_u", "u stays in its ball", reach * G1 * math.sqrt(L2) / constants.R_u),
        )  # fmt: skip
        lines = tuple(Inequality(*need) for need in needs)
        return Certificate(self.title, lines, self.rate(constants)[1])

    @staticmethod
    def largest_perturbation() -> float:
        """Give the largest G1 sqrt(L2 / mu) that the theorem allows.

        Returns:
            8^(-1/4), whatever the condition number.
        """
        return 8**-0.25


@dataclass(frozen=True)
class PartitionNesterov(PartitionTheorem):
    """Nesterov with eta = c/L1: f_k - f* <= 2 (1 - c/(4 sqrt kappa))^k (f_0 - f*).

    The momentum is constant, `Parameters.beta`. The certificate lists every inequality of the
    proof.

    Args:
        c: The absolute constant, in (0, 1]. The paper asserts that one exists; `certify` finds that
            1/4 does for every kappa, and its printed chain needs c <= 2.3e-4.

    Raises:
        ValueError: If c is out of range.

    Source: Liao and Kyrillidis (2024), Theorem 7; Theorem 3 of the poster.
    """

    c: float = 0.25

    number = "Theorem 7"
    poster_number = "Theorem 3"
    title = "Liao and Kyrillidis (2024), Theorem 7"

    def __post_init__(self) -> None:
        """Check c.

        Raises:
            ValueError: If c is out of range.
        """
        Parameters(1.0, 1.0, self.c)

    def parameters(self, constants: PartitionConstants) -> Parameters:
        """Give the numbers of the theorem on a problem.

        Args:
            constants: The problem.

        Returns:
            The numbers.
        """
        return Parameters(constants.mu, constants.L1, self.c)

    def _tuning(self, constants: PartitionConstants) -> Method:
        numbers = self.parameters(constants)
        return nesterov(numbers.eta, numbers.beta)

    def _rate(self, constants: PartitionConstants) -> tuple[float, float]:
        return 2.0, self.parameters(constants).rate

    def _check(self, constants: PartitionConstants, gap: float) -> Certificate:
        k = constants
        return certify(k.mu, k.L1, k.L2, k.G1, k.G2, self.c, R_x=k.R_x, R_u=k.R_u, gap=gap)

    def printed_condition(
        self, constants: PartitionConstants, C1: float = 1.0, C2: float = 1.0
    ) -> tuple[float, float]:
        """Compare G1 and G2 with condition (5) as it is printed.

        Args:
            constants: The problem.
            C1: The absolute constant of the first condition, above 0; the paper leaves it open.
            C2: That of the second.

        Returns:
            G1^4 and G1^2 G2^2 over their largest values, at most 1 where they are met.

        Source: Liao and Kyrillidis (2024), condition (5).
        """
        _checks.positive("C1", C1)
        _checks.positive("C2", C2)
        k, beta = constants, self.parameters(constants).beta
        damping = (1 - beta) / (1 + beta)
        first = C1 * k.mu**2 / (k.L2 * (k.L2 + 1) ** 2) * damping**3
        second = C2 * k.mu**3 / (k.L2 * (k.L2 + 1) * math.sqrt(k.kappa)) * damping**2
        return k.G1**4 / first, (k.G1 * k.G2) ** 2 / second


def strongly_convex(mu: float, L: float) -> PartitionConstants:
    """Give a strongly convex function as a member of the class, with u empty.

    So no method can be faster on the class than 1 - Theta(1/sqrt kappa).

    Args:
        mu: Strong convexity, above 0.
        L: Smoothness, at least mu.

    Returns:
        Its constants: L1 = L2 = L, G1 = G2 = 0.

    Source: Liao and Kyrillidis (2024), Theorem 3; with Lemma 4 it is Theorem 1 of the poster.
    """
    return PartitionConstants(mu, L, L, 0.0, 0.0)


def additive_constants(sigma_min: float, sigma_max: float, G1: float) -> PartitionConstants:
    """Give the constants of the additive model A1 x + sigma(A2 u).

    Args:
        sigma_min: Least singular value of A1, above 0.
        sigma_max: Greatest singular value of A1.
        G1: B sigma_max(A2), with B the Lipschitz constant of sigma.

    Returns:
        The constants, with infinite radii.

    Source: Liao and Kyrillidis (2024), Lemma 12.
    """
    return PartitionConstants(sigma_min**2, sigma_max**2, 1.0, G1, sigma_max * G1)


def certified_perturbation(kappa: float, c: float = 0.25) -> float:
    """Give the largest B sigma_max(A2) / sigma_min(A1) for which the additive model is certified.

    Args:
        kappa: L1 / mu, at least 1.
        c: The theorem's constant, in (0, 1].

    Returns:
        The ratio, by bisection; 0 where no perturbation at all is certified.

    Source: derived from the inequalities of Theorem 7 with the constants of Lemma 12. Theorem 13
    prints the sufficient condition with kappa^(3/4) and an unnamed constant.

    Example:
        >>> round(certified_perturbation(100) * 100 ** (5 / 8), 3)
        0.131
    """
    root = math.sqrt(kappa)

    def holds(ratio: float) -> bool:
        k = additive_constants(1.0, root, ratio)
        return certify(k.mu, k.L1, k.L2, k.G1, k.G2, c).holds

    if not holds(0.0):
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def perturbation_closed_form(kappa: float, c: float = 0.25) -> float:
    """Give the limit of `certified_perturbation` for large kappa: 0.2193 c^(3/8) kappa^(-5/8).

    Args:
        kappa: L1 / mu, at least 1.
        c: The theorem's constant, in (0, 1].

    Returns:
        (c^(3/2) / 432)^(1/4) kappa^(-5/8), which is 0.1304 kappa^(-5/8) at c = 1/4.

    Source: derived. For small c/kappa, K8 tends to
    24 L2 (L2 + 1) kappa^(3/2) c^(-5/2) g^2 (L2 g^2 + 9 c h^2), with g = G1/sqrt(mu), h = G2/mu, and
    h^2 = kappa g^2 in the additive model.
    """
    numbers = Parameters(1.0, kappa, c)
    return float((numbers.c**1.5 / 432) ** 0.25 * numbers.kappa**-0.625)
