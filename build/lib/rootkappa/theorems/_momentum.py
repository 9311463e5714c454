"""Tuning and rate that the theorems with momentum share."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rootkappa.optimizers import Method, lazy_nesterov, modular_heavy_ball
from rootkappa.theorems.theorem import M, Spectrum, Theorem


@dataclass(frozen=True)
class HeavyBallTheorem(Theorem[M]):
    """||(xi_t, xi_{t-1})|| <= 8 sqrt(kappa) (1 - 1/(4 sqrt kappa))^t ||(xi_0, xi_{-1})||.

    Heavy ball with eta = 1/Lambda and beta = (1 - 1/(2 sqrt kappa))^2.
    """

    def _tuning(self, model: M, bounds: Spectrum) -> Method:
        return modular_heavy_ball(bounds.lambda_min, bounds.lambda_max)

    def _rate(self, model: M, bounds: Spectrum) -> tuple[float, float]:
        root = math.sqrt(bounds.kappa)
        return 8 * root, 1 - 1 / (4 * root)


@dataclass(frozen=True)
class NesterovTheorem(Theorem[M]):
    """||(xi_t, xi_{t-1})|| <= 24 sqrt(kappa) (1 - 1/(2 sqrt kappa))^t ||(xi_0, xi_{-1})||.

    Nesterov with eta = 1/(2 Lambda) and beta = (3 sqrt kappa - 2)/(3 sqrt kappa + 2).
    """

    def _tuning(self, model: M, bounds: Spectrum) -> Method:
        return lazy_nesterov(bounds.lambda_min, bounds.lambda_max)

    def _rate(self, model: M, bounds: Spectrum) -> tuple[float, float]:
        root = math.sqrt(bounds.kappa)
        return 24 * root, 1 - 1 / (2 * root)
