"""Liu, Tao and Pan (2022): Nesterov on deep linear networks and deep linear ResNets."""

from __future__ import annotations

from dataclasses import dataclass

from rootkappa.architectures import DeepLinear, LinearResNet
from rootkappa.theorems._momentum import NesterovTheorem
from rootkappa.theorems._resnet import resnet_spectrum, zero_hidden_weights
from rootkappa.theorems.theorem import (
    Hypothesis,
    Provenance,
    Quantity,
    Spectrum,
    WidthTheorem,
    data_spectrum,
    singular_values,
    solution_norm,
)

# Du and Hu's windows for the normalised singular values of the products of weights: every term of
# the kernel has two such products on either side of the data.
_LOW, _HIGH = 0.8**4, 1.2**4


@dataclass(frozen=True)
class GaussianNesterov(NesterovTheorem[DeepLinear], WidthTheorem):
    """||(xi_t, xi_{t-1})|| <= 24 sqrt(kappa) (1 - 1/(2 sqrt kappa))^t ||(xi_0, xi_{-1})||.

    With lambda = 0.8^4 (L/k) sigma_min(X)^2, Lambda = 1.2^4 (L/k) sigma_max(X)^2 and
    kappa = Lambda/lambda = 5.0625 kappa(X): eta = 1/(2 Lambda),
    beta = (3 sqrt kappa - 2)/(3 sqrt kappa + 2), and width near-linear in the depth,
    L r kappa^5 k (1 + ||W*||^2) up to logarithms.

    Args:
        delta: The probability of failure, in (0, 1).

    Source: Liu, Tao and Pan (2022), fully connected network. The rate against gradient descent and
    the near-linear width are in its abstract; form and constants are reconstructed.
    """

    key = "liu2022linear"
    number = "theorem on fully connected networks"
    title = "Liu, Tao and Pan (2022), fully connected network"
    provenance = Provenance.RECALLED
    quantity = Quantity.RESIDUALS
    initialisation = "gaussian"

    def _spectrum(self, model: DeepLinear) -> Spectrum:
        return data_spectrum(model, _LOW, _HIGH)

    def _required_width(self, model: DeepLinear) -> float:
        r, kappa = len(singular_values(model)), self.spectrum(model).kappa
        return model.depth * r * kappa**5 * len(model.Y) * (1 + solution_norm(model) ** 2)


@dataclass(frozen=True)
class ResNetNesterov(NesterovTheorem[LinearResNet]):
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
    number = "theorem on residual networks"
    title = "Liu, Tao and Pan (2022), residual network"
    provenance = Provenance.RECALLED
    quantity = Quantity.RESIDUALS

    def _spectrum(self, model: LinearResNet) -> Spectrum:
        return resnet_spectrum(model)

    def _hypotheses(self, model: LinearResNet) -> tuple[Hypothesis, ...]:
        r, kappa = len(singular_values(model)), self.spectrum(model).kappa
        width = r * kappa**5 * len(model.Y) * (1 + solution_norm(model) ** 2)
        return (
            zero_hidden_weights(model),
            Hypothesis("gaussian maps", 1.0, float(model.maps == "gaussian")),
            Hypothesis("width of the theorem", width, model.width, True),
        )
