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

    Gradient descent with eta = O(lambda_0/n^2), where 1 is taken for the constant. The bounds on
    the kernel are the extremes of H_inf. Width: m >= C n^6/(lambda_0^4 delta^3).

    Args:
        delta: The probability of failure, in (0, 1).

    Source: Du, Zhai, Poczos and Singh (2018), theorem on gradient descent; reconstructed.
    """

    key = "du2018gradient"
    number = "theorem on gradient descent"
    title = "Du, Zhai, Poczos and Singh (2018), gradient descent"
    provenance = Provenance.RECALLED
    quantity = Quantity.LOSS

    def _spectrum(self, model: TwoLayerReLU) -> Spectrum:
        return limit_spectrum(model)

    def _tuning(self, model: TwoLayerReLU, bounds: Spectrum) -> Method:
        return gradient_descent(bounds.lambda_min / model.X.shape[1] ** 2)

    def _rate(self, model: TwoLayerReLU, bounds: Spectrum) -> tuple[float, float]:
        return 1.0, 1 - self._tuning(model, bounds).step_size * bounds.lambda_min / 2

    def _required_width(self, model: TwoLayerReLU) -> float:
        n = model.X.shape[1]
        return float(n**6 / (self.spectrum(model).lambda_min ** 4 * self.delta**3))
