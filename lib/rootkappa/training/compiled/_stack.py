"""Replicas that a kernel advances, a block of steps at a time."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch

from rootkappa.architectures import Model, Weights
from rootkappa.optimizers import Method
from rootkappa.training.compiled._layout import Program, zeros
from rootkappa.training.compiled._matrices import lagged


class CompiledStack:
    """What the loop asks of `rootkappa.training.stack.Stack`, by a kernel.

    Args:
        program: The kernel with its data.
        model: The architecture of all replicas of the run.
        methods: The method of each replica of the run.
        weights: Their starting weights, a tensor (R, rows, cols) a layer.
        rows: Which of them this stack holds.
        threads: How many threads share the replicas.
    """

    def __init__(
        self,
        program: Program,
        model: Model,
        methods: Sequence[Method],
        weights: Sequence[torch.Tensor],
        rows: Sequence[int],
        threads: int,
    ) -> None:
        self.model, self.rows = model.select(rows), list(rows)
        self.methods = [methods[row] for row in rows]
        self._program, self._weights, self._threads = program, weights, threads
        self._points = program.layout.pack(self.start)
        self._velocities = zeros(*self._points.shape)

    @property
    def start(self) -> Weights:
        """The starting weights, a tensor (R, rows, cols) a layer."""
        return [layer[self.rows].to(self.model.Y) for layer in self._weights]

    @property
    def points(self) -> Weights:
        """The evaluation points y_t, a tensor (R, rows, cols) a layer."""
        return self._program.layout.unpack(self._points)

    def keep(self, kept: Sequence[int]) -> None:
        """Drop the replicas that have ended.

        Args:
            kept: The places of those that go on.
        """
        self.model = self.model.select(kept)
        self.rows = [self.rows[index] for index in kept]
        self.methods = [self.methods[index] for index in kept]
        self._points, self._velocities = (
            _chosen(state, kept) for state in (self._points, self._velocities)
        )

    def together(self, most: int) -> int:
        """Say how many steps to take before their residuals are reduced: as many as there may be.

        Args:
            most: A number of steps.

        Returns:
            The same number.
        """
        return most

    def take(self, steps: range) -> torch.Tensor:
        """Take the steps to each t of a range, and give the residuals there.

        Args:
            steps: The next steps; from 0 on, the first is the start itself.

        Returns:
            Residuals, shape (steps, R, k n).
        """
        taken = range(max(1, steps.start), steps.stop)
        numbers = np.empty((len(self.rows), len(taken), 4))
        found = {id(method): self._numbers(method, taken) for method in self.methods}
        for own, method in zip(numbers, self.methods, strict=True):
            own[:] = found[id(method)]
        residuals = np.empty((len(self.rows), len(taken) + 1, self.model.Y.numel()))
        self._run(self._points, self._velocities, numbers, residuals)
        return torch.from_numpy(residuals[:, len(taken) + 1 - len(steps) :]).transpose(0, 1)

    def products(self, block: torch.Tensor) -> torch.Tensor:
        """Give <xi_t, xi_t>, <xi_t, xi_{t-1}> and <xi_t, xi_{t-2}>.

        Args:
            block: The residuals of two steps before and of some steps, shape (2 + steps, R, k n).

        Returns:
            Products, shape (3, R, steps).
        """
        found = np.empty((3, block.shape[1], len(block) - 2))
        lagged(block.numpy(), found)
        return torch.from_numpy(found)

    def sharpness(self) -> torch.Tensor:
        """Give |J^T xi| / |xi|, as `rootkappa.training.status.sharpness` does.

        Returns:
            One number a replica, shape (R,), float64; NaN where the residual is zero.
        """
        # A step of eta = 1 from rest has the velocity -G. On a copy: what diverged stays as it is.
        points, gradients = (zeros(*self._points.shape) for _ in range(2))
        points[:] = self._points
        numbers = np.tile([1.0, 0.0, 0.0, 0.0], (len(self.rows), 1, 1))
        residuals = np.empty((len(self.rows), 2, self.model.Y.numel()))
        self._run(points, gradients, numbers, residuals)
        above, below = (
            torch.linalg.vector_norm(torch.from_numpy(array), dim=1)
            for array in (gradients, residuals[:, 0])
        )
        ratios: torch.Tensor = above / below
        return ratios

    def _run(self, *state: np.ndarray) -> None:
        # Replicas are independent, and the kernel holds no lock: the bits are those of one thread.
        arrays = (*state, np.array(self.rows))
        share = -(-len(self.rows) // self._threads)
        parts = [slice(first, first + share) for first in range(0, len(self.rows), share)]
        if len(parts) == 1:
            self._program.steps(*arrays)
            return
        with ThreadPoolExecutor(len(parts)) as pool:
            list(
                pool.map(
                    lambda part: self._program.steps(*(array[part] for array in arrays)), parts
                )
            )

    @staticmethod
    def _numbers(method: Method, taken: range) -> np.ndarray:
        # eta, beta, -gamma and 1 + the next gamma, of the steps that lead to each t.
        if method.is_constant:
            eta, beta, gamma = method.coefficients(0)
            return np.array([eta, beta, -gamma, 1 + gamma])
        each = [method.coefficients(t) for t in range(taken.start - 1, taken.stop)]
        rows = [[*now[:2], -now[2], 1 + after[2]] for now, after in itertools.pairwise(each)]
        return np.array(rows).reshape(-1, 4)


def _chosen(state: np.ndarray, rows: Sequence[int]) -> np.ndarray:
    chosen = zeros(len(rows), state.shape[1])
    np.take(state, rows, axis=0, out=chosen, mode="clip")
    return chosen
