"""The network's linearisation at its start, trained under a loss that is no mean square.

Its outputs are f_0 + K a, and a step of a method acts on a alone: the kernel is all it needs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch

from rootkappa.diagnosis.losses import Loss
from rootkappa.optimizers import Method

# Beyond this multiple of its start a loss counts as diverged.
_DIVERGED = 1e6


class Path(NamedTuple):
    """A run of the linearised network.

    Args:
        losses: At the evaluation points, shape (T + 1,).
        end: a at the last of them, shape of the outputs.
        farthest: a where the outputs were farthest from the start.
    """

    losses: torch.Tensor
    end: torch.Tensor
    farthest: torch.Tensor


@dataclass(frozen=True)
class Linearised:
    """The linearised network.

    Args:
        kernel: J J^T, shape (N, N), float64.
        outputs: f_0, shape (n, ...), float64.
        loss: The loss.
    """

    kernel: torch.Tensor
    outputs: torch.Tensor
    loss: Loss

    def train(self, method: Method, steps: int, tolerance: float = 0.0) -> Path:
        """Train it until the loss has fallen to a share of its start.

        Args:
            method: A method with constant numbers.
            steps: How many steps at most.
            tolerance: The share; 0 to take all steps.

        Returns:
            The losses at the evaluation points, from step 0 on, with the last of these points and
            the farthest.
        """
        eta, beta, gamma = method.constants("training the linearised network")
        a = torch.zeros_like(self.outputs)
        velocity = torch.zeros_like(a)
        losses: list[float] = []
        farthest, distance = a, 0.0
        while True:
            point = a + gamma * velocity
            gone = self._moved(point)
            if float(gone.norm()) > distance:
                farthest, distance = point, float(gone.norm())
            outputs = (self.outputs + gone).requires_grad_()
            value = self.loss.value(outputs)
            losses.append(float(value.detach()))
            low = losses[-1] < tolerance * losses[0]
            if low or len(losses) > steps or not losses[-1] < _DIVERGED * losses[0]:
                return Path(torch.tensor(losses, dtype=torch.float64), point, farthest)
            (gradient,) = torch.autograd.grad(value, outputs)
            velocity = beta * velocity - eta * gradient
            a = a + velocity

    def _moved(self, a: torch.Tensor) -> torch.Tensor:
        return (self.kernel @ a.flatten()).view_as(a)

    def steps_to(self, method: Method, tolerance: float, most: int) -> int | None:
        """Count steps until the loss has fallen to a share of its start.

        Args:
            method: A method with constant numbers.
            tolerance: The share.
            most: How many steps to try.

        Returns:
            The count; None if it does not get there.
        """
        losses = self.train(method, most, tolerance).losses
        last = float(losses[-1])
        reached = math.isfinite(last) and last < tolerance * float(losses[0])
        return len(losses) - 1 if reached else None
