"""What the theorems on wide two-layer ReLU networks have in common."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass

import torch

from rootkappa.architectures import TwoLayerReLU
from rootkappa.kernels import relu_limit, require_separated, require_unit_inputs
from rootkappa.theorems.theorem import Hypothesis, Spectrum, Theorem


@dataclass(frozen=True)
class WideRelu(Theorem[TwoLayerReLU]):
    """A theorem on a wide two-layer ReLU network with inputs of unit norm, no two parallel.

    Unless a theorem says otherwise, its bounds on the kernel are 3/4 lambda_min(H_inf) and
    lambda_max(H_inf) + 1/4 lambda_min(H_inf), with kappa = 4/3 kappa(H_inf) + 1/3.

    Args:
        delta: The probability of failure that the theorem grants, in (0, 1).
    """

    initialisation = "gaussian"

    def required_width(self, model: TwoLayerReLU) -> float:
        """Give the width that the theorem asks for, with 1 for its absolute constant.

        Args:
            model: The network with its data.

        Returns:
            The width.
        """
        return self._required_width(model)

    @abstractmethod
    def _required_width(self, model: TwoLayerReLU) -> float:
        """Give the width."""

    def _spectrum(self, model: TwoLayerReLU) -> Spectrum:
        exact = limit_spectrum(model)
        quarter = exact.lambda_min / 4
        return Spectrum(3 * quarter, exact.lambda_max + quarter)

    def _hypotheses(self, model: TwoLayerReLU) -> tuple[Hypothesis, ...]:
        plain = not model.bias and not model.train_output and model.scaling == "lazy"
        same = float(model.initialisation == self.initialisation)
        return (
            Hypothesis("gaussian initialisation with random signs", 1.0, same),
            Hypothesis("fixed outer weights, no bias, factor m^(-1/2)", 1.0, float(plain)),
            Hypothesis("width of the theorem", self.required_width(model), model.width, True),
        )


def limit_spectrum(model: TwoLayerReLU) -> Spectrum:
    """Give the extreme eigenvalues of H_inf.

    Args:
        model: The network, with inputs of unit norm of which no two are parallel.

    Returns:
        The extremes.
    """
    require_unit_inputs(model.X)
    require_separated(model.X)
    values = torch.linalg.eigvalsh(relu_limit(model.X))
    return Spectrum(float(values[0]), float(values[-1]))


def momentum_width(model: TwoLayerReLU, spectrum: Spectrum, delta: float) -> float:
    """Give lambda^-4 n^4 kappa^2 log^3(n/delta), the width of the two theorems with momentum.

    Args:
        model: The network with its data.
        spectrum: The theorem's bounds.
        delta: The probability of failure.

    Returns:
        The width, with 1 for the absolute constant.
    """
    n = model.X.shape[1]
    logarithm = math.log(n / delta)
    return spectrum.lambda_min**-4 * n**4 * spectrum.kappa**2 * logarithm**3
