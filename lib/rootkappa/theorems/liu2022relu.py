"""Liu, Pan and Tao (2022): Nesterov with constant momentum on a wide two-layer ReLU network."""

from __future__ import annotations

from dataclasses import dataclass

from rootkappa.architectures import TwoLayerReLU
from rootkappa.provenance import Provenance
from rootkappa.theorems._momentum import NesterovTheorem
from rootkappa.theorems._wide_relu import WideReluMomentumTheorem


@dataclass(frozen=True)
class ReluNesterov(NesterovTheorem[TwoLayerReLU], WideReluMomentumTheorem):
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
    paper = "Liu, Pan and Tao (2022)"
    number = "main theorem"
    title = "Nesterov on a two-layer ReLU network"
    provenance = Provenance.RECALLED
    parts = ((Provenance.ABSTRACT, r"the form of the rate, $1-\Theta(1/\sqrt\kappa)$"),)
