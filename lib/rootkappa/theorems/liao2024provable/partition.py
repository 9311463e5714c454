"""Theorem 6: gradient descent under partial strong convexity, and what it shares with Theorem 7."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass

from typing_extensions import override

from rootkappa import _checks
from rootkappa.optimizers import Method, gradient_descent
from rootkappa.problems import PartitionConstants
from rootkappa.provenance import Provenance
from rootkappa.theorems.report import Hypothesis, Report
from rootkappa.theorems.theorem import Quantity, Theorem


class PartitionTheorem(Theorem[PartitionConstants]):
    """A linear rate under partial strong convexity: f_k - f* <= C q^k (f_0 - f*)."""

    kind = PartitionConstants
    key = "liao2024provable"
    paper = "Liao and Kyrillidis (2024)"
    provenance = Provenance.FULL_TEXT
    quantity = Quantity.LOSS

    @abstractmethod
    def inequalities(self, problem: PartitionConstants, gap: float = 0.0) -> tuple[Hypothesis, ...]:
        """Evaluate the inequalities of the proof.

        Args:
            problem: The problem's constants.
            gap: f_0 - f*, which finite radii are compared with, at least 0.

        Returns:
            Each of them; its slack is the right side over the left side.
        """

    @override
    def hypotheses(self, problem: PartitionConstants) -> tuple[Hypothesis, ...]:
        return self.inequalities(problem)

    @override
    def check(self, problem: PartitionConstants, gap: float = 0.0) -> Report:
        """Evaluate the inequalities of the proof: the theorem as a certificate.

        Args:
            problem: The problem's constants.
            gap: f_0 - f*, which finite radii are compared with, at least 0.

        Returns:
            The report.

        Raises:
            ValueError: If the gap is out of range.
        """
        return Report(self.name, self.inequalities(problem, gap))

    @abstractmethod
    def largest_perturbation(self, kappa: float) -> float:
        """Give the largest G1 sqrt(L2 / mu) for which an additive model is certified.

        Args:
            kappa: L1 / mu, at least 1.

        Returns:
            B sigma_max(A2) / sigma_min(A1); 0 where no perturbation at all is certified.
        """


@dataclass(frozen=True)
class PartitionGradientDescent(PartitionTheorem):
    """Gradient descent with eta = 1/L1: f_k - f* <= (1 - 1/(4 kappa))^k (f_0 - f*).

    The statement has a constant c; its proof takes c = 1. It needs G1^4 <= mu^2 / (8 L2^2) whatever
    the condition number, and no bound on G2. The certificate lists this condition as printed, the
    exact one behind it, and the two radii.

    Source: Liao and Kyrillidis (2024), Theorem 6; Theorem 2 of the poster.
    """

    number = "Theorem 6"
    title = "Gradient descent under partial strong convexity"
    parts = (
        (Provenance.POSTER, "as its Theorem 2"),
        (Provenance.DERIVED, "that $c=1$ in the statement, as in the proof"),
    )

    @override
    def tuning(self, problem: PartitionConstants) -> Method:
        return gradient_descent(1 / self._given(problem).L1)

    @override
    def rate(self, problem: PartitionConstants) -> tuple[float, float]:
        return 1.0, 1 - 1 / (4 * self._given(problem).kappa)

    @override
    def inequalities(self, problem: PartitionConstants, gap: float = 0.0) -> tuple[Hypothesis, ...]:
        k: PartitionConstants = self._given(problem)
        strength = (k.G1**2 * k.L2 / k.mu) ** 2
        start = _checks.at_least("gap", gap, 0.0, "give f_0 - f*, the excess loss")
        reach = 16 / k.mu * math.sqrt(start)
        in_x, in_u = reach * math.sqrt(k.L1), reach * k.G1 * math.sqrt(k.L2)
        exact = (8 - 4 / k.kappa) * strength
        return (
            Hypothesis("G1", 8 * strength, 1.0, "the bound on the coupling as printed"),
            Hypothesis("exact", exact, 1.0, "the bound on the coupling as the proof uses it"),
            Hypothesis("R_x", in_x, k.R_x, "x stays in its ball"),
            Hypothesis("R_u", in_u, k.R_u, "u stays in its ball"),
        )

    @override
    def largest_perturbation(self, kappa: float) -> float:
        _checks.at_least("kappa", kappa, 1.0, "give L1 / mu")
        return 8**-0.25
