"""Du and Hu (2019), Theorem 4.1: gradient descent, Gaussian initialisation."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rootkappa.architectures import DeepLinear
from rootkappa.optimizers import Method, gradient_descent
from rootkappa.theorems.theorem import (
    Provenance,
    Quantity,
    Spectrum,
    WidthTheorem,
    singular_values,
    solution_norm,
)


@dataclass(frozen=True)
class GaussianGradientDescent(WidthTheorem):
    """The excess loss contracts by 1 - eta L lambda_r / (4 k) a step, eta = k / (3 L ||X||^2).

    With lambda_max and kappa of (L/k) X^T X: eta = 1/(3 lambda_max), rate 1 - 1/(12 kappa).
    Width: m >= C L max{r kappa^3 k (1 + ||W*||^2), r kappa^3 log(r/delta), log L}.

    Args:
        delta: The probability of failure, in (0, 1).

    Source: Du and Hu (2019), Theorem 4.1; constants reconstructed.
    """

    key = "du2019width"
    number = "Theorem 4.1"
    title = "Du and Hu (2019), Theorem 4.1"
    provenance = Provenance.RECALLED
    quantity = Quantity.LOSS
    initialisation = "gaussian"

    def _tuning(self, model: DeepLinear, bounds: Spectrum) -> Method:
        return gradient_descent(1 / (3 * bounds.lambda_max))

    def _rate(self, model: DeepLinear, bounds: Spectrum) -> tuple[float, float]:
        return 1.0, 1 - 1 / (12 * bounds.kappa)

    def _required_width(self, model: DeepLinear) -> float:
        r, kappa, k = len(singular_values(model)), self.spectrum(model).kappa, len(model.Y)
        return model.depth * max(
            r * kappa**3 * k * (1 + solution_norm(model) ** 2),
            r * kappa**3 * math.log(r / self.delta),
            math.log(model.depth),
        )
