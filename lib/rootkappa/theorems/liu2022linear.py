"""Liu, Tao and Pan (2022): Nesterov on deep linear networks and deep linear ResNets."""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override

from rootkappa.architectures import DeepLinear, LinearResNet
from rootkappa.problems import Spectrum
from rootkappa.provenance import Provenance
from rootkappa.theorems._linear import (
    DeepLinearTheorem,
    data_spectrum,
    resnet_spectrum,
    singular_values,
    solution_norm,
    width_hypothesis,
    zero_hidden_weights,
)
from rootkappa.theorems._momentum import NesterovTheorem
from rootkappa.theorems.kernel import WidthTheorem
from rootkappa.theorems.report import Hypothesis

# Du and Hu (2019), Propositions 6.2 and 6.3: the windows [0.8, 1.2] of the normalised singular
# values of the products of weights. Every term of the kernel has two such products on either side
# of the data.
_LOW, _HIGH = 0.8**4, 1.2**4


@dataclass(frozen=True)
class GaussianNesterov(NesterovTheorem[DeepLinear], DeepLinearTheorem):
    """||(xi_t, xi_{t-1})|| <= 24 sqrt(kappa) (1 - 1/(2 sqrt kappa))^t ||(xi_0, xi_{-1})||.

    With lambda = 0.8^4 (L/k) sigma_min(X)^2, Lambda = 1.2^4 (L/k) sigma_max(X)^2 and
    kappa = Lambda/lambda = 5.0625 kappa(X): eta = 1/(2 Lambda),
    beta = (3 sqrt kappa - 2)/(3 sqrt kappa + 2), and width near-linear in the depth,
    L r kappa^5 k (1 + ||W*||^2) up to logarithms.

    Args:
        delta: The probability of failure, in (0, 1).

    Source: Liu, Tao and Pan (2022), fully connected network. The rate against gradient descent is
    in its abstract, the near-linear width in that of the journal version; form and constants are
    reconstructed. The windows behind lambda and Lambda are printed by Du and Hu (2019).
    """

    key = "liu2022linear"
    paper = "Liu, Tao and Pan (2022)"
    number = "theorem on fully connected networks"
    title = "Nesterov on deep linear networks"
    provenance = Provenance.RECALLED
    parts = (
        (Provenance.ABSTRACT, r"constant step and momentum, and the rate $1-O(1/\sqrt\kappa)$"),
        (Provenance.ABSTRACT, "a width near-linear in the depth, in the journal's version"),
    )

    @override
    def _bounds(self, model: DeepLinear) -> Spectrum:
        return data_spectrum(model, _LOW, _HIGH)

    @override
    def required_width(self, model: DeepLinear) -> float:
        r, kappa = len(singular_values(model)), self.spectrum(model).kappa
        return model.depth * r * kappa**5 * len(model.Y) * (1 + solution_norm(model) ** 2)


@dataclass(frozen=True)
class ResNetNesterov(NesterovTheorem[LinearResNet], WidthTheorem[LinearResNet]):
    """||(xi_t, xi_{t-1})|| <= 24 sqrt(kappa) (1 - 1/(2 sqrt kappa))^t ||(xi_0, xi_{-1})||.

    lambda and Lambda are the extreme eigenvalues of the kernel at the start, which is exactly
    L (AX)^T (AX) (x) B B^T, the widest over the model's replicas. Tuning and rate are those of
    `GaussianNesterov`. The width is free of the depth: r kappa^5 k (1 + ||W*||^2) up to logarithms.

    Args:
        delta: The probability of failure, in (0, 1).

    Source: Liu, Tao and Pan (2022), residual network. A similar rate and a width free of the depth
    are in the abstract of the journal version; form, constants and powers are reconstructed.
    """

    key = "liu2022linear"
    paper = "Liu, Tao and Pan (2022)"
    number = "theorem on residual networks"
    title = "Nesterov on deep linear ResNets"
    provenance = Provenance.RECALLED
    parts = (
        (
            Provenance.ABSTRACT,
            "a similar rate and a width free of the depth, in the journal's version",
        ),
    )
    kind = LinearResNet

    @override
    def _bounds(self, model: LinearResNet) -> Spectrum:
        return resnet_spectrum(model)

    @override
    def required_width(self, model: LinearResNet) -> float:
        r, kappa = len(singular_values(model)), self.spectrum(model).kappa
        return r * kappa**5 * len(model.Y) * (1 + solution_norm(model) ** 2)

    @override
    def hypotheses(self, problem: LinearResNet | Spectrum) -> tuple[Hypothesis, ...]:
        model = self.network(problem)
        return (
            zero_hidden_weights(model),
            Hypothesis("gaussian maps", True, model.maps == "gaussian"),
            width_hypothesis(self.required_width(model), model.width),
        )
