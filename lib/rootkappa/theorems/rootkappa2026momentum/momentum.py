"""The theorem, once for all networks: momentum near a start from which the kernel hardly moves.

Let |.| be a norm of the weights, and B(R) the ball |y - y_0| <= R around the start. There,

    |grad L| <= sigma ||xi||,   ||J_ J^T - H_0|| <= delta,   ||(J_ - J_') D|| <= tau |D|,

where J is the Jacobian at a point, J_ its mean over a segment and J_' over the segment before, each
of length at most Q. With the numbers C, G, S, P and rho_1 of `Responses` put

    R = 2 C eta sigma P ||xi_0|| / (1 - rho_1),   Q = 2 C eta sigma S ||xi_0||,
    theta = eta ((1 + gamma + gamma/rho_1) delta + beta tau sigma S / rho_1).

If 2 theta G <= 1, then for all t: ||xi_t|| <= 2 C rho_1^t ||xi_0||, and no point leaves the ball.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from typing_extensions import override

from rootkappa.architectures import Weights
from rootkappa.optimizers import Method, modular_heavy_ball
from rootkappa.problems import Spectrum
from rootkappa.provenance import Provenance
from rootkappa.theorems.kernel import M
from rootkappa.theorems.report import Hypothesis, Report
from rootkappa.theorems.rootkappa2026momentum.along import Budget, followed
from rootkappa.theorems.rootkappa2026momentum.responses import responses
from rootkappa.theorems.theorem import Quantity, Theorem

Start = tuple[M, Weights]


@dataclass(frozen=True)
class Neighbourhood:
    """What the proof needs to know of a network around its start.

    Args:
        gradient: sigma: gradients in the ball have norms of at most sigma ||xi||.
        drift: R -> delta, the bound on how far products of Jacobians are from the kernel H_0.
        bend: (R, Q) -> tau, the bound on how much mean Jacobians of successive segments differ.
    """

    gradient: float
    drift: Callable[[float], float]
    bend: Callable[[float, float], float]


@dataclass(frozen=True)
class MomentumTheorem(Theorem[Start[M]]):
    """||xi_t|| <= 2 C rho_1^t ||xi_0||, with 1 - rho_1 half of 1 - rho on the frozen kernel.

    For any method of the family with constant numbers. The problem is a network with one start:
    (model, weights), one replica. The condition 2 theta G <= 1 is computed on that start, so no
    probability is left in it.

    Args:
        method: The tuning, a function of the spectrum of the kernel at the start.
    """

    method: Callable[[Spectrum], Method] = modular_heavy_ball

    key = "rootkappa2026momentum"
    paper = "Root Kappa (2026)"
    provenance = Provenance.DERIVED
    quantity = Quantity.LOSS

    @abstractmethod
    def neighbourhood(self, problem: Start[M]) -> Neighbourhood:
        """Bound the network around its start.

        Args:
            problem: The network and its starting weights.

        Returns:
            The bounds.
        """

    def facts(self, problem: Start[M]) -> tuple[Hypothesis, ...]:
        """Give what the network must be, beside the theorem's condition.

        Args:
            problem: The network and its starting weights.

        Returns:
            The hypotheses; none where any network of the architecture will do.
        """
        return ()

    @abstractmethod
    def length(self, difference: Weights) -> torch.Tensor:
        """Give |.|, the norm of the weights.

        Args:
            difference: Differences of two points, a tensor (R, rows, cols) a layer.

        Returns:
            The norms, shape (R,).
        """

    def spectrum(self, problem: Start[M]) -> Spectrum:
        """Give the spectrum of the kernel at the start.

        Args:
            problem: The network and its starting weights.

        Returns:
            The spectrum.
        """
        model, weights = self._drawn(problem)
        return model.spectra(weights)[0]

    @override
    def tuning(self, problem: Start[M]) -> Method:
        return self.method(self.spectrum(problem))

    def budget(self, problem: Start[M]) -> Budget:
        """Compute the numbers of the theorem.

        Args:
            problem: The network and its starting weights.

        Returns:
            The numbers.
        """
        model, weights = self._drawn(problem)
        near, spectrum = self.neighbourhood(problem), self.spectrum(problem)
        found = responses(self.method(spectrum), spectrum)
        eta, beta, gamma = found.method.constants("the theorem")
        residual = float(model.residual(weights).norm())
        reach = eta * near.gradient * 2 * found.start * residual
        radius, step = reach * found.path / (1 - found.rate), reach * found.steps
        drift, bend = near.drift(radius), near.bend(radius, step)
        turned = beta * bend * near.gradient * found.steps / found.rate if beta else 0.0
        remainder = eta * ((1 + gamma + gamma / found.rate) * drift + turned)
        return Budget(found, residual, radius, step, drift, remainder)

    @override
    def hypotheses(self, problem: Start[M]) -> tuple[Hypothesis, ...]:
        budget = self.budget(problem)
        return (
            *self.facts(problem),
            Hypothesis("the kernel of the start is not singular", True, self._regular(problem)),
            Hypothesis("beta below rho_1, and rho_1 below 1", True, budget.responses.decays),
            Hypothesis("2 theta G at most 1", _number(budget.spent), 1.0),
        )

    @override
    def rate(self, problem: Start[M]) -> tuple[float, float]:
        budget = self.budget(problem)
        return budget.prefactor**2, budget.responses.rate**2

    def along(self, problem: Start[M], steps: int) -> Report:
        """Evaluate every inequality of the proof along a run of the theorem's method.

        Args:
            problem: The network and its starting weights.
            steps: T, at least 2.

        Returns:
            Each inequality; its slack is the least quotient of bound and value over the run.
        """
        model, weights = self._drawn(problem)
        budget = self.budget(problem)
        return Report(
            f"{self.name}, along a run", followed(model, weights, budget, self.length, steps)
        )

    def _drawn(self, problem: Any) -> Start[M]:
        if not (isinstance(problem, tuple) and len(problem) == 2):
            raise TypeError(
                f"{self.name} takes a network with its start, got {type(problem).__name__}: give "
                "the pair (model, weights)."
            )
        model = self._given(problem[0])
        weights = model.fitting(problem[1])
        if len(weights[0]) != 1:
            raise ValueError(
                f"{self.name} takes one start, got {len(weights[0])} replicas: give one of them."
            )
        return model, weights

    def _regular(self, problem: Start[M]) -> bool:
        return self.spectrum(problem).dropped == 0


def _number(value: float) -> float:
    # inf times 0, of sums that diverge on a network that never moves.
    return math.inf if math.isnan(value) else value
