"""Networks at a minimiser, and runs from near it: losses at the iterates, and what was met.

A minimiser is found by Gauss-Newton steps of least norm, from the start that a network draws. The
theorems speak of the iterates w_t, and the library reads y_t: so these runs are walked here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from rootkappa import devices, draws
from rootkappa.architectures import Model, TwoLayerReLU, Weights
from rootkappa.architectures.model import vectorise
from rootkappa.optimizers import Method
from rootkappa.problems import Spectrum
from rootkappa.theorems._local import LocalTheorem
from rootkappa.theorems.report import Report

# Room for the kernel to move between minimiser and start: mu is told a hundredth too small.
ROOM = 0.01
# What is left of a loss when rounding takes over.
FLOOR = 1e-16
_NEWTON = 80


@dataclass(frozen=True)
class Path:
    """A run of several replicas, each with a method of its own.

    Args:
        losses: f(w_t), shape (R, T + 1).
        pl: The least ||grad f||^2 / (2 f) at any y_t above the rounding floor, shape (R,).
        lipschitz: The largest quotient of gradients at successive y_t, shape (R,).
        flips: How many activations changed on the way, shape (R,).
    """

    losses: torch.Tensor
    pl: torch.Tensor
    lipschitz: torch.Tensor
    flips: torch.Tensor

    @property
    def residual_norms(self) -> torch.Tensor:
        """||xi|| at the iterates, as theorems read a run."""
        return (2 * self.losses).sqrt()

    @property
    def stopped_at(self) -> torch.Tensor:
        """The last step that rounding leaves, shape (R,)."""
        above = self.losses > FLOOR * self.losses[:, :1]
        return above.cummin(1).values.sum(1) - 1

    def of(self, replica: int) -> Path:
        """Give one replica.

        Args:
            replica: Which one.

        Returns:
            Its path.
        """
        rows = slice(replica, replica + 1)
        return Path(self.losses[rows], self.pl[rows], self.lipschitz[rows], self.flips[rows])


def jacobian_transposed(model: Model, weights: Weights, vector: torch.Tensor) -> Weights:
    """Give J^T v by automatic differentiation.

    Args:
        model: Any architecture.
        weights: One tensor (R, rows, cols) a layer.
        vector: v, shape (R, k, n).

    Returns:
        One tensor a layer.
    """
    leaves = [layer.detach().requires_grad_() for layer in weights]
    outputs = (model.predict(leaves) * vector).sum()
    found = torch.autograd.grad(outputs, leaves, allow_unused=True)
    return [torch.zeros_like(a) if g is None else g for a, g in zip(leaves, found, strict=True)]


def minimiser(model: Model, weights: Weights) -> Weights:
    """Go to a minimiser of loss 0 by steps w - J^T (J J^T)^-1 xi.

    Args:
        model: Any architecture whose kernel is invertible on the way.
        weights: Where to begin.

    Returns:
        Weights with a residual at rounding level, if the steps converge.
    """
    for _ in range(_NEWTON):
        residual = model.residual(weights)
        if float(residual.square().sum((1, 2)).max()) < 1e-28:
            break
        kernel = model.tangent_kernel(weights)
        solved = torch.linalg.solve(kernel, vectorise(residual)[..., None])[..., 0]
        back = solved.reshape(len(solved), residual.shape[2], residual.shape[1]).mT
        step = jacobian_transposed(model, weights, back)
        # No longer than the weights: near the saddle at 0 a whole step would leave everything.
        share = (_norm(weights) / _norm(step)).clamp(max=1)[:, None, None]
        weights = [a - share * b for a, b in zip(weights, step, strict=True)]
    return weights


def spectra(model: Model, weights: Weights, room: float = ROOM) -> list[Spectrum]:
    """Give mu and L at minimisers, the ends of the kernel's spectrum, with some room.

    Args:
        model: Any architecture.
        weights: The minimisers.
        room: By what share mu is told too small and L too large.

    Returns:
        One a replica.
    """
    values = torch.linalg.eigvalsh(model.tangent_kernel(weights))
    ends = zip(values[:, 0].tolist(), values[:, -1].tolist(), strict=True)
    return [Spectrum((1 - room) * low, (1 + room) * high) for low, high in ends]


def reports(theorem: LocalTheorem, told: Sequence[Spectrum], path: Path) -> list[Report]:
    """Compare a theorem's hypotheses with what each replica has met.

    Args:
        theorem: The theorem.
        told: The spectrum that each was tuned for.
        path: The runs.

    Returns:
        A report a replica; one on which an activation flips is not smooth.
    """
    met = zip(path.pl.tolist(), path.lipschitz.tolist(), path.flips.tolist(), strict=True)
    return [
        theorem.along(one, pl, lipschitz, smooth=flips == 0)
        for one, (pl, lipschitz, flips) in zip(told, met, strict=True)
    ]


def worst_ratios(theorem: LocalTheorem, told: Sequence[Spectrum], path: Path) -> list[float]:
    """Give the largest loss over the bound of each replica.

    Args:
        theorem: The theorem.
        told: The spectrum of each.
        path: The runs.

    Returns:
        Ratios, at most 1 where the bound holds.
    """
    return [float(theorem.worst_ratio(one, path.of(i))) for i, one in enumerate(told)]


def nearby(weights: Weights, distance: Sequence[float] | torch.Tensor, seed: int) -> Weights:
    """Move weights in a random direction.

    Args:
        weights: One tensor (R, rows, cols) a layer.
        distance: How far, relative to the norm of all weights, one a replica.
        seed: The seed of the direction.

    Returns:
        The moved weights.
    """
    source = draws.generator(devices.seed(what="direction", seed=seed))
    away = [draws.normal(tuple(layer.shape), source) for layer in weights]
    scale = torch.as_tensor(distance, dtype=torch.float64) * _norm(weights) / _norm(away)
    return [a + scale[:, None, None] * b for a, b in zip(weights, away, strict=True)]


def follow(model: Model, start: Weights, methods: Sequence[Method], steps: int) -> Path:
    """Run each replica with its own method, from rest.

    Args:
        model: Any architecture.
        start: w_0.
        methods: A method a replica, with constant numbers.
        steps: T.

    Returns:
        The path.
    """
    numbers = torch.tensor([method.coefficients(0) for method in methods], dtype=torch.float64)
    eta, beta, gamma = (column[:, None, None] for column in numbers.T)
    w, v = start, [torch.zeros_like(layer) for layer in start]
    seen = _Seen(model, start)
    losses = [_loss(model, w)]
    for _ in range(steps):
        y = [a + gamma * b for a, b in zip(w, v, strict=True)]
        residual, factors = model.gradient_factors(y)
        slope = [left @ right for left, right in factors]
        seen.look(y, slope, residual.square().sum((1, 2)) / 2)
        v = [beta * b - eta * g for b, g in zip(v, slope, strict=True)]
        w = [a + b for a, b in zip(w, v, strict=True)]
        losses.append(_loss(model, w))
    return Path(torch.stack(losses, 1), seen.pl, seen.lipschitz, seen.flips)


class _Seen:
    # The worst constants at the points of a run, above the rounding floor.

    def __init__(self, model: Model, start: Weights) -> None:
        self.model, self.floor = model, FLOOR * _loss(model, start)
        self.pl = torch.full((len(start[0]),), math.inf, dtype=torch.float64)
        self.lipschitz = torch.zeros_like(self.pl)
        self.flips = torch.zeros_like(self.pl)
        self.before: tuple[Weights, Weights] | None = None

    def look(self, y: Weights, slope: Weights, loss: torch.Tensor) -> None:
        above = loss > self.floor
        square = torch.stack([g.square().sum((1, 2)) for g in slope]).sum(0)
        pl = (square / (2 * loss)).where(above, math.inf)
        self.pl = torch.minimum(self.pl, pl.nan_to_num(0.0))
        if self.before is not None:
            quotient = _norm(_minus(slope, self.before[1])) / _norm(_minus(y, self.before[0]))
            quotient = quotient.where(above, 0.0).nan_to_num(math.inf)
            self.lipschitz = torch.maximum(self.lipschitz, quotient)
            if isinstance(self.model, TwoLayerReLU):
                now, then = (self.model.activation_patterns(at)[0] for at in (y, self.before[0]))
                self.flips += (now != then).sum((1, 2)) * above
        self.before = (y, slope)


def _loss(model: Model, weights: Weights) -> torch.Tensor:
    loss: torch.Tensor = model.residual(weights).square().sum((1, 2)) / 2
    return loss


def _minus(a: Weights, b: Weights) -> Weights:
    return [x - y for x, y in zip(a, b, strict=True)]


def _norm(layers: Weights) -> torch.Tensor:
    return torch.stack([layer.square().sum((1, 2)) for layer in layers]).sum(0).sqrt()
