"""Tuning and rate that the theorems with momentum share."""

from __future__ import annotations

import math
from dataclasses import dataclass

from typing_extensions import override

from rootkappa.optimizers import Method, lazy_nesterov, modular_heavy_ball
from rootkappa.problems import Spectrum
from rootkappa.theorems.kernel import KernelTheorem, M


@dataclass(frozen=True)
class HeavyBallTheorem(KernelTheorem[M]):
    """||(xi_t, xi_{t-1})|| <= 8 sqrt(kappa) (1 - 1/(4 sqrt kappa))^t ||(xi_0, xi_{-1})||.

    Heavy ball with eta = 1/Lambda and beta = (1 - 1/(2 sqrt kappa))^2.
    """

    @override
    def tuning(self, problem: M | Spectrum) -> Method:
        return modular_heavy_ball(self.spectrum(problem))

    @override
    def rate(self, problem: M | Spectrum) -> tuple[float, float]:
        root = math.sqrt(self.spectrum(problem).kappa)
        return 8 * root, 1 - 1 / (4 * root)


@dataclass(frozen=True)
class NesterovTheorem(KernelTheorem[M]):
    """||(xi_t, xi_{t-1})|| <= 24 sqrt(kappa) (1 - 1/(2 sqrt kappa))^t ||(xi_0, xi_{-1})||.

    Nesterov with eta = 1/(2 Lambda) and beta = (3 sqrt kappa - 2)/(3 sqrt kappa + 2).
    """

    @override
    def tuning(self, problem: M | Spectrum) -> Method:
        return lazy_nesterov(self.spectrum(problem))

    @override
    def rate(self, problem: M | Spectrum) -> tuple[float, float]:
        root = math.sqrt(self.spectrum(problem).kappa)
        return 24 * root, 1 - 1 / (2 * root)
