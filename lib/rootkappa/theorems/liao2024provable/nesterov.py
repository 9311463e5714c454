"""Theorem 7: Nesterov under partial strong convexity, as a certificate and along runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from typing_extensions import override

from rootkappa import _checks, _search
from rootkappa.optimizers import Method, nesterov
from rootkappa.problems import PartitionConstants
from rootkappa.provenance import Provenance
from rootkappa.theorems.liao2024provable import _certificate
from rootkappa.theorems.liao2024provable.lyapunov import LyapunovTrace, Partitioned, follow
from rootkappa.theorems.liao2024provable.parameters import Parameters
from rootkappa.theorems.liao2024provable.partition import PartitionTheorem
from rootkappa.theorems.report import Hypothesis

# G1 / sqrt(mu) and G2 / mu of a wide network fall as width^(-3/4), their fourth powers as this.
_FALL = 3.0
_KAPPA = "it is L1 / mu"


@dataclass(frozen=True)
class PartitionNesterov(PartitionTheorem):
    """Nesterov with eta = c/L1: f_k - f* <= 2 (1 - c/(4 sqrt kappa))^k (f_0 - f*).

    The momentum is constant, `Parameters.beta`. The paper asserts that absolute constants exist.
    Its proof, before it is loosened, consists of thirteen inequalities, K0 to K12, and `check`
    evaluates each of them: if all hold, the conclusion holds.

    The theorem bounds the loss at the iterates x_k, which `follow` reads. A `Trajectory` is read at
    the points y_k, where the gradient is taken.

    Args:
        c: The absolute constant, in (0, 1]. The proof allows 1/4 for every kappa, and its printed
            chain needs c <= 2.3e-4.

    Raises:
        ValueError: If c is out of range.

    Source: Liao and Kyrillidis (2024), Theorem 7; Theorem 3 of the poster. The inequalities are
    collected from its proof (Appendices C and D) before they are loosened.

    Example:
        >>> weak = PartitionConstants.additive(1, 20**0.5, G1=0.02)
        >>> PartitionNesterov().check(weak).holds
        True
        >>> strong = PartitionConstants.additive(1, 20**0.5, G1=0.03)
        >>> PartitionNesterov().check(strong).binding.name
        'K8'
    """

    c: float = 0.25

    number = "Theorem 7"
    title = "Nesterov under partial strong convexity"
    parts = (
        (Provenance.POSTER, "as its Theorem 3"),
        (Provenance.DERIVED, r"that $c=\tfrac14$ will do, where no number is given"),
    )

    def __post_init__(self) -> None:
        """Check c."""
        object.__setattr__(self, "c", Parameters(1.0, 1.0, self.c).c)

    def numbers(self, problem: PartitionConstants) -> Parameters:
        """Give the numbers of the theorem on a problem.

        Args:
            problem: The problem's constants.

        Returns:
            Step size, momentum, rates and the weights of the Lyapunov function.
        """
        k: PartitionConstants = self._given(problem)
        return Parameters(k.mu, k.L1, self.c)

    @override
    def tuning(self, problem: PartitionConstants) -> Method:
        numbers = self.numbers(problem)
        return nesterov(numbers.eta, numbers.beta)

    @override
    def rate(self, problem: PartitionConstants) -> tuple[float, float]:
        return 2.0, self.numbers(problem).rate

    @override
    def inequalities(self, problem: PartitionConstants, gap: float = 0.0) -> tuple[Hypothesis, ...]:
        return _certificate.lines(problem, self.numbers(problem), gap)

    def needed_radii(self, problem: PartitionConstants, gap: float) -> tuple[float, float]:
        """Give the radii that condition (5) asks for.

        Args:
            problem: The problem's constants; its own radii are not read.
            gap: f_0 - f*, at least 0.

        Returns:
            The least R_x and R_u.

        Source: Liao and Kyrillidis (2024), condition (5).
        """
        return _certificate.needed_radii(problem, self.numbers(problem), gap)

    def printed_condition(
        self, problem: PartitionConstants, C1: float = 1.0, C2: float = 1.0
    ) -> tuple[float, float]:
        """Compare G1 and G2 with condition (5) as it is printed.

        Args:
            problem: The problem's constants.
            C1: The absolute constant of the first condition, above 0; the paper leaves it open.
            C2: That of the second.

        Returns:
            G1^4 and G1^2 G2^2 over their largest values, at most 1 where they are met.

        Source: Liao and Kyrillidis (2024), condition (5).
        """
        k, beta = problem, self.numbers(problem).beta
        damping = (1 - beta) / (1 + beta)
        first = _checks.positive("C1", C1) * k.mu**2 / (k.L2 * (k.L2 + 1) ** 2) * damping**3
        second = _checks.positive("C2", C2) * k.mu**3 / (k.L2 * (k.L2 + 1) * math.sqrt(k.kappa))
        return k.G1**4 / first, (k.G1 * k.G2) ** 2 / (second * damping**2)

    @override
    def largest_perturbation(self, kappa: float) -> float:
        """Give the largest G1 sqrt(L2 / mu) for which an additive model is certified.

        Args:
            kappa: L1 / mu, at least 1.

        Returns:
            B sigma_max(A2) / sigma_min(A1), by bisection; 0 where no perturbation is certified.

        Source: derived from the inequalities with the constants of Lemma 12. Theorem 13 prints the
        sufficient condition with kappa^(3/4) and an unnamed constant.

        Example:
            >>> round(PartitionNesterov().largest_perturbation(100) * 100 ** (5 / 8), 3)
            0.131
        """
        root = math.sqrt(_checks.at_least("kappa", kappa, 1.0, _KAPPA))

        def holds(ratio: float) -> bool:
            return self.check(PartitionConstants.additive(1.0, root, ratio)).holds

        return _search.last_true(holds, 0.0, 1.0) if holds(0.0) else 0.0

    def limit_perturbation(self, kappa: float) -> float:
        """Give what `largest_perturbation` tends to for large kappa.

        Args:
            kappa: L1 / mu, at least 1.

        Returns:
            (c^(3/2) / 432)^(1/4) kappa^(-5/8), which is 0.1304 kappa^(-5/8) at c = 1/4.

        Source: derived. For small c/kappa, the left side of K8 tends to
        24 L2 (L2 + 1) kappa^(3/2) c^(-5/2) g^2 (L2 g^2 + 9 c h^2), with g = G1/sqrt(mu),
        h = G2/mu, and h^2 = kappa g^2 in the additive model.
        """
        found = _checks.at_least("kappa", kappa, 1.0, _KAPPA)
        return float((self.c**1.5 / 432) ** 0.25 * found**-0.625)

    @staticmethod
    def largest_c(kappa: float) -> float:
        """Give the largest c that the proof allows without u: where K4 becomes an equality.

        Args:
            kappa: L1 / mu, at least 1.

        Returns:
            2 sqrt(kappa) / (8 sqrt(kappa) - 1), which falls from 2/7 to 1/4.

        Source: derived from the step from (73) to (74) of Liao and Kyrillidis (2024).

        Example:
            >>> round(PartitionNesterov.largest_c(20), 4)
            0.2572
        """
        root = math.sqrt(_checks.at_least("kappa", kappa, 1.0, _KAPPA))
        return 2 * root / (8 * root - 1)

    @staticmethod
    def printed_largest_c(kappa: float) -> float:
        """Give the largest c that the chain of inequalities allows as it is printed.

        Its end asks for gamma <= 5 c^(3/4) / (81 sqrt kappa); since gamma > c / (2 sqrt kappa), c
        stays below (10/81)^4 = 2.32e-4.

        Args:
            kappa: L1 / mu, at least 1.

        Returns:
            The root of gamma(c) = 5 c^(3/4) / (81 sqrt kappa), by bisection.

        Source: Liao and Kyrillidis (2024), the last step of the proof of Lemma 17.
        """

        def holds(c: float) -> bool:
            limit: float = 5 * c**0.75 / (81 * math.sqrt(kappa))
            return Parameters(1.0, kappa, c).gamma <= limit

        return _search.last_true(holds, 0.0, PartitionNesterov.largest_c(kappa), rounds=80)

    @classmethod
    def best(cls, problem: PartitionConstants, points: int = 400) -> PartitionNesterov | None:
        """Give the theorem with the largest c for which a problem is certified.

        Args:
            problem: The problem's constants; its radii are not compared with anything.
            points: How many smaller c to try, down to 1e-6, where the largest one fails.

        Returns:
            The theorem, or None where no c is certified.

        Source: derived. K4 caps c, and K8 has less slack for a smaller c, which hardly ever helps.

        Example:
            >>> PartitionNesterov.best(PartitionConstants.additive(1, 20**0.5, 0.03)) is None
            True
        """
        top, tries = cls.largest_c(problem.kappa), _checks.count("points", points)
        shrunk = (top * (1e-6 / top) ** (index / tries) for index in range(tries + 1))
        return next((t for t in map(cls, shrunk) if t.check(problem).holds), None)

    def follow(
        self,
        model: Partitioned,
        weights: Sequence[torch.Tensor],
        steps: int,
        constants: PartitionConstants | None = None,
        method: Method | None = None,
    ) -> LyapunovTrace:
        """Run the theorem's method and follow its Lyapunov function.

        Args:
            model: A model with its partition and least loss 0, such as an `AdditiveModel`.
            weights: Starting weights, a tensor (R, rows, cols) a layer; left as they are.
            steps: T, at least 1.
            constants: The problem's constants; the model's own if None.
            method: Another method with constant numbers to follow with the same function, such as
                a planted mistake; the theorem's own if None.

        Returns:
            The trace.

        Raises:
            ValueError: If the method's numbers are not constant.
            TypeError: If the model knows no constants and none are given.
        """
        known = getattr(model, "constants", None) if constants is None else constants
        if known is None:
            raise TypeError(f"{type(model).__name__} knows no constants: give constants=.")
        chosen = self.tuning(known) if method is None else method
        return follow(model, known, self.numbers(known), chosen, weights, steps)

    def extrapolated_width(self, width: float, problem: PartitionConstants) -> float:
        """Give the width at which measured constants would meet the conditions on G1 and G2.

        Args:
            width: The width at which the constants were measured.
            problem: The measured constants.

        Returns:
            The width, since the left sides of K8, K9 and K10 fall as width^(-3) in wide networks.
            It does not look at the radii.

        Source: derived.
        """
        report = self.check(problem)
        worst = max(report[name].needed for name in ("K8", "K9", "K10"))
        return _checks.positive("width", width) * math.pow(worst, 1 / _FALL)
