"""Wang, Lin and Abernethy (2021): heavy ball, on deep linear and on two-layer ReLU networks."""

from __future__ import annotations

import math
from dataclasses import dataclass

from typing_extensions import override

from rootkappa.architectures import DeepLinear, TwoLayerReLU
from rootkappa.provenance import Provenance
from rootkappa.theorems._linear import DeepLinearTheorem, singular_values, solution_norm
from rootkappa.theorems._momentum import HeavyBallTheorem
from rootkappa.theorems._wide_relu import WideReluMomentumTheorem

_PARTS = ((Provenance.ABSTRACT, r"the form of the rate, $1-\Theta(1/\sqrt\kappa)$"),)


@dataclass(frozen=True)
class OrthogonalHeavyBall(HeavyBallTheorem[DeepLinear], DeepLinearTheorem):
    """||(xi_t, xi_{t-1})|| <= 8 sqrt(kappa) (1 - 1/(4 sqrt kappa))^t ||(xi_0, xi_{-1})||.

    With lambda_max and kappa of (L/k) X^T X, which are exact: eta = 1/lambda_max,
    beta = (1 - 1/(2 sqrt kappa))^2. Width: C kappa^5 / ||X||^2 (...)
    (k (1 + ||W*||^2) + log(r/delta)); one factor, which depends on the data, is not known and 1
    is taken for it.

    Args:
        delta: The probability of failure, in (0, 1).

    Source: Wang, Lin and Abernethy (2021), deep linear network; constants reconstructed.
    """

    key = "wang2021modular"
    paper = "Wang, Lin and Abernethy (2021)"
    number = "theorem on deep linear networks"
    title = "Heavy ball on deep linear networks"
    provenance = Provenance.RECALLED
    parts = _PARTS
    initialisation = "orthogonal"

    @override
    def required_width(self, model: DeepLinear) -> float:
        values = singular_values(model)
        size = len(model.Y) * (1 + solution_norm(model) ** 2) + math.log(len(values) / self.delta)
        return self.spectrum(model).kappa ** 5 / float(values[0]) ** 2 * size


@dataclass(frozen=True)
class ReluHeavyBall(HeavyBallTheorem[TwoLayerReLU], WideReluMomentumTheorem):
    """||(xi_t, xi_{t-1})|| <= 8 sqrt(kappa) (1 - 1/(4 sqrt kappa))^t ||(xi_0, xi_{-1})||.

    With lambda = 3/4 lambda_min(H_inf), Lambda = lambda_max(H_inf) + 1/4 lambda_min(H_inf) and
    kappa = Lambda/lambda: eta = 1/Lambda, beta = (1 - 1/(2 sqrt kappa))^2. Width:
    m >= C lambda^-4 n^4 kappa^2 log^3(n/delta).

    Args:
        delta: The probability of failure, in (0, 1).

    Source: Wang, Lin and Abernethy (2021), two-layer ReLU network; constants reconstructed.
    """

    key = "wang2021modular"
    paper = "Wang, Lin and Abernethy (2021)"
    number = "theorem on ReLU networks"
    title = "Heavy ball on a two-layer ReLU network"
    provenance = Provenance.RECALLED
    parts = _PARTS
