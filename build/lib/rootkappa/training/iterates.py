"""The arithmetic of a step on stacked weights, in place.

    v_{t+1} = beta v_t - eta G(y_t),   y_{t+1} = y_t - gamma_t v_t + (1 + gamma_{t+1}) v_{t+1}.

Velocities are kept, not recovered from two positions. That would be one pass over the weights in
place of three, but a position is rounded at its own size: the rounding of every step would enter
the velocity and be carried on 1 / (1 - beta) times. Runs then end at residuals of 1e-14, not 1e-16.
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
        back: -gamma_t, the multiple of the old velocity that leaves the point.
        ahead: 1 + gamma_{t+1}, the multiple of the new one that enters it.
    """

    step_size: float | torch.Tensor
    momentum: float | torch.Tensor
    back: float | torch.Tensor
    ahead: float | torch.Tensor


class Iterates:
    """Evaluation points y_t and velocities v_t = w_t - w_{t-1} of a stack of replicas.

    Args:
        start: w_0 = w_{-1}, a tensor (R, rows, cols) a layer, overwritten from now on.
        moving: Whether any step has momentum or extrapolation; without, there are no velocities.
    """

    def __init__(self, start: Weights, moving: bool) -> None:
        self.points = start
        self.velocities = [torch.zeros_like(layer) for layer in start] if moving else []

    def keep(self, kept: Sequence[int]) -> None:
        """Drop all replicas but these.

        Args:
            kept: Which replicas, in order.
        """
        self.points = [_pick(layer, kept) for layer in self.points]
        self.velocities = [_pick(layer, kept) for layer in self.velocities]

    def advance(self, factors: Factors, numbers: Coefficients) -> None:
        """Take a step. Layers with empty factors stay.

        Args:
            factors: The gradient at y_t, a pair (left, right) a layer.
            numbers: The coefficients of step t.
        """
        for index, (left, right) in enumerate(factors):
            if left.shape[2] > 0:
                self._advance(index, left, right, numbers)

    def _advance(
        self, index: int, left: torch.Tensor, right: torch.Tensor, numbers: Coefficients
    ) -> None:
        point = self.points[index]
        if not self.velocities:
            _subtract_product(point, left, right, numbers.step_size)
            return
        velocity = self.velocities[index]
        if isinstance(numbers.back, torch.Tensor) or numbers.back != 0:
            _add_multiple(point, velocity, numbers.back)
        # Scaling apart from the product: MKL is a third slower with a factor inside.
        velocity.mul_(numbers.momentum)
        _subtract_product(velocity, left, right, numbers.step_size)
        _add_multiple(point, velocity, numbers.ahead)

    def stop(self, replicas: torch.Tensor, numbers: Coefficients) -> None:
        """Set velocities to zero after a step, so that y = w.

        Args:
            replicas: Which replicas, booleans (R,).
            numbers: The coefficients of that step.
        """
        for point, velocity in zip(self.points, self.velocities, strict=True):
            cut = velocity * replicas[:, None, None]
            _add_multiple(point, cut, 1 - numbers.ahead)
            velocity -= cut


def _add_multiple(target: torch.Tensor, other: torch.Tensor, factor: Number) -> None:
    if isinstance(factor, torch.Tensor):
        target.addcmul_(other, factor)
    else:
        target.add_(other, alpha=factor)


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
