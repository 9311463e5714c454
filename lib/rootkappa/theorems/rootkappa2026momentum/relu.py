r"""Two-layer ReLU networks: what may change in the ball is counted on the drawn start.

Neuron r can flip on sample i only if it starts in the band |w_r . x_i| <= R ||x_i||. Let N_i count
the neurons in the band of i, and N_ij those for which the product of the activations on i and j may
change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from typing_extensions import override

from rootkappa.architectures import TwoLayerReLU, Weights
from rootkappa.theorems._wide_relu import without_leak
from rootkappa.theorems.report import Hypothesis
from rootkappa.theorems.rootkappa2026momentum.momentum import (
    MomentumTheorem,
    Neighbourhood,
    Start,
)


@dataclass(frozen=True)
class ReluMomentum(MomentumTheorem[TwoLayerReLU]):
    """||xi_t|| <= 2 C rho_1^t ||xi_0|| on a two-layer ReLU network, if 2 theta G <= 1.

    |.| is the largest norm of a neuron's weights. With the factor s of the outputs,
    sigma = s ||X||, delta = s^2 || |x_i . x_j| N_ij || and tau = s || N_i ||x_i|| ||.

    Args:
        method: The tuning, a function of the spectrum of the kernel at the start.

    Source: derived for this book, chapter of proofs, Theorem 4.
    """

    kind = TwoLayerReLU
    number = "Theorem 4"
    title = "Momentum on a two-layer ReLU network"

    @override
    def _given(self, problem: Any) -> Any:
        return without_leak(self.name, super()._given(problem))

    @override
    def neighbourhood(self, problem: Start[TwoLayerReLU]) -> Neighbourhood:
        model, weights = self._drawn(problem)
        s, X = model.factor, model.inputs
        norms, gram = X.norm(dim=0), (X.mT @ X).abs()

        def drift(radius: float) -> float:
            pairs = changeable(model, weights, radius)
            return s**2 * float(torch.linalg.matrix_norm(gram * pairs, 2))

        def bend(radius: float, step: float) -> float:
            return s * float((band(model, weights, radius).sum(0) * norms).norm())

        return Neighbourhood(s * float(torch.linalg.matrix_norm(X, 2)), drift, bend)

    @override
    def facts(self, problem: Start[TwoLayerReLU]) -> tuple[Hypothesis, ...]:
        model, weights = self._drawn(problem)
        signs = bool((weights[1].abs() == 1).all())
        return (
            Hypothesis("fixed outer weights of 1 or -1", True, signs and not model.train_output),
            Hypothesis("one output", True, len(model.Y) == 1),
        )

    @override
    def length(self, difference: Weights) -> torch.Tensor:
        length: torch.Tensor = difference[0].norm(dim=2).amax(1)
        return length


def band(model: TwoLayerReLU, weights: Weights, radius: float) -> torch.Tensor:
    """Say which neuron may flip on which sample within a radius of its start.

    Args:
        model: The network with its data.
        weights: The start, one replica.
        radius: R, how far each w_r may move.

    Returns:
        Whether |w_r . x_i| <= R ||x_i||, 1 or 0, shape (m, n).
    """
    reach = radius * model.inputs.norm(dim=0)
    near: torch.Tensor = (weights[0][0] @ model.inputs).abs() <= reach
    return near.to(model.Y)


def changeable(model: TwoLayerReLU, weights: Weights, radius: float) -> torch.Tensor:
    """Count the neurons for which the product of the activations on two samples may change.

    A neuron that may flip on both counts; one that may flip on i alone only if it is active on j.

    Args:
        model: The network with its data.
        weights: The start, one replica.
        radius: R, how far each w_r may move.

    Returns:
        N_ij, shape (n, n).
    """
    near = band(model, weights, radius)
    firm = (1 - near) * model.activation_patterns(weights)[0][0].to(near)
    counts: torch.Tensor = near.mT @ near + near.mT @ firm + firm.mT @ near
    return counts
