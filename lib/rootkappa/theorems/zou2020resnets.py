"""Zou, Long and Gu (2020): gradient descent and SGD on deep linear residual networks."""

from __future__ import annotations

import math
from dataclasses import dataclass

from typing_extensions import override

from rootkappa import _checks
from rootkappa.architectures import LinearResNet
from rootkappa.optimizers import Method, gradient_descent
from rootkappa.problems import Spectrum
from rootkappa.provenance import Provenance
from rootkappa.theorems._linear import fitted, singular_values, sizes, zero_hidden_weights
from rootkappa.theorems.kernel import KernelTheorem, probability
from rootkappa.theorems.report import Hypothesis, Report
from rootkappa.theorems.theorem import Quantity


@dataclass(frozen=True)
class ResNetGradientDescent(KernelTheorem[LinearResNet]):
    """The excess loss contracts by 1 - eta L sigma_min(A)^2 sigma_min(B)^2 sigma_r(X)^2 / e a step.

    Condition: sigma_min(A)^2 sigma_min(B)^2 / (||A|| ||B||) >= C ||X|| e_0^{1/2} / sigma_r(X)^2,
    with e_0 the excess loss at the start. Step: eta = C_1 / (L a (l_0^{1/2} + a)), with
    a = ||A|| ||B|| ||X|| and l_0 the loss at the start.

    The bounds on the kernel at the start are L times the squared singular values of A, B and X:
    lambda = L sigma_min(A)^2 sigma_min(B)^2 sigma_r(X)^2 and Lambda = L a^2, the widest over the
    model's replicas. So eta = C_1 / (Lambda + (L Lambda l_0)^{1/2}), and the rate is
    1 - eta lambda / e.

    Args:
        step_constant: C_1, which the paper leaves open.

    Raises:
        ValueError: If the constant is not above 0.

    Source: Zou, Long and Gu (2020), Theorem 3.1; form reconstructed.
    """

    step_constant: float = 0.1

    key = "zou2020resnets"
    paper = "Zou, Long and Gu (2020)"
    number = "Theorem 3.1"
    title = "Gradient descent on deep linear ResNets"
    provenance = Provenance.RECALLED
    parts = ((Provenance.ABSTRACT, "convergence to the global minimum"),)
    quantity = Quantity.LOSS
    kind = LinearResNet

    def __post_init__(self) -> None:
        """Check the constant."""
        constant = _checks.positive("step_constant", self.step_constant)
        object.__setattr__(self, "step_constant", constant)

    @override
    def _bounds(self, model: LinearResNet) -> Spectrum:
        size = sizes(model)
        return Spectrum(model.depth * size.least**2, model.depth * size.inner**2)

    @override
    def tuning(self, problem: LinearResNet | Spectrum) -> Method:
        model = self.network(problem)
        top, start = self.spectrum(model).lambda_max, sizes(model).start
        return gradient_descent(self.step_constant / (top + math.sqrt(model.depth * top * start)))

    @override
    def rate(self, problem: LinearResNet | Spectrum) -> tuple[float, float]:
        decay = self.tuning(problem).step_size * self.spectrum(problem).lambda_min
        return 1.0, 1 - decay / math.e

    def margin(self, model: LinearResNet) -> float:
        """Give Z, the left side of the condition over its right side without C.

        Args:
            model: The network with its data.

        Returns:
            sigma_min(A)^2 sigma_min(B)^2 sigma_r(X)^2 / (||A|| ||B|| ||X|| e_0^{1/2}).
        """
        size = sizes(model)
        return size.least**2 / (size.inner * math.sqrt(size.excess))

    @override
    def hypotheses(self, problem: LinearResNet | Spectrum) -> tuple[Hypothesis, ...]:
        model = self.network(problem)
        condition = "condition Z >= C of the theorem"
        return (
            zero_hidden_weights(model),
            Hypothesis(condition, 1.0, self.margin(model), up_to_a_constant=True),
        )

    def corollary(self, model: LinearResNet) -> Report:
        """Say what the condition comes to for the model's own kind of maps.

        Gaussian maps meet it with high probability at a width m >= C (k r kappa^2 + d + k),
        whatever the depth. For the modified identity B A = 0, so that the excess loss at the start
        is 1/2 ||W* X||_F^2 and all singular values of the maps are s_A and s_B: it is met at any
        width m >= d + k once s_A s_B >= C ||X|| ||W* X||_F / (2^{1/2} sigma_r(X)^2).

        Args:
            model: The network with its data.

        Returns:
            The report.

        Source: Zou, Long and Gu (2020), corollaries. The abstract says that width d + k is enough,
        and that the Gaussian width beats that of Du and Hu (2019) by a factor of order kappa L:
        k r kappa^2 is the quotient of the two. The condition on the scales is derived.
        """
        lines = (zero_hidden_weights(model), *_for_maps(model))
        return Report(f"{self.paper}, corollary on {model.maps} maps", lines)


def _for_maps(model: LinearResNet) -> tuple[Hypothesis, ...]:
    values, d, k = singular_values(model), len(model.X), len(model.Y)
    if model.maps == "gaussian":
        kappa = float(values[0] / values[-1]) ** 2
        width = k * len(values) * kappa**2 + d + k
        name = "width of the corollary"
        return (Hypothesis(name, width, model.width, up_to_a_constant=True),)
    if model.maps == "modified identity":
        needed = float(values[0] * fitted(model).norm() / values[-1] ** 2) / math.sqrt(2)
        scale = sizes(model).least / float(values[-1])
        return (
            Hypothesis("width at least d + k", d + k, model.width),
            Hypothesis("scale of the corollary", needed, scale, up_to_a_constant=True),
        )
    return (Hypothesis("gaussian maps or modified identity", True, False),)


@dataclass(frozen=True)
class ResNetStochasticGradientDescent(ResNetGradientDescent):
    """SGD under interpolation: loss at most 2 (1 - eta lambda / e)^t of its start.

    Step: eta = C_1 (b/n)^2 lambda / (Lambda^2 log(T/delta)), with the bounds lambda and Lambda on
    the kernel at the start and T steps. Only the first fact, a linear rate to the global minimum,
    is certain.

    Args:
        step_constant: C_1.
        delta: The probability of failure, in (0, 1).
        batch_size: b, at most n.
        steps: T.

    Raises:
        ValueError: If a number is out of range.

    Source: Zou, Long and Gu (2020), theorem on SGD. Convergence to the global minimum is in the
    abstract; condition, step and constants are reconstructed with low confidence.
    """

    delta: float = 0.1
    batch_size: int = 1
    steps: int = 1000

    number = "theorem on stochastic gradient descent"
    title = "Stochastic gradient descent on deep linear ResNets"

    def __post_init__(self) -> None:
        """Check the constant, the probability, the batch size and the number of steps."""
        super().__post_init__()
        probability(self)
        object.__setattr__(self, "batch_size", _checks.count("batch size", self.batch_size))
        object.__setattr__(self, "steps", _checks.count("steps", self.steps))

    def _share(self, model: LinearResNet) -> float:
        n = model.Y.shape[1]
        if self.batch_size > n:
            raise ValueError(f"batch size {self.batch_size} exceeds n = {n} samples: lower it.")
        return self.batch_size / n

    @override
    def tuning(self, problem: LinearResNet | Spectrum) -> Method:
        bounds, share = self.spectrum(problem), self._share(self.network(problem))
        logarithm = math.log(self.steps / self.delta)
        size = self.step_constant * share**2 / (bounds.kappa * bounds.lambda_max * logarithm)
        return gradient_descent(size)

    @override
    def rate(self, problem: LinearResNet | Spectrum) -> tuple[float, float]:
        return 2.0, super().rate(problem)[1]

    @override
    def hypotheses(self, problem: LinearResNet | Spectrum) -> tuple[Hypothesis, ...]:
        model = self.network(problem)
        # Labels that no linear map fits are not an error: they are a hypothesis that fails.
        fits = sizes(model).floor <= 1e-20 * float(model.Y.square().sum())
        reach = self._share(model) * self.margin(model)
        return (
            zero_hidden_weights(model),
            Hypothesis("condition Z b/n >= C", 1.0, reach, up_to_a_constant=True),
            Hypothesis("a linear map fits all labels (no noise)", True, fits),
        )
