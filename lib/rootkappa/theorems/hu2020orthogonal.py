"""Hu, Xiao and Pennington (2020): orthogonal initialisation, and why Gaussian fails when narrow."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from typing_extensions import override

from rootkappa import _checks
from rootkappa.architectures import DeepLinear
from rootkappa.optimizers import Method, gradient_descent
from rootkappa.problems import Spectrum
from rootkappa.provenance import Provenance
from rootkappa.theorems._linear import DeepLinearTheorem, singular_values, solution_norm
from rootkappa.theorems.report import Hypothesis
from rootkappa.theorems.theorem import Quantity, Run, Theorem, moments


@dataclass(frozen=True)
class OrthogonalGradientDescent(DeepLinearTheorem):
    """The excess loss contracts by 1 - eta L lambda_r / (2 k) a step, eta = k / (2 L ||X||^2).

    With lambda_max and kappa of (L/k) X^T X, which are exact: eta = 1/(2 lambda_max), rate
    1 - 1/(4 kappa). Width: m >= C r~ kappa^2 (k (1 + ||W*||^2) + log(r/delta)) with the stable rank
    r~ = ||X||_F^2 / ||X||^2; the depth does not appear.

    Args:
        delta: The probability of failure, in (0, 1).

    Source: Hu, Xiao and Pennington (2020), Theorem 4.1.
    """

    key = "hu2020orthogonal"
    paper = "Hu, Xiao and Pennington (2020)"
    number = "Theorem 4.1"
    title = "Gradient descent from orthogonal weights"
    provenance = Provenance.FULL_TEXT
    quantity = Quantity.LOSS
    initialisation = "orthogonal"

    @override
    def tuning(self, problem: DeepLinear | Spectrum) -> Method:
        return gradient_descent(1 / (2 * self.spectrum(problem).lambda_max))

    @override
    def rate(self, problem: DeepLinear | Spectrum) -> tuple[float, float]:
        return 1.0, 1 - 1 / (4 * self.spectrum(problem).kappa)

    @override
    def required_width(self, model: DeepLinear) -> float:
        values, k = singular_values(model), len(model.Y)
        stable_rank = float(values.square().sum() / values[0] ** 2)
        logarithm = math.log(len(values) / self.delta)
        size = k * (1 + solution_norm(model) ** 2) + logarithm
        return stable_rank * self.spectrum(model).kappa ** 2 * size


@dataclass(frozen=True)
class NarrowGaussianIsStuck(Theorem[DeepLinear]):
    """With all dimensions at most L^(1 - gamma), the loss stays in [0.4, 0.6] ||Y||_F^2.

    It stays there for e^{Omega(L^gamma)} steps of gradient descent, with probability at least 0.9,
    for ||X||_F, ||Y||_F of order 1, Y = W* X and any step up to e^{c L^gamma}. So it tunes no
    method, and its bound is the upper end of the band.

    Args:
        gamma: The exponent of the theorem, in (0, 1].

    Raises:
        ValueError: If gamma is out of range.

    Source: Hu, Xiao and Pennington (2020), Theorem 5.1.

    Example:
        >>> NarrowGaussianIsStuck().band
        (0.4, 0.6)
    """

    gamma: float = 0.5

    kind = DeepLinear
    key = "hu2020orthogonal"
    paper = "Hu, Xiao and Pennington (2020)"
    number = "Theorem 5.1"
    title = "Narrow Gaussian networks are stuck"
    provenance = Provenance.FULL_TEXT
    quantity = Quantity.BAND
    probability = 0.9
    band = (0.4, 0.6)

    def __post_init__(self) -> None:
        """Check gamma.

        Raises:
            ValueError: If gamma is out of range.
        """
        gamma = _checks.positive("gamma", self.gamma)
        if gamma > 1:
            raise ValueError(f"gamma must lie in (0, 1], got {gamma}: the theorem has no other.")
        object.__setattr__(self, "gamma", gamma)

    @override
    def hypotheses(self, problem: DeepLinear) -> tuple[Hypothesis, ...]:
        model: DeepLinear = self._given(problem)
        widest = max(model.width, len(model.X), len(model.Y))
        room = model.depth ** (1 - self.gamma)
        gaussian = model.initialisation == "gaussian"
        return (
            Hypothesis("gaussian initialisation", True, gaussian),
            Hypothesis(
                "L^(1 - gamma) at least the largest dimension",
                widest,
                room,
                up_to_a_constant=True,
            ),
        )

    @override
    def bound(self, problem: DeepLinear, steps: Any) -> torch.Tensor:
        return torch.full_like(moments(steps), self.band[1])

    @override
    def worst_ratio(self, problem: DeepLinear, run: Run) -> torch.Tensor:
        """Say how far the loss leaves the band, upwards or downwards, over the whole run.

        Args:
            problem: The network with its data.
            run: The run.

        Returns:
            Ratios, shape (R,): at most 1 exactly if the loss stays in the band.
        """
        size = float(self._given(problem).Y.square().sum())
        shares = run.residual_norms.square() / (2 * size)
        outside = torch.maximum(shares / self.band[1], self.band[0] / shares)
        after_end = torch.arange(shares.shape[1]) > run.stopped_at[:, None]
        return outside.nan_to_num(torch.inf, torch.inf).masked_fill(after_end, 0.0).amax(1)
