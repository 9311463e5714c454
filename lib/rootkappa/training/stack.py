"""The replicas that run together: their iterates, methods and minibatches."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch

from rootkappa.architectures import Factors, Model
from rootkappa.optimizers import Method, StepView
from rootkappa.training._numbers import Numbers
from rootkappa.training.batches import Batches
from rootkappa.training.iterates import Coefficients, Iterates
from rootkappa.training.status import sharpness

# Residuals are reduced a block of steps at a time: one reduction instead of a hundred small ones,
# and on a GPU one wait instead of a hundred.
_BLOCK_BYTES = 1 << 21


class Stepper(ABC):
    """What the loop asks of whatever takes its steps one at a time.

    Its `residual` on all data, shape (R, k, n), is that at the evaluation points.
    """

    residual: torch.Tensor

    @abstractmethod
    def advance(self, t: int) -> None:
        """Take the step to t.

        Args:
            t: One more than the steps taken so far.
        """

    @abstractmethod
    def on_all_data(self) -> tuple[torch.Tensor, Factors]:
        """Give residual and gradient on all data, also where steps are taken on batches.

        Returns:
            The residual, shape (R, k, n), and a pair of factors a layer.
        """

    def together(self, most: int) -> int:
        """Say how many steps to take before their residuals are reduced.

        Args:
            most: A power of two.

        Returns:
            One of its divisors.
        """
        fitting = max(1, _BLOCK_BYTES // self.residual.nbytes)
        return int(min(most, 1 << (fitting.bit_length() - 1)))

    def take(self, steps: range) -> torch.Tensor:
        """Take the steps to each t of a range, and give the residuals there.

        Args:
            steps: The next steps; from 0 on, the first is the start itself.

        Returns:
            Residuals, shape (steps, R, k n).
        """
        taken = self.residual.new_empty(len(steps), *self.residual.flatten(1).shape)
        for t, residual in zip(steps, taken, strict=True):
            if t > 0:
                self.advance(t)
            residual.copy_(self.residual.flatten(1))
        return taken

    def products(self, block: torch.Tensor) -> torch.Tensor:
        """Give <xi_t, xi_t>, <xi_t, xi_{t-1}> and <xi_t, xi_{t-2}>.

        Args:
            block: The residuals of two steps before and of some steps, shape (2 + steps, R, k n).

        Returns:
            Products, shape (3, R, steps).
        """
        now, end = block[2:], len(block)
        each = [_sum(now * block[2 - lag : end - lag]) for lag in range(3)]
        return torch.stack(each).mT

    def sharpness(self) -> torch.Tensor:
        """Give |J^T xi| / |xi| on all data.

        Returns:
            One number a replica, shape (R,), float64 on the CPU; NaN where the residual is zero.
        """
        return sharpness(*self.on_all_data())


class Stack(Stepper):
    """Replicas that take their steps together.

    Its `residual` on all data, shape (R, k, n), and its `gradient`, a pair of factors a layer, are
    those at the evaluation points. The gradient is that of the step's batch, if there are any.

    Args:
        model: The architecture of all replicas of the run.
        methods: The method of each replica of the run.
        weights: Their starting weights, a tensor (R, rows, cols) a layer.
        rows: Which of them run together.
        batches: Stochastic gradients, or None.
    """

    gradient: Factors

    def __init__(
        self,
        model: Model,
        methods: Sequence[Method],
        weights: Sequence[torch.Tensor],
        rows: Sequence[int],
        batches: Batches | None,
    ) -> None:
        self.model = model.select(rows)
        self.rows = list(rows)
        self.methods = [methods[row] for row in rows]
        start = self.model.arrange([layer[self.rows].to(model.Y) for layer in weights])
        self.start = [layer.clone() for layer in start]
        numbers = [number for m in self.methods for number in (m.momentum, m.extrapolation)]
        self._iterates = Iterates(start, any(callable(number) or number > 0 for number in numbers))
        self._shares = batches.shares(model.Y.shape[1], rows) if batches else None
        self._clocks = [0] * len(self.rows)
        self._last: dict[str, torch.Tensor] = {}
        self._refresh()
        self._evaluate(0)

    @property
    def points(self) -> Sequence[torch.Tensor]:
        """The evaluation points y_t, overwritten by every step."""
        return self._iterates.points

    def _refresh(self) -> None:
        constant = all(method.is_constant for method in self.methods)
        self._numbers = Numbers(self.methods, self.model.Y)
        self._fixed = self._numbers(self._clocks) if constant else None
        rules = [method.restart for method in self.methods]
        # Each rule with the replicas that follow it.
        self._rules = {
            rule: torch.tensor([other == rule for other in rules], device=self.model.Y.device)
            for rule in rules
            if rule
        }

    def keep(self, kept: Sequence[int]) -> None:
        """Drop the replicas that have ended.

        Args:
            kept: The places of those that go on.
        """
        self.model = self.model.select(kept)
        if self._shares is not None:
            self._shares.keep(kept)
        self.rows = [self.rows[index] for index in kept]
        self.methods = [self.methods[index] for index in kept]
        self._iterates.keep(kept)
        self.start = [layer[kept] for layer in self.start]
        self._clocks = [self._clocks[index] for index in kept]
        self._last = {name: values[kept] for name, values in self._last.items()}
        self.residual = self.residual[kept]
        self.gradient = [(left[kept], right[kept]) for left, right in self.gradient]
        self._refresh()

    def on_all_data(self) -> tuple[torch.Tensor, Factors]:
        """Give residual and gradient on all data, also where steps are taken on batches.

        Returns:
            The residual, shape (R, k, n), and a pair of factors a layer.
        """
        if self._shares is None:
            return self.residual, self.gradient
        return self.model.gradient_factors(self.points)

    def advance(self, t: int) -> None:
        """Take the step to t.

        Args:
            t: One more than the steps taken so far.
        """
        numbers = self._fixed or self._numbers(self._clocks)
        self._iterates.advance(self.gradient, numbers)
        self._clocks = [clock + 1 for clock in self._clocks]
        if self._rules:
            self._restart(numbers)
        self._evaluate(t)

    def _evaluate(self, t: int) -> None:
        if self._shares is None:
            self.residual, self.gradient = self.model.gradient_factors(self.points)
        else:
            shares = self._shares(t).to(self.model.Y)
            self.residual, self.gradient = self.model.batch_factors(self.points, shares)

    def _restart(self, numbers: Coefficients) -> None:
        view = self._view()
        stop = torch.zeros(len(self.rows), dtype=torch.bool, device=self.residual.device)
        for rule, own in self._rules.items():
            stop |= rule(view) & own
        self._iterates.stop(stop, numbers)
        self._last["norms"], self._last["speeds"] = view.residual_norms, view.speeds * ~stop
        for index in torch.nonzero(stop).flatten().tolist():
            self._clocks[index] = 1

    def _view(self) -> StepView:
        velocities = self._iterates.velocities
        norms = torch.linalg.vector_norm(self.residual, dim=(1, 2))
        squares = [velocity.square().sum((1, 2)) for velocity in velocities]
        if not self._last:
            never = torch.full_like(norms, torch.inf)
            self._last = {"first": norms, "norms": never, "speeds": torch.zeros_like(norms)}
        return StepView(
            [left @ right for left, right in self.gradient],
            velocities,
            norms,
            self._last["norms"],
            self._last["first"],
            torch.stack(squares).sum(0).sqrt(),
            self._last["speeds"],
            torch.tensor(self._clocks, device=norms.device),
        )


def _sum(terms: torch.Tensor) -> torch.Tensor:
    # Over a short last axis by halves: a quarter faster than torch's own reduction.
    while terms.shape[-1] > 1:
        half = terms.shape[-1] // 2
        folded = terms[..., :half] + terms[..., half : 2 * half]
        if terms.shape[-1] % 2:
            folded[..., 0] += terms[..., -1]
        terms = folded
    return terms[..., 0]
