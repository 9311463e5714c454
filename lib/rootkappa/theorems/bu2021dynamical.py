"""Bu, Xu and Chen (2021): the flows of wide networks, as bounds on the loss in continuous time.

With the kernel H frozen, Z = H^(-1/2) xi obeys the flow on g(Z) = 1/2 Z^T H Z = 1/2 ||xi||^2, which
is lambda_min-strongly convex: that is the strongly convex loss over the prediction error of the
abstract. So theorems on strongly convex functions bound the loss of the network.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import torch
from typing_extensions import override

from rootkappa import _checks
from rootkappa.dynamics import ConstantFriction, GradientFlow, VanishingFriction
from rootkappa.dynamics.flow import Flow
from rootkappa.optimizers import Method
from rootkappa.problems import Spectrum
from rootkappa.provenance import Provenance
from rootkappa.theorems.report import Hypothesis
from rootkappa.theorems.theorem import Quantity, Run, Theorem, moments


class FlowTheorem(Theorem[Spectrum]):
    """A bound on the loss along a flow whose kernel stays frozen; its steps are times.

    A discrete run is read at the times that its steps stand for. The error of the discretisation
    comes on top of the theorem.
    """

    kind = Spectrum
    key = "bu2021dynamical"
    paper = "Bu, Xu and Chen (2021)"
    quantity = Quantity.LOSS

    @abstractmethod
    def flow(self, problem: Spectrum) -> Flow:
        """Give the flow.

        Args:
            problem: Extreme eigenvalues of the kernel.

        Returns:
            The flow, with the theorem's friction.
        """

    @override
    def tuning(self, problem: Spectrum) -> Method:
        raise TypeError(
            f"{self.name} speaks of a flow, which has no step size: take "
            "flow(problem).discretised(step_size)."
        )

    @override
    def hypotheses(self, problem: Spectrum) -> tuple[Hypothesis, ...]:
        spectrum: Spectrum = self._given(problem)
        return (Hypothesis("least eigenvalue above 0", 0.0, spectrum.lambda_min),)

    @override
    def _along(self, problem: Spectrum, run: Run) -> torch.Tensor:
        steps, flow = moments(run.residual_norms.shape[1] - 1), self.flow(problem)
        sizes = [method.step_size for method in getattr(run, "methods", ())]
        if len(sizes) != len(run.residual_norms):
            raise ValueError(
                f"{self.name} needs the step size of each replica to know its times, got "
                f"{len(sizes)} methods for {len(run.residual_norms)} replicas: give a Trajectory."
            )
        return torch.stack([self.bound(problem, steps * flow.clock(size, 1)) for size in sizes])


class _ExponentialTheorem(FlowTheorem):
    @abstractmethod
    def _decay(self, problem: Spectrum) -> tuple[float, float]:
        """Give C and the exponent a of C exp(-a t)."""

    @override
    def rate(self, problem: Spectrum) -> tuple[float, float]:
        prefactor, exponent = self._decay(problem)
        return prefactor, math.exp(-exponent)

    @override
    def bound(self, problem: Spectrum, steps: Any) -> torch.Tensor:
        prefactor, exponent = self._decay(problem)
        return prefactor * torch.exp(-exponent * moments(steps))


@dataclass(frozen=True)
class GradientFlowBound(_ExponentialTheorem):
    """L(t) <= exp(-2 lambda_min t) L(0), with equality on the slowest mode.

    Source: Bu, Xu and Chen (2021), gradient flow; wording reconstructed. Du et al. (2019) print
    half of the exponent, which leaves room for a kernel that moves.

    Example:
        >>> float(GradientFlowBound().bound(Spectrum(0.5, 1.0), [0.0, 2.0])[1]) == math.exp(-2)
        True
    """

    number = "result on gradient flow"
    title = "Gradient flow"

    @override
    def flow(self, problem: Spectrum) -> Flow:
        return GradientFlow()

    @override
    def _decay(self, problem: Spectrum) -> tuple[float, float]:
        return 1.0, 2 * self._given(problem).lambda_min


@dataclass(frozen=True)
class HeavyBallFlowBound(_ExponentialTheorem):
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

    number = "theorem on the heavy-ball flow"
    title = "Heavy-ball flow"
    parts = (
        (Provenance.ABSTRACT, "that the loss converges linearly"),
        (Provenance.DERIVED, "the range of the friction"),
    )

    def __post_init__(self) -> None:
        """Check the friction."""
        object.__setattr__(self, "friction", _checks.positive("friction", self.friction))

    @override
    def flow(self, problem: Spectrum) -> Flow:
        mu = self._given(problem).lambda_min
        return ConstantFriction(self.friction * math.sqrt(mu))

    @override
    def _decay(self, problem: Spectrum) -> tuple[float, float]:
        return 2.0, math.sqrt(self._given(problem).lambda_min)

    @override
    def hypotheses(self, problem: Spectrum) -> tuple[Hypothesis, ...]:
        return (
            *super().hypotheses(problem),
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

    number = "theorem on Nesterov's flow"
    title = "Flow with vanishing friction"
    parts = (
        (Provenance.ABSTRACT, "that the loss may converge only sublinearly"),
        (Provenance.DERIVED, "the exponent $r$ on the squared error"),
    )

    def __post_init__(self) -> None:
        """Check r."""
        object.__setattr__(self, "r", _checks.positive("friction r", self.r))

    @property
    def exponent(self) -> float:
        """The exponent of the loss that the bound grants, 2r/3."""
        return 2 * self.r / 3

    @property
    def exact_exponent(self) -> float:
        """The exponent of the loss on the squared error, r (derived)."""
        return self.r

    @override
    def flow(self, problem: Spectrum) -> Flow:
        return VanishingFriction(self.r)

    @override
    def bound(self, problem: Spectrum, steps: Any) -> torch.Tensor:
        return moments(steps) ** -self.exponent
