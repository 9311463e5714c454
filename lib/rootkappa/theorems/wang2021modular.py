"""Wang, Lin and Abernethy (2021): heavy ball, on deep linear and on two-layer ReLU networks."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rootkappa.architectures import DeepLinear, TwoLayerReLU
from rootkappa.optimizers import Method, modular_heavy_ball
from rootkappa.theorems.theorem import (
    Provenance,
    Quantity,
    Spectrum,
    Theorem,
    data_spectrum,
    singular_values,
    solution_norm,
)
from rootkappa.theorems.wide_relu import WideRelu, momentum_width


@dataclass(frozen=True)
class OrthogonalHeavyBall(Theorem):
    """||(xi_t, xi_{t-1})|| <= 8 sqrt(kappa) (1 - 1/(4 sqrt kappa))^t ||(xi_0, xi_{-1})||.

    Tuning: eta = 1/lambda_max, beta = (1 - 1/(2 sqrt kappa))^2. Width: C kappa^5 / ||X||^2 (...)
    (k (1 + ||W*||^2) + log(r/delta)); one factor, which depends on the data, is not known and 1
    is taken for it.

    Args:
        delta: The probability of failure, in (0, 1).

    Source: Wang, Lin and Abernethy (2021), deep linear network; constants reconstructed.
    """

    key = "wang2021modular"
    number = "theorem on deep linear networks"
    title = "Wang, Lin and Abernethy (2021), deep linear network"
    provenance = Provenance.RECALLED
    quantity = Quantity.RESIDUALS
    initialisation = "orthogonal"

    def spectrum(self, model: DeepLinear) -> Spectrum:
        """Give the extremes of (L/k) X^T X, which are exact.

        Args:
            model: The network with its data.

        Returns:
            The bounds.
        """
        return data_spectrum(model)

    def tuning(self, model: DeepLinear, spectrum: Spectrum | None = None) -> Method:
        """Give heavy ball with eta = 1/lambda_max and beta = (1 - 1/(2 sqrt kappa))^2.

        Args:
            model: The network with its data.
            spectrum: Bounds to use instead of the theorem's own.

        Returns:
            The method.
        """
        bounds = spectrum or self.spectrum(model)
        return modular_heavy_ball(bounds.lambda_min, bounds.lambda_max)

    def rate(self, model: DeepLinear, spectrum: Spectrum | None = None) -> tuple[float, float]:
        """Give C = 8 sqrt(kappa) and q = 1 - 1/(4 sqrt kappa).

        Args:
            model: The network with its data.
            spectrum: Bounds to use instead of the theorem's own.

        Returns:
            C and q.
        """
        root = math.sqrt((spectrum or self.spectrum(model)).kappa)
        return 8 * root, 1 - 1 / (4 * root)

    def required_width(self, model: DeepLinear) -> float:
        """Give kappa^5 / ||X||^2 (k (1 + ||W*||^2) + log(r/delta)).

        Args:
            model: The network with its data.

        Returns:
            The width, without the theorem's constant and its unknown factor.
        """
        values = singular_values(model)
        size = len(model.Y) * (1 + solution_norm(model) ** 2) + math.log(len(values) / self.delta)
        return self.spectrum(model).kappa ** 5 / float(values[0]) ** 2 * size


@dataclass(frozen=True)
class ReluHeavyBall(WideRelu):
    """||(xi_t, xi_{t-1})|| <= 8 sqrt(kappa) (1 - 1/(4 sqrt kappa))^t ||(xi_0, xi_{-1})||.

    With lambda = 3/4 lambda_min(H_inf), Lambda = lambda_max(H_inf) + 1/4 lambda_min(H_inf) and
    kappa = Lambda/lambda: eta = 1/Lambda, beta = (1 - 1/(2 sqrt kappa))^2. Width:
    m >= C lambda^-4 n^4 kappa^2 log^3(n/delta).

    Args:
        delta: The probability of failure, in (0, 1).

    Source: Wang, Lin and Abernethy (2021), two-layer ReLU network; constants reconstructed.
    """

    key = "wang2021modular"
    number = "theorem on ReLU networks"
    title = "Wang, Lin and Abernethy (2021), two-layer ReLU network"
    provenance = Provenance.RECALLED
    quantity = Quantity.RESIDUALS

    def tuning(self, model: TwoLayerReLU, spectrum: Spectrum | None = None) -> Method:
        """Give heavy ball with eta = 1/Lambda and beta = (1 - 1/(2 sqrt kappa))^2.

        Args:
            model: The network with its data.
            spectrum: Bounds to use instead of the theorem's own.

        Returns:
            The method.
        """
        bounds = spectrum or self.spectrum(model)
        return modular_heavy_ball(bounds.lambda_min, bounds.lambda_max)

    def rate(self, model: TwoLayerReLU, spectrum: Spectrum | None = None) -> tuple[float, float]:
        """Give C = 8 sqrt(kappa) and q = 1 - 1/(4 sqrt kappa).

        Args:
            model: The network with its data.
            spectrum: Bounds to use instead of the theorem's own.

        Returns:
            C and q.
        """
        root = math.sqrt((spectrum or self.spectrum(model)).kappa)
        return 8 * root, 1 - 1 / (4 * root)

    def required_width(self, model: TwoLayerReLU) -> float:
        """Give lambda^-4 n^4 kappa^2 log^3(n/delta).

        Args:
            model: The network with its data.

        Returns:
            The width, without the theorem's constant.
        """
        return momentum_width(model, self.spectrum(model), self.delta)
