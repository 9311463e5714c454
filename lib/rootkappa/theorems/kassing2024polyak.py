"""Kassing and Weissmann (2024): the best local rate of heavy ball under the PL inequality."""

from __future__ import annotations

import math
from dataclasses import dataclass

from typing_extensions import override

from rootkappa import _checks
from rootkappa.optimizers import Method, optimal_heavy_ball
from rootkappa.problems import Spectrum
from rootkappa.provenance import Provenance
from rootkappa.theorems._local import LocalTheorem


@dataclass(frozen=True)
class LocalHeavyBall(LocalTheorem):
    """Heavy ball contracts locally by (sqrt kappa - 1)/(sqrt kappa + 1) + epsilon.

    Heavy ball with the tuning of Polyak (1964). f is C^4 and satisfies the PL inequality around its
    minimisers. The constant in front is open; 1 is taken for it.

    Args:
        epsilon: What the rate leaves, at least 0; 0 for the radius itself.

    Source: Kassing and Weissmann (2024), abstract: the rates of Polyak (1964), locally, also for
    numbers with which global convergence is known to fail.

    Example:
        >>> round(LocalHeavyBall().rate(Spectrum(1.0, 81.0))[1], 12)
        0.8
    """

    epsilon: float = 0.0

    key = "kassing2024polyak"
    paper = "Kassing and Weissmann (2024)"
    number = "result in discrete time"
    title = "The best local rate of heavy ball"
    provenance = Provenance.ABSTRACT
    parts = ((Provenance.DERIVED, "the rate in this form, from Polyak's tuning on a quadratic"),)
    smoothness = "four times differentiable"

    def __post_init__(self) -> None:
        """Check epsilon."""
        object.__setattr__(self, "epsilon", _checks.at_least("epsilon", self.epsilon, 0.0))

    @override
    def tuning(self, problem: Spectrum) -> Method:
        return optimal_heavy_ball(self._given(problem))

    @override
    def rate(self, problem: Spectrum) -> tuple[float, float]:
        root = math.sqrt(self._given(problem).kappa)
        return 1.0, (root - 1) / (root + 1) + self.epsilon
