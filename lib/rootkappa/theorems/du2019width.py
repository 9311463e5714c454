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
    data_spectrum,
    singular_values,
    solution_norm,
)


@dataclass(frozen=True)
class GaussianGradientDescent(WidthTheorem):
    """The excess loss contracts by 1 - eta L lambda_r / (4 k) a step, eta = k / (3 L ||X||^2).

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

    def spectrum(self, model: DeepLinear) -> Spectrum:
        """Give the extremes of (L/k) X^T X.

        Args:
            model: The network with its data.

        Returns:
            The bounds.
        """
        return data_spectrum(model)

    def tuning(self, model: DeepLinear, spectrum: Spectrum | None = None) -> Method:
        """Give gradient descent with eta = 1/(3 lambda_max).

        Args:
            model: The network with its data.
            spectrum: Bounds to use instead of the theorem's own.

        Returns:
            The method.
        """
        return gradient_descent(1 / (3 * (spectrum or self.spectrum(model)).lambda_max))

    def rate(self, model: DeepLinear, spectrum: Spectrum | None = None) -> tuple[float, float]:
        """Give C = 1 and q = 1 - 1/(12 kappa).

        Args:
            model: The network with its data.
            spectrum: Bounds to use instead of the theorem's own.

        Returns:
            C and q.
        """
        return 1.0, 1 - 1 / (12 * (spectrum or self.spectrum(model)).kappa)

    def required_width(self, model: DeepLinear) -> float:
        """Give L max{r kappa^3 k (1 + ||W*||^2), r kappa^3 log(r/delta), log L}.

        Args:
            model: The network with its data.

        Returns:
            The width, without the theorem's constant.
        """
        r, kappa, k = len(singular_values(model)), self.spectrum(model).kappa, len(model.Y)
        return model.depth * max(
            r * kappa**3 * k * (1 + solution_norm(model) ** 2),
            r * kappa**3 * math.log(r / self.delta),
            math.log(model.depth),
        )
