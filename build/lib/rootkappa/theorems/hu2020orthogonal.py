"""Hu, Xiao and Pennington (2020): orthogonal initialisation, and why Gaussian fails when narrow."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rootkappa import _checks
from rootkappa.architectures import DeepLinear
from rootkappa.optimizers import Method, gradient_descent
from rootkappa.theorems.theorem import (
    Hypothesis,
    Provenance,
    Quantity,
    Report,
    Spectrum,
    WidthTheorem,
    singular_values,
    solution_norm,
)


@dataclass(frozen=True)
class OrthogonalGradientDescent(WidthTheorem):
    """The excess loss contracts by 1 - eta L lambda_r / (2 k) a step, eta = k / (2 L ||X||^2).

    With lambda_max and kappa of (L/k) X^T X, which are exact: eta = 1/(2 lambda_max), rate
    1 - 1/(4 kappa). Width: m >= C r~ kappa^2 (k (1 + ||W*||^2) + log(r/delta)) with the stable rank
    r~ = ||X||_F^2 / ||X||^2; the depth does not appear.

    Args:
        delta: The probability of failure, in (0, 1).

    Source: Hu, Xiao and Pennington (2020), Theorem 4.1.
    """

    key = "hu2020orthogonal"
    number = "Theorem 4.1"
    title = "Hu, Xiao and Pennington (2020), Theorem 4.1"
    provenance = Provenance.FULL_TEXT
    quantity = Quantity.LOSS
    initialisation = "orthogonal"

    def _tuning(self, model: DeepLinear, bounds: Spectrum) -> Method:
        return gradient_descent(1 / (2 * bounds.lambda_max))

    def _rate(self, model: DeepLinear, bounds: Spectrum) -> tuple[float, float]:
        return 1.0, 1 - 1 / (4 * bounds.kappa)

    def _required_width(self, model: DeepLinear) -> float:
        values, k = singular_values(model), len(model.Y)
        stable_rank = float(values.square().sum() / values[0] ** 2)
        logarithm = math.log(len(values) / self.delta)
        size = k * (1 + solution_norm(model) ** 2) + logarithm
        return stable_rank * self.spectrum(model).kappa ** 2 * size


@dataclass(frozen=True)
class NarrowGaussianIsStuck:
    """With all dimensions at most L^(1 - gamma), the loss stays in [0.4, 0.6] ||Y||_F^2.

    It stays there for e^{Omega(L^gamma)} steps of gradient descent, with probability at least 0.9,
    for ||X||_F, ||Y||_F of order 1, Y = W* X and any step up to e^{c L^gamma}.

    Args:
        gamma: The exponent of the theorem, in (0, 1].

    Source: Hu, Xiao and Pennington (2020), Theorem 5.1.

    Example:
        >>> NarrowGaussianIsStuck().band
        (0.4, 0.6)
    """

    gamma: float = 0.5

    key = "hu2020orthogonal"
    number = "Theorem 5.1"
    title = "Hu, Xiao and Pennington (2020), Theorem 5.1"
    provenance = Provenance.FULL_TEXT
    probability = 0.9
    band = (0.4, 0.6)

    def __post_init__(self) -> None:
        """Check gamma."""
        if self.gamma != 1:
            _checks.fraction("gamma", self.gamma)
        _checks.positive("gamma", self.gamma)

    def check(self, model: DeepLinear) -> Report:
        """Compare every hypothesis with the problem.

        Args:
            model: The network with its data.

        Returns:
            The report.
        """
        widest = max(model.width, len(model.X), len(model.Y))
        same = float(model.initialisation == "gaussian")
        room = model.depth ** (1 - self.gamma)
        return Report(
            self.title,
            (
                Hypothesis("gaussian initialisation", 1.0, same),
                Hypothesis("L^(1 - gamma) at least the largest dimension", widest, room, True),
            ),
        )
