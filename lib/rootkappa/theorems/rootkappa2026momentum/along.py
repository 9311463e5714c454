"""The numbers of the theorem, and what they bound along a run: each inequality of the proof."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

import torch

from rootkappa import _checks
from rootkappa.architectures import Model, Weights, vectorise
from rootkappa.optimizers import Method, walk
from rootkappa.theorems.report import Hypothesis
from rootkappa.theorems.rootkappa2026momentum.responses import Responses

NAMES = ("residual", "remainder", "kernel", "step", "ball")
# Bounds are compared while they are above this share of their start; later, values are rounding.
_FLOOR = 1e-6
# So many points of a run are looked at side by side.
_TOGETHER = 8


@dataclass(frozen=True)
class Budget:
    """The numbers of the theorem on one network.

    Args:
        responses: C, G, S, P and rho_1.
        residual: ||xi_0||.
        radius: R, how far the evaluation points may go.
        step: Q: step t has a length of at most Q rho_1^t.
        drift: delta.
        remainder: theta: the remainder is at most 2 C theta rho_1^t ||xi_0||.
    """

    responses: Responses
    residual: float
    radius: float
    step: float
    drift: float
    remainder: float

    @property
    def prefactor(self) -> float:
        """2 C."""
        return 2 * self.responses.start

    @property
    def spent(self) -> float:
        """2 theta G, at most 1 where the theorem applies."""
        return 2 * self.remainder * self.responses.kick


def followed(
    model: Model,
    start: Weights,
    budget: Budget,
    length: Callable[[Weights], torch.Tensor],
    steps: int,
) -> tuple[Hypothesis, ...]:
    """Run the method of a theorem and compare what its proof bounds with the bounds.

    Args:
        model: The network with its data.
        start: Its starting weights, one replica.
        budget: The numbers of the theorem.
        length: The norms of weights, shape (R,).
        steps: T, at least 2.

    Returns:
        The inequalities, by `NAMES`.
    """
    method, rate = budget.responses.method, budget.responses.rate
    steps = _checks.count("steps", steps, 2)
    path = walk(method, model.gradient, start, steps)
    seen, before = [], start
    while block := [now.point for now in islice(path, _TOGETHER)]:
        points = [torch.cat(layers) for layers in zip(*block, strict=True)]
        earlier = [torch.cat(pair)[:-1] for pair in zip(before, points, strict=True)]
        kernels, before = model.tangent_kernel(points), block[-1]
        moves, away = (length(_difference(points, there)) for there in (earlier, start))
        seen.append((vectorise(model.residual(points)), kernels, moves, away))
    residuals, H, moves, away = map(torch.cat, zip(*seen, strict=True))
    added = remainders(method, H[0], residuals).norm(dim=1)
    powers = rate ** torch.arange(steps + 1).double()
    decay = budget.prefactor * budget.residual * powers
    values = {
        "residual": (residuals[1:].norm(dim=1), decay[1:]),
        "remainder": (
            torch.where(added < _rounding(H[0], start), 0.0, added),
            (budget.remainder * decay)[:-1],
        ),
        "kernel": (_norms(H - H[0]), budget.drift * torch.ones_like(powers)),
        "step": (moves[1:], budget.step * powers[:-1]),
        "ball": (away, budget.radius * torch.ones_like(powers)),
    }
    return tuple(_inequality(name, *values[name]) for name in NAMES)


def remainders(method: Method, kernel: torch.Tensor, residuals: torch.Tensor) -> torch.Tensor:
    """Give phi_0, ..., phi_{T-1}: what a run adds to the recursion with the kernel of the start.

    Args:
        method: The method, with constant numbers.
        kernel: H_0, shape (N, N).
        residuals: xi_0, ..., xi_T, shape (T + 1, N).

    Returns:
        Shape (T, N).
    """
    eta, beta, gamma = method.constants("the remainder")
    pushed = residuals @ kernel
    ahead = residuals[:-1] - eta * (1 + gamma) * pushed[:-1]
    ahead[1:] += beta * (residuals[1:-1] - residuals[:-2]) + eta * gamma * pushed[:-2]
    added: torch.Tensor = residuals[1:] - ahead
    return added


def _difference(here: Weights, there: Weights) -> Weights:
    return [one - other for one, other in zip(here, there, strict=True)]


def _rounding(kernel: torch.Tensor, start: Weights) -> float:
    # Outputs are sums over neurons, and the parts may be far larger than the sum. A remainder below
    # this is rounding, and counts as 0: no printed digit depends on the processor. Errors of one
    # sign would add up to |J| |w| eps: a thirtieth is seen, and an eighth taken.
    length = math.sqrt(sum(float(layer.square().sum()) for layer in start))
    return torch.finfo(kernel.dtype).eps * math.sqrt(float(kernel.trace())) * length / 8


def _norms(matrices: torch.Tensor) -> torch.Tensor:
    # Of a run that has diverged, what is not finite is beyond every bound.
    finite = matrices.isfinite().all(-1).all(-1)
    norms = torch.linalg.matrix_norm(matrices.where(finite[:, None, None], 0.0), 2)
    bounded: torch.Tensor = norms.where(finite, torch.inf)
    return bounded


def _inequality(name: str, values: torch.Tensor, bounds: torch.Tensor) -> Hypothesis:
    # The least slack over the run, as a share of the bound; what is not a number has none.
    # Where the bound is 0, so must be the value.
    shares = torch.where(values == 0, 0.0, values.double() / bounds)
    seen = bounds >= _FLOOR * bounds[0]
    return Hypothesis(name, float(shares.nan_to_num(torch.inf, torch.inf)[seen].max()), 1.0)
