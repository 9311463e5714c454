"""What one stack of replicas of one model leaves behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from rootkappa.architectures import Model, Weights
from rootkappa.optimizers import Method
from rootkappa.training.status import Status

Rows = slice | list[int]


@dataclass(frozen=True, eq=False)
class Run:
    """Residuals, statuses and weights of R replicas of one model over up to T steps.

    Args:
        model: The architecture of these replicas.
        start: Weights at t = 0, a tensor (R, rows, cols) a layer.
        methods: The method of each replica.
        residual_norms: ||xi_t||, shape (R, T + 1), float64 on the CPU.
        lag1: <xi_t, xi_{t-1}>, same shape; NaN at t = 0.
        lag2: <xi_t, xi_{t-2}>, same shape; NaN at t = 0 and 1.
        stopped_at: The last step of each replica, shape (R,).
        status: How each replica ended.
        weights: Weights at `stopped_at`, a tensor (R, rows, cols) a layer.
        observed_at: The steps at which the observers looked.
        observed: What each observer saw, shape (R, len(observed_at), ...).
        residuals: The residuals xi_t themselves, shape (R, T + 1, k n), if they were kept.
    """

    model: Model
    start: Weights
    methods: tuple[Method, ...]
    residual_norms: torch.Tensor
    lag1: torch.Tensor
    lag2: torch.Tensor
    stopped_at: torch.Tensor
    status: tuple[Status, ...]
    weights: Weights
    observed_at: tuple[int, ...]
    observed: dict[str, torch.Tensor]
    residuals: torch.Tensor | None = None

    def select(self, rows: Sequence[int]) -> Run:
        """Give the run of some replicas.

        Args:
            rows: Which replicas, in order.

        Returns:
            The run; itself if all are asked for.
        """
        if list(rows) == list(range(len(self.methods))):
            return self
        kept = _rows(rows)
        return Run(
            self.model.select(rows),
            [layer[kept] for layer in self.start],
            tuple(self.methods[row] for row in rows),
            self.residual_norms[kept],
            self.lag1[kept],
            self.lag2[kept],
            self.stopped_at[kept],
            tuple(self.status[row] for row in rows),
            [layer[kept] for layer in self.weights],
            self.observed_at,
            {name: seen[kept] for name, seen in self.observed.items()},
            None if self.residuals is None else self.residuals[kept],
        )


def _rows(rows: Sequence[int]) -> Rows:
    # Evenly spaced rows are a view: the labels of a grid are laid out so, and residuals are large.
    stride = rows[1] - rows[0] if len(rows) > 1 else 1
    regular = range(rows[0], rows[0] + stride * len(rows), stride) if stride > 0 else None
    if regular is not None and list(rows) == list(regular):
        return slice(rows[0], rows[-1] + 1, stride)
    return list(rows)
