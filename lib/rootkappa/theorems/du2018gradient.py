"""Du, Zhai, Poczos and Singh (2018): gradient descent on a wide two-layer ReLU network."""

from __future__ import annotations

from dataclasses import dataclass

from rootkappa.architectures import TwoLayerReLU
from rootkappa.optimizers import Method, gradient_descent
from rootkappa.theorems.theorem import Provenance, Quantity, Spectrum
from rootkappa.theorems.wide_relu import WideRelu, limit_spectrum


@dataclass(frozen=True)
class ReluGradientDescent(WideRelu):
    """||xi_t||^2 <= (1 - eta lambda_0/2)^t ||xi_0||^2 with lambda_0 = lambda_min(H_inf).

    The step is eta = O(lambda_0/n^2), with 1 taken for the constant. Width:
    m >= C n^6/(lambda_0^4 delta^3).

    Args:
        delta: The probability of failure, in (0, 1).

    Source: Du, Zhai, Poczos and Singh (2018), theorem on gradient descent; reconstructed.
    """

    key = "du2018gradient"
    number = "theorem on gradient descent"
    title = "Du, Zhai, Poczos and Singh (2018), gradient descent"
    provenance = Provenance.RECALLED
    quantity = Quantity.LOSS

    def spectrum(self, model: TwoLayerReLU) -> Spectrum:
        """Give the extremes of H_inf.

        Args:
            model: The network with its data.

        Returns:
            The bounds.
        """
        return limit_spectrum(model)

    def tuning(self, model: TwoLayerReLU, spectrum: Spectrum | None = None) -> Method:
        """Give gradient descent with eta = lambda_0/n^2.

        Args:
            model: The network with its data.
            spectrum: Bounds to use instead of the theorem's own.

        Returns:
            The method.
        """
        bounds = spectrum or self.spectrum(model)
        return gradient_descent(bounds.lambda_min / model.X.shape[1] ** 2)

    def rate(self, model: TwoLayerReLU, spectrum: Spectrum | None = None) -> tuple[float, float]:
        """Give C = 1 and q = 1 - eta lambda_0/2.

        Args:
            model: The network with its data.
            spectrum: Bounds to use instead of the theorem's own.

        Returns:
            C and q.
        """
        bounds = spectrum or self.spectrum(model)
        return 1.0, 1 - self.tuning(model, bounds).step_size * bounds.lambda_min / 2

    def required_width(self, model: TwoLayerReLU) -> float:
        """Give n^6/(lambda_0^4 delta^3).

        Args:
            model: The network with its data.

        Returns:
            The width, without the theorem's constant.
        """
        n = model.X.shape[1]
        return float(n**6 / (self.spectrum(model).lambda_min ** 4 * self.delta**3))
