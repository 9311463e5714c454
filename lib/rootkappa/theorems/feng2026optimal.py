"""Feng and Yuan (2026): the best local rate of Nesterov under the PL inequality."""

from __future__ import annotations

import math
from dataclasses import dataclass

from typing_extensions import override

from rootkappa import _checks
from rootkappa.optimizers import Method, optimal_nesterov
from rootkappa.problems import Spectrum
from rootkappa.provenance import Provenance
from rootkappa.theorems._local import LocalTheorem


@dataclass(frozen=True)
class OptimalLocalNesterov(LocalTheorem):
    """Nesterov contracts locally by 1 - 2 sqrt(mu)/sqrt(3 L + mu) + epsilon.

    Nesterov with eta = 4/(3 L + mu) and beta = (r - 2)/(r + 2), r = sqrt(3 kappa + 1). f is C^2 and
    satisfies the PL inequality around its minimisers. The constant in front is open; 1 is taken.

    Args:
        epsilon: What the rate leaves, at least 0; 0 for the radius itself.

    Source: Feng and Yuan (2026), abstract.

    Example:
        >>> round(OptimalLocalNesterov().rate(Spectrum(1.0, 33.0))[1], 12)
        0.8
    """

    epsilon: float = 0.0

    key = "feng2026optimal"
    paper = "Feng and Yuan (2026)"
    number = "main theorem"
    title = "The best local rate of Nesterov"
    provenance = Provenance.ABSTRACT
    parts = ((Provenance.RECALLED, r"the tuning, $\eta=4/(3L+\mu)$"),)

    def __post_init__(self) -> None:
        """Check epsilon."""
        object.__setattr__(self, "epsilon", _checks.at_least("epsilon", self.epsilon, 0.0))

    @override
    def tuning(self, problem: Spectrum) -> Method:
        return optimal_nesterov(self._given(problem))

    @override
    def rate(self, problem: Spectrum) -> tuple[float, float]:
        return 1.0, 1 - 2 / math.sqrt(3 * self._given(problem).kappa + 1) + self.epsilon
