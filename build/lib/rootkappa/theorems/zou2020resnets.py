"""Zou, Long and Gu (2020): gradient descent and SGD on deep linear residual networks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from rootkappa import _checks
from rootkappa.architectures import LinearResNet
from rootkappa.optimizers import Method, gradient_descent
from rootkappa.theorems._resnet import sizes, zero_hidden_weights
from rootkappa.theorems.theorem import (
    Hypothesis,
    Provenance,
    Quantity,
    Spectrum,
    Theorem,
    singular_values,
)


@dataclass(frozen=True)
class ResNetGradientDescent(Theorem[LinearResNet]):
    """The excess loss contracts by 1 - eta L sigma_min(A)^2 sigma_min(B)^2 sigma_r(X)^2 / e a step.

    Condition: sigma_min(A)^2 sigma_min(B)^2 / (||A|| ||B||) >= C ||X|| e_0^{1/2} / sigma_r(X)^2,
    with e_0 the excess loss at the start. Step: eta = C_1 / (L a (l_0^{1/2} + a)), with
    a = ||A|| ||B|| ||X|| and l_0 the loss at the start.

    The bounds on the kernel at the start are L times the squared singular values of A, B and X:
    lambda = L sigma_min(A)^2 sigma_min(B)^2 sigma_r(X)^2 and Lambda = L a^2, the widest over the
    model's replicas. So eta = C_1 / (Lambda + (L Lambda l_0)^{1/2}), and the rate is
    1 - eta lambda / e.

    Args:
        delta: Not used: the theorem is not about chance.
        step_constant: C_1, which the paper leaves open.

    Source: Zou, Long and Gu (2020), Theorem 3.1; form reconstructed.
    """

    step_constant: float = 0.1

    key = "zou2020resnets"
    number = "Theorem 3.1"
    title = "Zou, Long and Gu (2020), Theorem 3.1"
    provenance = Provenance.RECALLED
    quantity = Quantity.LOSS

    def __post_init__(self) -> None:
        """Check the constant."""
        _checks.positive("step_constant", self.step_constant)

    def _spectrum(self, model: LinearResNet) -> Spectrum:
        size = sizes(model)
        return Spectrum(model.depth * size.least**2, model.depth * size.inner**2)

    def _tuning(self, model: LinearResNet, bounds: Spectrum) -> Method:
        top, start = bounds.lambda_max, sizes(model).start
        return gradient_descent(self.step_constant / (top + math.sqrt(model.depth * top * start)))

    def _rate(self, model: LinearResNet, bounds: Spectrum) -> tuple[float, float]:
        return 1.0, 1 - self._tuning(model, bounds).step_size * bounds.lambda_min / math.e

    def margin(self, model: LinearResNet) -> float:
        """Give Z, the left side of the condition over its right side without C.

        Args:
            model: The network with its data.

        Returns:
            sigma_min(A)^2 sigma_min(B)^2 sigma_r(X)^2 / (||A|| ||B|| ||X|| e_0^{1/2}).
        """
        size = sizes(model)
        return size.least**2 / (size.inner * math.sqrt(size.excess))

    def _hypotheses(self, model: LinearResNet) -> tuple[Hypothesis, ...]:
        return (
            zero_hidden_weights(model),
            Hypothesis("condition Z >= C of the theorem", 1.0, self.margin(model), True),
        )


@dataclass(frozen=True)
class GaussianResNetGradientDescent(ResNetGradientDescent):
    """Theorem 3.1 for Gaussian maps: width m >= C k r kappa^2 + d + k, whatever the depth.

    Args:
        delta: The probability of failure, in (0, 1).
        step_constant: C_1.

    Source: Zou, Long and Gu (2020), corollary on Gaussian maps. That the width beats the one of Du
    and Hu (2019) by a factor kappa L is in the abstract; its form is reconstructed.
    """

    number = "corollary on Gaussian maps"
    title = "Zou, Long and Gu (2020), Gaussian maps"

    def required_width(self, model: LinearResNet) -> float:
        """Give k r kappa^2 + d + k.

        Args:
            model: The network with its data.

        Returns:
            The width, with 1 for the corollary's constant.
        """
        values = singular_values(model)
        kappa = float(values[0] / values[-1]) ** 2
        d, k = len(model.X), len(model.Y)
        return k * len(values) * kappa**2 + d + k

    def _hypotheses(self, model: LinearResNet) -> tuple[Hypothesis, ...]:
        return (
            zero_hidden_weights(model),
            Hypothesis("gaussian maps", 1.0, float(model.maps == "gaussian")),
            Hypothesis("width of the corollary", self.required_width(model), model.width, True),
        )


@dataclass(frozen=True)
class ModifiedIdentityGradientDescent(ResNetGradientDescent):
    """Theorem 3.1 for the modified identity: width d + k, and s_A s_B large enough.

    B A = 0, so the excess loss at the start is 1/2 ||W* X||_F^2, and all singular values of the
    maps are s_A and s_B: s_A s_B >= C ||X|| ||W* X||_F / (2^{1/2} sigma_r(X)^2).

    Args:
        delta: Not used: nothing is random.
        step_constant: C_1.

    Source: Zou, Long and Gu (2020), corollary on modified identity maps. That width d + k is
    enough is in the abstract; the condition on the scales is derived here from Theorem 3.1.
    """

    number = "corollary on modified identity maps"
    title = "Zou, Long and Gu (2020), modified identity"

    def required_scale(self, model: LinearResNet) -> float:
        """Give ||X|| ||W* X||_F / (2^{1/2} sigma_r(X)^2).

        Args:
            model: The network with its data.

        Returns:
            The least s_A s_B, with 1 for the constant.
        """
        values = singular_values(model)
        fitted = model.Y @ torch.linalg.pinv(model.X) @ model.X
        return float(values[0] * fitted.norm() / values[-1] ** 2) / math.sqrt(2)

    def _hypotheses(self, model: LinearResNet) -> tuple[Hypothesis, ...]:
        size = sizes(model)
        scale = size.least / float(singular_values(model)[-1])
        same = float(model.maps == "modified identity")
        return (
            zero_hidden_weights(model),
            Hypothesis("modified identity maps", 1.0, same),
            Hypothesis("width at least d + k", len(model.X) + len(model.Y), model.width),
            Hypothesis("scale s_A s_B of the corollary", self.required_scale(model), scale, True),
        )


@dataclass(frozen=True)
class ResNetStochasticGradientDescent(ResNetGradientDescent):
    """SGD under interpolation: loss at most 2 (1 - eta lambda / e)^t of its start.

    Step: eta = C_1 (b/n)^2 lambda / (Lambda^2 log(T/delta)), with the bounds lambda and Lambda on
    the kernel at the start and T steps. Only the first fact, a linear rate to the global minimum,
    is certain.

    Args:
        delta: The probability of failure, in (0, 1).
        step_constant: C_1.
        batch_size: b.
        steps: T.

    Source: Zou, Long and Gu (2020), theorem on SGD. Convergence to the global minimum is in the
    abstract; condition, step and constants are reconstructed with low confidence.
    """

    batch_size: int = 1
    steps: int = 1000

    def __post_init__(self) -> None:
        """Check the constant, the batch size and the number of steps."""
        super().__post_init__()
        _checks.count("batch size", self.batch_size)
        _checks.count("steps", self.steps)

    number = "theorem on stochastic gradient descent"
    title = "Zou, Long and Gu (2020), stochastic gradient descent"

    def _tuning(self, model: LinearResNet, bounds: Spectrum) -> Method:
        share = self.batch_size / model.Y.shape[1]
        logarithm = math.log(self.steps / self.delta)
        size = self.step_constant * share**2 / (bounds.kappa * bounds.lambda_max * logarithm)
        return gradient_descent(size)

    def _rate(self, model: LinearResNet, bounds: Spectrum) -> tuple[float, float]:
        return 2.0, super()._rate(model, bounds)[1]

    def _hypotheses(self, model: LinearResNet) -> tuple[Hypothesis, ...]:
        size = sizes(model)
        # Labels that no linear map fits are not an error: they are a hypothesis that fails.
        fits = float(size.floor <= 1e-20 * float(model.Y.square().sum()))
        share = self.batch_size / model.Y.shape[1]
        return (
            zero_hidden_weights(model),
            Hypothesis("condition Z b/n >= C", 1.0, share * self.margin(model), True),
            Hypothesis("a linear map fits all labels (no noise)", 1.0, fits),
        )
