"""Collects what the stacks produce, row by row of the whole run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import torch

from rootkappa.architectures import Model, vectorise
from rootkappa.optimizers import Method
from rootkappa.training.engines import AnyStack
from rootkappa.training.run import Run
from rootkappa.training.snapshot import Observer, Snapshot
from rootkappa.training.status import Status, unfinished


class Record:
    """The arrays of a run while it is under way.

    Args:
        model: The architecture.
        methods: The method of each replica.
        start: Starting weights, a tensor (R, rows, cols) a layer.
        steps: T.
        observers: What to look at, by name.
        observe_at: The steps at which to look.
        keep_residuals: Whether to keep the residual vectors.
    """

    def __init__(
        self,
        model: Model,
        methods: Sequence[Method],
        start: Sequence[torch.Tensor],
        steps: int,
        observers: Mapping[str, Observer],
        observe_at: Sequence[int],
        keep_residuals: bool,
    ) -> None:
        self._model, self._methods, self._start = model, tuple(methods), list(start)
        self._observers, self._keep_residuals = observers, keep_residuals
        self._columns = {step: column for column, step in enumerate(observe_at)}
        self._observed: dict[str, torch.Tensor] = {}
        shape = (len(self._methods), steps + 1)
        self.norms, self._lag1, self._lag2 = (
            torch.full(shape, torch.nan, dtype=torch.float64) for _ in range(3)
        )
        self._first = torch.zeros(shape[0], dtype=torch.float64)
        self._residuals: torch.Tensor | None = None
        self._weights = [torch.empty_like(layer).to(model.Y) for layer in start]
        self._status = [Status.RUNNING] * shape[0]
        self._stopped_at = torch.zeros(shape[0], dtype=torch.int64)

    def begin(self, stack: AnyStack) -> None:
        """Note how sharp the starts are.

        Args:
            stack: The replicas at t = 0.
        """
        self._first[stack.rows] = stack.sharpness()

    def parts(self, steps: range) -> Iterator[range]:
        """Cut steps behind each one at which the observers look.

        Args:
            steps: Steps one after another.

        Yields:
            The parts, in order.
        """
        ends = [step + 1 for step in steps if step in self._columns]
        for first, last in pairwise([steps.start, *ends, steps.stop]):
            if first < last:
                yield range(first, last)

    def observe(self, stack: AnyStack, step: int) -> None:
        """Let the observers look, if it is time.

        Args:
            stack: The replicas.
            step: t.

        Raises:
            TypeError: If an observer does not return a tensor with a row a replica.
        """
        if step not in self._columns:
            return
        snapshot = Snapshot(stack.model, step, stack.points, stack.start)
        for name, observer in self._observers.items():
            seen = observer(snapshot)
            if not isinstance(seen, torch.Tensor) or seen.shape[:1] != (len(stack.rows),):
                raise TypeError(
                    f"observer {name} returned {_shown(seen)} for {len(stack.rows)} replicas: "
                    "return a tensor with one row a replica."
                )
            self._note(name, stack.rows, self._columns[step], seen)

    def _note(self, name: str, rows: Sequence[int], column: int, seen: torch.Tensor) -> None:
        if name not in self._observed:
            # NaN marks what was not seen, and whole numbers and truth values have none.
            dtype = seen.dtype if seen.dtype.is_floating_point else torch.float64
            shape = (len(self._methods), len(self._columns), *seen.shape[1:])
            self._observed[name] = torch.full(shape, torch.nan, dtype=dtype)
        self._observed[name][rows, column] = seen.to(self._observed[name])

    def add(self, stack: AnyStack, first: int, block: torch.Tensor) -> None:
        """Keep norms and products of a block of residuals.

        Args:
            stack: Whose they are.
            first: The step of the third one.
            block: The residuals of two steps before and of the steps from `first` on, shape
                (2 + steps, R, k n).
        """
        rows, now, last = stack.rows, block[2:], first + len(block) - 2
        squares, *products = stack.products(block).double().cpu()
        self.norms[rows, first:last] = squares.sqrt()
        for record, found in zip((self._lag1, self._lag2), products, strict=True):
            record[rows, first:last] = found
        if self._keep_residuals:
            if self._residuals is None:
                size = (*self.norms.shape, now.shape[2])
                self._residuals = torch.full(size, torch.nan, dtype=now.dtype)
            columns = vectorise(now.unflatten(2, self._model.Y.shape))
            self._residuals[rows, first:last] = columns.transpose(0, 1).cpu()

    def finish(self, row: int, weights: Sequence[torch.Tensor], step: int, status: Status) -> None:
        """Keep where a replica ended.

        Args:
            row: Which one, of the whole run.
            weights: Where it is, a tensor (rows, cols) a layer.
            step: Its last step.
            status: How it ended.
        """
        self._status[row], self._stopped_at[row] = status, step
        for whole, layer in zip(self._weights, weights, strict=True):
            whole[row] = layer

    def unfinished(self, stack: AnyStack) -> list[Status]:
        """Say how the replicas ended that have used all steps.

        Args:
            stack: The replicas at t = T.

        Returns:
            A status each.
        """
        labels = float(torch.linalg.matrix_norm(self._model.Y))
        eps = torch.finfo(self._model.Y.dtype).eps
        norms, first = self.norms[stack.rows, -1].tolist(), self._first[stack.rows].tolist()
        ends = zip(norms, first, stack.sharpness().tolist(), strict=True)
        return [unfinished(norm, labels, start, now, eps) for norm, start, now in ends]

    def run(self) -> Run:
        """Give the finished run.

        Returns:
            The run.
        """
        return Run(
            self._model,
            self._start,
            self._methods,
            self.norms,
            self._lag1,
            self._lag2,
            self._stopped_at,
            tuple(self._status),
            self._weights,
            tuple(self._columns),
            self._observed,
            self._residuals,
        )


def _shown(seen: object) -> str:
    if isinstance(seen, torch.Tensor):
        return f"a tensor of shape {tuple(seen.shape)}"
    return f"a {type(seen).__name__}"
