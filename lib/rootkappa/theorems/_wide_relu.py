"""What the theorems on wide two-layer ReLU networks have in common."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from typing_extensions import override

from rootkappa.architectures import TwoLayerReLU
from rootkappa.kernels import relu_limit, require_separated, require_unit_inputs
from rootkappa.problems import Spectrum
from rootkappa.theorems._linear import width_hypothesis
from rootkappa.theorems.kernel import WidthTheorem
from rootkappa.theorems.report import Hypothesis


@dataclass(frozen=True)
class WideReluTheorem(WidthTheorem[TwoLayerReLU]):
    """A theorem on a wide two-layer ReLU network with inputs of unit norm, no two parallel.

    Unless a theorem says otherwise, its bounds on the kernel are 3/4 lambda_min(H_inf) and
    lambda_max(H_inf) + 1/4 lambda_min(H_inf), with kappa = 4/3 kappa(H_inf) + 1/3.

    Args:
        delta: The probability of failure that the theorem grants, in (0, 1).
    """

    kind = TwoLayerReLU

    @override
    def _given(self, problem: Any) -> Any:
        return without_leak(self.name, super()._given(problem))

    @override
    def _bounds(self, model: TwoLayerReLU) -> Spectrum:
        exact = limit_spectrum(model)
        quarter = exact.lambda_min / 4
        return Spectrum(3 * quarter, exact.lambda_max + quarter)

    @override
    def hypotheses(self, problem: TwoLayerReLU | Spectrum) -> tuple[Hypothesis, ...]:
        model = self.network(problem)
        plain = not model.bias and not model.train_output and model.scaling == "lazy"
        gaussian = model.initialisation == "gaussian"
        return (
            Hypothesis("gaussian initialisation with random signs", True, gaussian),
            Hypothesis("fixed outer weights, no bias, factor m^(-1/2)", True, plain),
            Hypothesis("one output", True, len(model.Y) == 1),
            width_hypothesis(self.required_width(model), model.width),
        )


@dataclass(frozen=True)
class WideReluMomentumTheorem(WideReluTheorem):
    """One of the two theorems with momentum, which ask for the same width.

    Args:
        delta: The probability of failure that the theorem grants, in (0, 1).
    """

    @override
    def required_width(self, model: TwoLayerReLU) -> float:
        bounds, n = self.spectrum(model), model.X.shape[1]
        logarithm = math.log(n / self.delta)
        return bounds.lambda_min**-4 * n**4 * bounds.kappa**2 * logarithm**3


def without_leak(theorem: str, model: TwoLayerReLU) -> TwoLayerReLU:
    """Refuse a leaky network: the theorems count activations as 0 or 1.

    Args:
        theorem: The name of the theorem.
        model: The network.

    Returns:
        The network.

    Raises:
        ValueError: If it has a leak.
    """
    if model.leak:
        raise ValueError(
            f"{theorem} is on ReLUs, and the model has leak={model.leak:g}: build it with leak=0."
        )
    return model


def limit_spectrum(model: TwoLayerReLU) -> Spectrum:
    """Give the extreme eigenvalues of H_inf.

    Args:
        model: The network, with inputs of unit norm of which no two are parallel.

    Returns:
        The extremes.
    """
    require_unit_inputs(model.X)
    require_separated(model.X)
    values = torch.linalg.eigvalsh(relu_limit(model.X, leak=model.leak))
    return Spectrum(float(values[0]), float(values[-1]))
