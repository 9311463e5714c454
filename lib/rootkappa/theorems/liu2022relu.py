"""Liu, Pan and Tao (2022): Nesterov with constant momentum on a wide two-layer ReLU network."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rootkappa.architectures import TwoLayerReLU
from rootkappa.optimizers import Method, lazy_nesterov
from rootkappa.theorems.theorem import Provenance, Quantity, Spectrum
from rootkappa.theorems.wide_relu import WideRelu, momentum_width


@dataclass(frozen=True)
class ReluNesterov(WideRelu):
    """||(xi_t, xi_{t-1})|| <= 24 sqrt(kappa) (1 - 1/(2 sqrt kappa))^t ||(xi_0, xi_{-1})||.

    With lambda = 3/4 lambda_min(H_inf), Lambda = lambda_max(H_inf) + 1/4 lambda_min(H_inf) and
    kappa = Lambda/lambda: eta = 1/(2 Lambda), beta = (3 sqrt kappa - 2)/(3 sqrt kappa + 2). Width:
    m >= C lambda^-4 n^4 kappa^2 log^3(n/delta).

    Args:
        delta: The probability of failure, in (0, 1).

    Source: Liu, Pan and Tao (2022), main theorem. The form 1 - Theta(1/sqrt kappa) is in its
    abstract; the constants and the width are reconstructed.
    """

    key = "liu2022relu"
    number = "main theorem"
    title = "Liu, Pan and Tao (2022), Nesterov on a two-layer ReLU network"
    provenance = Provenance.RECALLED
    quantity = Quantity.RESIDUALS

    def tuning(self, model: TwoLayerReLU, spectrum: Spectrum | None = None) -> Method:
        """Give Nesterov with eta = 1/(2 Lambda), beta = (3 sqrt kappa - 2)/(3 sqrt kappa + 2).

        Args:
            model: The network with its data.
            spectrum: Bounds to use instead of the theorem's own.

        Returns:
            The method.
        """
        bounds = spectrum or self.spectrum(model)
        return lazy_nesterov(bounds.lambda_min, bounds.lambda_max)

    def rate(self, model: TwoLayerReLU, spectrum: Spectrum | None = None) -> tuple[float, float]:
        """Give C = 24 sqrt(kappa) and q = 1 - 1/(2 sqrt kappa).

        Args:
            model: The network with its data.
            spectrum: Bounds to use instead of the theorem's own.

        Returns:
            C and q.
        """
        root = math.sqrt((spectrum or self.spectrum(model)).kappa)
        return 24 * root, 1 - 1 / (2 * root)

    def required_width(self, model: TwoLayerReLU) -> float:
        """Give lambda^-4 n^4 kappa^2 log^3(n/delta).

        Args:
            model: The network with its data.

        Returns:
            The width, without the theorem's constant.
        """
        return momentum_width(model, self.spectrum(model), self.delta)
