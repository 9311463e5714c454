"""Bu, Xu and Chen (2021): the flows of wide networks, as bounds on the loss in continuous time.

With the kernel H frozen, Z = H^(-1/2) xi obeys the flow on g(Z) = 1/2 Z^T H Z = 1/2 ||xi||^2, which
is lambda_min-strongly convex: that is the strongly convex loss over the prediction error of the
abstract. So theorems on strongly convex functions bound the loss of the network.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch

from rootkappa import _checks
from rootkappa.dynamics import ConstantFriction, Flow, GradientFlow, VanishingFriction
from rootkappa.theorems.theorem import Hypothesis, Provenance, Report, Spectrum


class FlowTheorem(ABC):
    """A bound on the loss along a flow whose kernel stays frozen."""

    key = "bu2021dynamical"
    title = ""
    provenance = Provenance.RECALLED

    def flow(self, spectrum: Spectrum) -> Flow:
        """Give the flow.

        Args:
            spectrum: Extreme eigenvalues of the kernel.

        Returns:
            The flow, with the theorem's friction.
        """
        return self._flow(spectrum)

    def bound(self, spectrum: Spectrum, times: torch.Tensor) -> torch.Tensor:
        """Give the curve of the theorem for L(t)/L(0).

        Args:
            spectrum: Extreme eigenvalues of the kernel.
            times: Times, shape (S,).

        Returns:
            The bound, shape (S,), in float64.
        """
        return self._bound(spectrum, times.double())

    def check(self, spectrum: Spectrum) -> Report:
        """Compare every hypothesis with the problem.

        Args:
            spectrum: Extreme eigenvalues of the kernel.

        Returns:
            The report.
        """
        return Report(self.title, self._hypotheses(spectrum))

    @abstractmethod
    def _flow(self, spectrum: Spectrum) -> Flow:
        """Give the flow."""

    @abstractmethod
    def _bound(self, spectrum: Spectrum, times: torch.Tensor) -> torch.Tensor:
        """Give the curve at times in float64."""

    def _hypotheses(self, spectrum: Spectrum) -> tuple[Hypothesis, ...]:
        return (Hypothesis("least eigenvalue above 0", 0.0, spectrum.lambda_min),)


@dataclass(frozen=True)
class GradientFlowBound(FlowTheorem):
    """L(t) <= exp(-2 lambda_min t) L(0), with equality on the slowest mode.

    Source: Bu, Xu and Chen (2021), gradient flow; wording reconstructed. Du et al. (2018) print
    half of the exponent, which leaves room for a kernel that moves.
    """

    title = "Bu, Xu and Chen (2021), gradient flow"

    def _flow(self, spectrum: Spectrum) -> Flow:
        return GradientFlow()

    def _bound(self, spectrum: Spectrum, times: torch.Tensor) -> torch.Tensor:
        return torch.exp(-2 * spectrum.lambda_min * times)


@dataclass(frozen=True)
class HeavyBallFlowBound(FlowTheorem):
    """L(t) <= 2 exp(-sqrt(mu) t) L(0), for friction b = 2 sqrt(mu), mu = lambda_min.

    On quadratics the loss decays with exponent b for b <= 2 sqrt(mu), and with
    b - sqrt(b^2 - 4 mu) above, so the exponent of the bound is right from b = sqrt(mu) to
    b = 5/2 sqrt(mu) and wrong outside.

    Args:
        friction: b in units of sqrt(mu), above 0.

    Raises:
        ValueError: If the friction is not above 0.

    Source: Bu, Xu and Chen (2021), heavy ball ("linearly" is the abstract's; the form is
    reconstructed from the theorem on strongly convex functions). The range is derived.
    """

    friction: float = 2.0
    title = "Bu, Xu and Chen (2021), heavy-ball flow"

    def __post_init__(self) -> None:
        """Check the friction."""
        _checks.positive("friction", self.friction)

    def _flow(self, spectrum: Spectrum) -> Flow:
        return ConstantFriction(self.friction * math.sqrt(spectrum.lambda_min))

    def _bound(self, spectrum: Spectrum, times: torch.Tensor) -> torch.Tensor:
        return 2 * torch.exp(-math.sqrt(spectrum.lambda_min) * times)

    def _hypotheses(self, spectrum: Spectrum) -> tuple[Hypothesis, ...]:
        return (
            *super()._hypotheses(spectrum),
            Hypothesis("friction at least sqrt(mu)", 1.0, self.friction),
            Hypothesis("friction at most 5/2 sqrt(mu)", self.friction, 2.5),
        )


@dataclass(frozen=True)
class NesterovFlowBound(FlowTheorem):
    """L(t) = O(t^(-2r/3)) for friction r/t; on the squared error the exponent is r.

    The theorem's constant is open; 1 is taken for it.

    Args:
        r: The friction, above 0.

    Raises:
        ValueError: If r is not above 0.

    Source: Bu, Xu and Chen (2021), Nesterov's flow ("sublinearly" is the abstract's; the exponent
    2r/3 is that of strongly convex functions in general and is reconstructed).
    """

    r: float = 3.0
    title = "Bu, Xu and Chen (2021), Nesterov's flow"

    def __post_init__(self) -> None:
        """Check r."""
        _checks.positive("friction r", self.r)

    @property
    def exponent(self) -> float:
        """The exponent of the loss that the bound grants, 2r/3."""
        return 2 * self.r / 3

    @property
    def exact_exponent(self) -> float:
        """The exponent of the loss on the squared error, r (derived)."""
        return self.r

    def _flow(self, spectrum: Spectrum) -> Flow:
        return VanishingFriction(self.r)

    def _bound(self, spectrum: Spectrum, times: torch.Tensor) -> torch.Tensor:
        return times**-self.exponent
