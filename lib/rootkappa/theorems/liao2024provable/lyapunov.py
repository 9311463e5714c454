"""The Lyapunov function of Theorem 7 along a run, with all its parts and the lemmas about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

import torch

from rootkappa import _checks
from rootkappa.architectures import Weights
from rootkappa.architectures.model import Factors
from rootkappa.optimizers import Method, Step, walk
from rootkappa.problems import PartitionConstants
from rootkappa.theorems.liao2024provable.parameters import Parameters

# Below this distance a quotient of differences is rounding.
_CLOSE = 1e-7
# So many steps of a replica are looked at side by side.
_TOGETHER = 16
# Below this share of its start, phi is rounding.
_FLOOR = 1e-16


class Partitioned(Protocol):
    """A model that knows its partition, with least loss 0."""

    def gradient_factors(self, weights: Sequence[torch.Tensor]) -> tuple[torch.Tensor, Factors]:
        """Give the residual and the factored gradient.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            As `Model.gradient_factors`.
        """
        ...

    def split(self, weights: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Give x and u: a linear map that keeps lengths, so that it splits gradients as well.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            x, shape (R, p), and u, shape (R, q).
        """
        ...

    def best_x(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give x*(u), the minimiser over x at the u of these weights.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            x*(u), shape (R, p).
        """
        ...


@dataclass(frozen=True)
class LyapunovTrace:
    """What the proof of Theorem 7 looks at along R runs; every entry has shape (R, T + 1).

    Args:
        numbers: The theorem's numbers.
        constants: The problem's constants.
        loss: f(x_k, u_k).
        distance: Q1 ||z_k - x*(v_(k-1))||^2.
        gradient: eta/8 ||grad_1 f(y_(k-1), v_(k-1))||^2.
        step_x: ||x_k - x_(k-1)||^2, 0 at k = 0.
        step_u: ||u_k - u_(k-1)||^2, 0 at k = 0.
        loss_ahead: f(y_k, v_k).
        gradient_x: ||grad_1 f(y_k, v_k)||^2.
        gradient_u: ||grad_2 f(y_k, v_k)||^2.
        best_moved: ||x*(v_k) - x*(v_(k-1))||, 0 at k = 0.
        ahead_moved: ||v_k - v_(k-1)||, 0 at k = 0.
        travel_x: ||x_k - x_0||.
        travel_u: ||u_k - u_0||.

    Source: Liao and Kyrillidis (2024), the proof of Theorem 7 in the appendix, with x*(v_k).
    """

    numbers: Parameters
    constants: PartitionConstants
    loss: torch.Tensor
    distance: torch.Tensor
    gradient: torch.Tensor
    step_x: torch.Tensor
    step_u: torch.Tensor
    loss_ahead: torch.Tensor
    gradient_x: torch.Tensor
    gradient_u: torch.Tensor
    best_moved: torch.Tensor
    ahead_moved: torch.Tensor
    travel_x: torch.Tensor
    travel_u: torch.Tensor

    @property
    def residual_norms(self) -> torch.Tensor:
        """||xi_k|| at the iterates x_k, shape (R, T + 1), as `Theorem.worst_ratio` reads it."""
        return (2 * self.loss).sqrt()

    @property
    def stopped_at(self) -> torch.Tensor:
        """The last step T of each replica, shape (R,)."""
        replicas, columns = self.loss.shape
        return torch.full((replicas,), columns - 1, device=self.loss.device)

    @property
    def phi(self) -> torch.Tensor:
        """phi_k, the sum of its three parts."""
        return self.loss + self.distance + self.gradient

    @property
    def powers(self) -> torch.Tensor:
        """r^k, shape (T + 1,)."""
        k = torch.arange(self.loss.shape[1], dtype=self.loss.dtype, device=self.loss.device)
        powers: torch.Tensor = self.numbers.rate**k
        return powers

    @property
    def start_ratio(self) -> torch.Tensor:
        """phi_0 / (f_0 - f*), shape (R,): at most 2 by Lemma 21."""
        return self.phi[:, 0] / self.loss[:, 0]

    @property
    def envelope(self) -> torch.Tensor:
        """phi_k / (r^k phi_0): at most 1 by the proof of Theorem 7."""
        return self.phi / (self.powers * self.phi[:, :1])

    @property
    def loss_ratio(self) -> torch.Tensor:
        """(f_k - f*) / (2 r^k (f_0 - f*)): at most 1 by Theorem 7."""
        return self.loss / (2 * self.powers * self.loss[:, :1])

    @property
    def pl(self) -> torch.Tensor:
        """||grad_1 f||^2 / (2 mu (f - f*)) at (y_k, v_k): at least 1 by Lemma 4."""
        return self._clear(self.gradient_x / (2 * self.constants.mu * self.loss_ahead))

    @property
    def lemma8(self) -> torch.Tensor:
        """||x*(v_k) - x*(v_(k-1))|| mu / (G2 ||v_k - v_(k-1)||): at most 1; NaN below rounding."""
        moved = torch.where(self.ahead_moved > _CLOSE, self.ahead_moved, torch.nan)
        return self.best_moved * self.constants.mu / (self.constants.G2 * moved)

    @property
    def lemma9(self) -> torch.Tensor:
        """||grad_2 f||^2 / ||grad_1 f||^2 over G1^2 L2 / mu: at most 1."""
        share = self.constants.perturbation**2
        return self._clear(self.gradient_u / (share * self.gradient_x))

    @property
    def lemma10_x(self) -> torch.Tensor:
        """||x_k - x_(k-1)||^2 over its bound Q2 r^k phi_0."""
        bound = self.numbers.Q2(self.constants.L2) * self.powers * self.phi[:, :1]
        return self.step_x / bound

    @property
    def lemma10_u(self) -> torch.Tensor:
        """||u_k - u_(k-1)||^2 over its bound G1^2 Q3 r^k phi_0."""
        scale = self.constants.G1**2 * self.numbers.Q3(self.constants.L2)
        return self.step_u / (scale * self.powers * self.phi[:, :1])

    @property
    def lemma10_gradient(self) -> torch.Tensor:
        """Lemma 10: eta ||grad_1 f(y_k, v_k)|| over beta ||x_k - x_(k-1)|| + ||x_(k+1) - x_k||.

        One column fewer than the others.
        """
        lengths = self.step_x.sqrt()
        right = self.numbers.beta * lengths[:, :-1] + lengths[:, 1:]
        return self._clear(self.numbers.eta * self.gradient_x.sqrt()[:, :-1] / right)

    @property
    def lemma17(self) -> torch.Tensor:
        """(1 + gamma) phi_(k+1) over phi_k plus the error of u, for k < T: at most 1."""
        error = self.numbers.lemma17_error(self.constants.L2, self.constants.G1, self.constants.G2)
        right = self.phi[:, :-1] + error * self.step_u[:, :-1]
        return self._clear((1 + self.numbers.gamma) * self.phi[:, 1:] / right)

    def _clear(self, ratios: torch.Tensor) -> torch.Tensor:
        # NaN where phi has reached rounding.
        clear = self.phi > _FLOOR * self.phi[:, :1]
        return torch.where(clear[:, : ratios.shape[1]], ratios, torch.nan)


def follow(
    model: Partitioned,
    constants: PartitionConstants,
    numbers: Parameters,
    method: Method,
    weights: Sequence[torch.Tensor],
    steps: int,
) -> LyapunovTrace:
    """Run a method and follow the Lyapunov function of Theorem 7: `PartitionNesterov.follow`.

    Args:
        model: A model with its partition and least loss 0.
        constants: Its constants.
        numbers: The theorem's numbers, which weight the function's parts.
        method: A method with constant numbers.
        weights: Starting weights, a tensor (R, rows, cols) a layer; left as they are.
        steps: T, at least 1.

    Returns:
        The trace.
    """
    start = _checks.sequence("weights", weights, "model.initialise(seeds)")
    watch = _Watch(model, numbers, start)
    path = walk(method, watch.gradient, start, _checks.count("steps", steps))
    method.constants("the Lyapunov function")
    # A model may hold something of its own for each of several replicas.
    together = _TOGETHER if len(start[0]) == 1 else 1
    blocks = []
    while block := list(islice(path, together)):
        blocks.append(watch.look(block))
    columns = {name: torch.cat([of[name] for of in blocks]).mT for name in blocks[0]}
    return LyapunovTrace(numbers, constants, **columns)


class _Watch:
    # "Before" means k - 1; at k = 0 everything before is as at the start.
    def __init__(self, model: Partitioned, numbers: Parameters, start: Weights) -> None:
        self.model, self.numbers, self.start = model, numbers, start
        self.best_before, self.u_ahead_before = model.best_x(start), model.split(start)[1]
        self.gradient_before: torch.Tensor | None = None
        self.losses_ahead: list[torch.Tensor] = []

    def gradient(self, point: Weights) -> Weights:
        residual, factors = self.model.gradient_factors(point)
        self.losses_ahead.append(_half_square(residual))
        return [left @ right for left, right in factors]

    def look(self, steps: Sequence[Step]) -> dict[str, torch.Tensor]:
        # Of several steps of one replica, or of one step of several; shapes (steps, R).
        numbers, split = self.numbers, self.model.split
        points, weights, velocities, gradients = (
            [torch.cat(layers) for layers in zip(*each, strict=True)]
            for each in zip(*(step[1:] for step in steps), strict=True)
        )
        (x, u), (x_ahead, u_ahead) = split(weights), split(points)
        gradient_x, gradient_u = (_square(part) for part in split(gradients))
        best, (x_start, u_start) = self.model.best_x(points), split(self.start)
        first = gradient_x[: len(x_start)] if self.gradient_before is None else self.gradient_before
        lead = (1 - numbers.beta * numbers.lam) / (numbers.beta * numbers.lam)
        z = lead * (x_ahead - x) + x_ahead
        best_before = _before(self.best_before, best)
        now = {
            "loss": _half_square(self.model.gradient_factors(weights)[0]),
            "distance": numbers.Q1 * _square(z - best_before),
            "gradient": numbers.eta / 8 * _before(first, gradient_x),
            "step_x": _square(split(velocities)[0]),
            "step_u": _square(split(velocities)[1]),
            "loss_ahead": torch.cat(self.losses_ahead),
            "gradient_x": gradient_x,
            "gradient_u": gradient_u,
            "best_moved": _square(best - best_before).sqrt(),
            "ahead_moved": _square(u_ahead - _before(self.u_ahead_before, u_ahead)).sqrt(),
            "travel_x": _square(x - x_start).sqrt(),
            "travel_u": _square(u - u_start).sqrt(),
        }
        last = slice(-len(x_start), None)
        self.best_before, self.u_ahead_before = best[last], u_ahead[last]
        self.gradient_before, self.losses_ahead = gradient_x[last], []
        return {name: values.unflatten(0, (len(steps), -1)) for name, values in now.items()}


def _before(first: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    return torch.cat([first, values])[: len(values)]


def _square(vectors: torch.Tensor) -> torch.Tensor:
    return vectors.square().flatten(1).sum(1)


def _half_square(residual: torch.Tensor) -> torch.Tensor:
    return _square(residual) / 2
