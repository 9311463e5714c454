"""Du, Zhai, Poczos and Singh (2019): gradient descent on a wide two-layer ReLU network."""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override

from rootkappa.architectures import TwoLayerReLU
from rootkappa.optimizers import Method, gradient_descent
from rootkappa.problems import Spectrum
from rootkappa.provenance import Provenance
from rootkappa.theorems._wide_relu import WideReluTheorem, limit_spectrum
from rootkappa.theorems.theorem import Quantity


@dataclass(frozen=True)
class ReluGradientDescent(WideReluTheorem):
    """||xi_t||^2 <= (1 - eta lambda_0/2)^t ||xi_0||^2 with lambda_0 = lambda_min(H_inf).

    Gradient descent with eta = O(lambda_0/n^2), where 1 is taken for the constant. The bounds on
    the kernel are the extremes of H_inf. Width: m >= C n^6/(lambda_0^4 delta^3).

    Args:
        delta: The probability of failure, in (0, 1).

    Source: Du, Zhai, Poczos and Singh (2019), Theorem 4.1; that lambda_0 > 0 where no two inputs
    are parallel is Theorem 3.1.
    """

    key = "du2018gradient"
    paper = "Du, Zhai, Poczos and Singh (2019)"
    number = "Theorem 4.1"
    title = "Gradient descent on a two-layer ReLU network"
    provenance = Provenance.FULL_TEXT
    quantity = Quantity.LOSS

    @override
    def _bounds(self, model: TwoLayerReLU) -> Spectrum:
        return limit_spectrum(model)

    @override
    def tuning(self, problem: TwoLayerReLU | Spectrum) -> Method:
        model = self.network(problem)
        return gradient_descent(self.spectrum(model).lambda_min / model.X.shape[1] ** 2)

    @override
    def rate(self, problem: TwoLayerReLU | Spectrum) -> tuple[float, float]:
        decay = self.tuning(problem).step_size * self.spectrum(problem).lambda_min
        return 1.0, 1 - decay / 2

    @override
    def required_width(self, model: TwoLayerReLU) -> float:
        n = model.X.shape[1]
        return float(n**6 / (self.spectrum(model).lambda_min ** 4 * self.delta**3))
