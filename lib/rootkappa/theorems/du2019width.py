"""Du and Hu (2019), Theorem 4.1: gradient descent, Gaussian initialisation."""

from __future__ import annotations

import math
from dataclasses import dataclass

from typing_extensions import override

from rootkappa.architectures import DeepLinear
from rootkappa.optimizers import Method, gradient_descent
from rootkappa.problems import Spectrum
from rootkappa.provenance import Provenance
from rootkappa.theorems._linear import DeepLinearTheorem, singular_values, solution_norm
from rootkappa.theorems.theorem import Quantity


@dataclass(frozen=True)
class GaussianGradientDescent(DeepLinearTheorem):
    """The excess loss contracts by 1 - eta L lambda_r / (4 k) a step, eta = k / (3 L ||X||^2).

    With lambda_max and kappa of (L/k) X^T X: eta = 1/(3 lambda_max), rate 1 - 1/(12 kappa).
    Width: m >= C L max{r kappa^3 k (1 + ||W*||^2), r kappa^3 log(r/delta), log L}.

    Args:
        delta: The probability of failure, in (0, 1).

    Source: Du and Hu (2019), Theorem 4.1.
    """

    key = "du2019width"
    paper = "Du and Hu (2019)"
    number = "Theorem 4.1"
    title = "Gradient descent from Gaussian weights"
    provenance = Provenance.FULL_TEXT
    quantity = Quantity.LOSS

    @override
    def tuning(self, problem: DeepLinear | Spectrum) -> Method:
        return gradient_descent(1 / (3 * self.spectrum(problem).lambda_max))

    @override
    def rate(self, problem: DeepLinear | Spectrum) -> tuple[float, float]:
        return 1.0, 1 - 1 / (12 * self.spectrum(problem).kappa)

    @override
    def required_width(self, model: DeepLinear) -> float:
        r, kappa, k = len(singular_values(model)), self.spectrum(model).kappa, len(model.Y)
        return model.depth * max(
            r * kappa**3 * k * (1 + solution_norm(model) ** 2),
            r * kappa**3 * math.log(r / self.delta),
            math.log(model.depth),
        )
