"""The arithmetic of a step on stacked weights, in as few passes over them as possible.

    w_{t+1} = w_t + beta (w_t - w_{t-1}) - eta G(y_t),   y_t = w_t + gamma (w_t - w_{t-1}).

Two positions are kept in place of a position and a velocity. Where gamma = beta, as for Nesterov's
method, y_t is made in the memory of w_{t-1} and becomes w_{t+1} there: one pass and one product a
layer. Heavy ball, where y_t = w_t, costs the same. Other pairs need a third array.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch

from rootkappa.architectures import Factors, Weights

Number = float | torch.Tensor


class Coefficients(NamedTuple):
    """The numbers of one step: floats, or tensors (R, 1, 1) where replicas differ.

    Args:
        step_size: eta.
        momentum: beta.
        extrapolation: gamma; the same object as beta if all replicas have gamma = beta.
    """

    step_size: Number
    momentum: Number
    extrapolation: Number


class Iterates:
    """Positions w_t, w_{t-1} and evaluation points y_t of a stack of replicas.

    Args:
        start: w_0 = w_{-1}, a tensor (R, rows, cols) a layer, overwritten from now on.
        moving: Whether any step has momentum or extrapolation; without, one array a layer will do.
    """

    def __init__(self, start: Weights, moving: bool) -> None:
        self._moving = moving
        # A layer that did not move yet, or never does, has one array for all three.
        self.points = list(start)
        self._now = list(start)
        self._before = list(start)

    @property
    def velocities(self) -> Weights:
        """w_t - w_{t-1}, a tensor a layer; not to be asked for after `extrapolate`."""
        return [now - before for now, before in zip(self._now, self._before, strict=True)]

    def keep(self, kept: Sequence[int]) -> None:
        """Drop all replicas but these.

        Args:
            kept: Which replicas, in order.
        """
        layers = {id(layer): layer for layer in (*self.points, *self._now, *self._before)}
        picked = {name: _pick(layer, kept) for name, layer in layers.items()}
        self.points, self._now, self._before = (
            [picked[id(layer)] for layer in each] for each in (self.points, self._now, self._before)
        )

    def advance(self, factors: Factors, numbers: Coefficients) -> None:
        """Make w_{t+1} from the gradient at y_t. Layers with empty factors stay.

        Args:
            factors: The gradient, a pair (left, right) a layer.
            numbers: eta, beta and gamma of step t; gamma as `extrapolate` had it.
        """
        for index, (left, right) in enumerate(factors):
            if left.shape[2] == 0:
                continue
            moved = self._with_momentum(index, numbers)
            _subtract_product(moved, left, right, numbers.step_size)
            self._before[index], self._now[index] = self._now[index], moved

    def _with_momentum(self, index: int, numbers: Coefficients) -> torch.Tensor:
        # w_t + beta (w_t - w_{t-1}), in memory that nobody needs any more.
        now, before, point = self._now[index], self._before[index], self.points[index]
        if not self._moving:
            return now
        if before is now:
            return now.clone()
        if numbers.momentum is numbers.extrapolation and point is not now:
            return point
        return before.lerp_(now, 1 + numbers.momentum)

    def stop(self, replicas: torch.Tensor) -> None:
        """Set velocities to zero, between `advance` and `extrapolate`.

        Args:
            replicas: Which replicas, booleans (R,).
        """
        for now, before in zip(self._now, self._before, strict=True):
            before[replicas] = now[replicas]

    def extrapolate(self, numbers: Coefficients) -> None:
        """Make the evaluation points of a step.

        Args:
            numbers: Its eta, beta and gamma.
        """
        gamma = numbers.extrapolation
        weight = 1 + gamma
        for index, (now, before) in enumerate(zip(self._now, self._before, strict=True)):
            if _is_zero(gamma) or before is now:
                self.points[index] = now
            elif gamma is numbers.momentum:
                self.points[index] = before.lerp_(now, weight)
            else:
                self.points[index] = torch.lerp(before, now, weight)


def _is_zero(number: Number) -> bool:
    return not isinstance(number, torch.Tensor) and number == 0


def _pick(layer: torch.Tensor, rows: Sequence[int]) -> torch.Tensor:
    # Indexing would put the numbers into another order in memory.
    order = sorted(range(3), key=layer.stride, reverse=True)
    chosen = torch.tensor(rows, device=layer.device)
    picked = layer.permute(order).index_select(order.index(0), chosen)
    return picked.permute([order.index(dim) for dim in range(3)])


def _subtract_product(
    target: torch.Tensor, left: torch.Tensor, right: torch.Tensor, eta: Number
) -> None:
    # target <- target - eta left right, without forming the gradient where that can be avoided.
    if right.stride(0) == 0 and _stacks(target) and _stacks(left):
        _subtract_shared(target, left, right[0], eta)
        return
    if isinstance(eta, torch.Tensor):  # one step size a replica goes into the smaller factor
        if left.numel() > right.numel():
            right, eta = eta * right, 1.0
        else:
            left, eta = eta * left, 1.0
    if not target.is_contiguous():  # stored column by column: the fast products want it turned
        target, left, right = target.mT, right.mT, left.mT
    target.baddbmm_(left, right, alpha=-eta)


def _subtract_shared(
    target: torch.Tensor, left: torch.Tensor, right: torch.Tensor, eta: Number
) -> None:
    # One right factor for all replicas: one large product in place of many small ones.
    if not isinstance(eta, torch.Tensor):
        _side_by_side(target).addmm_(right.mT, _side_by_side(left), alpha=-eta)
        return
    product = right.mT @ _side_by_side(left)
    target.addcmul_(product.unflatten(1, target.shape[:2]).permute(1, 2, 0), -eta)


def _stacks(layer: torch.Tensor) -> bool:
    return layer.permute(2, 0, 1).is_contiguous()


def _side_by_side(layer: torch.Tensor) -> torch.Tensor:
    # The transposes of all replicas beside each other, (cols, R rows).
    return layer.permute(2, 0, 1).flatten(1)
