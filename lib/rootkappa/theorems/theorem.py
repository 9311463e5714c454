"""A theorem as an object: what it assumes, its tuning, its bound, and where its wording is from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import Enum
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import numpy as np
import torch

from rootkappa import _checks
from rootkappa.optimizers import Method
from rootkappa.provenance import Provenance
from rootkappa.theorems.report import Hypothesis, Report

P = TypeVar("P")

_FLOOR = 1e-12


class Quantity(Enum):
    """What a bound speaks of."""

    LOSS = "excess loss, relative to its start"
    RESIDUALS = "norm of two successive residuals, relative to its start"
    BAND = "loss, in units of the squared norm of the labels"


class Run(Protocol):
    """What a theorem reads of a run, such as a `Trajectory`."""

    @property
    def residual_norms(self) -> torch.Tensor:
        """||xi_t||, shape (R, T + 1)."""
        ...

    @property
    def stopped_at(self) -> torch.Tensor:
        """The last step of each replica, shape (R,)."""
        ...


class Theorem(ABC, Generic[P]):
    """A theorem on a problem: a model, a spectrum, or the constants of a partition.

    All of them speak of the methods as they are: full gradients unless batches are named, no weight
    decay and no dampening. A run with either is none that a theorem speaks of.

    `provenance` says how sure the wording is as a whole, and `parts` which parts of it are surer or
    less sure than that, in MyST for the pages. `kind` is what the theorem speaks of.
    """

    kind: ClassVar[type[Any]] = object
    key: ClassVar[str] = ""
    paper: ClassVar[str] = ""
    number: ClassVar[str] = ""
    title: ClassVar[str] = ""
    provenance: ClassVar[Provenance] = Provenance.RECALLED
    parts: ClassVar[tuple[tuple[Provenance, str], ...]] = ()
    quantity: ClassVar[Quantity] = Quantity.RESIDUALS

    @property
    def name(self) -> str:
        """The theorem by its paper and number."""
        return f"{self.paper}, {self.number}"

    @abstractmethod
    def hypotheses(self, problem: P) -> tuple[Hypothesis, ...]:
        """Compare what the theorem assumes with a problem.

        Args:
            problem: The problem.

        Returns:
            Each hypothesis, with what it needs and what there is.
        """

    def check(self, problem: P) -> Report:
        """Compare every hypothesis with a problem.

        Args:
            problem: The problem.

        Returns:
            The report.
        """
        return Report(self.name, self.hypotheses(problem))

    def tuning(self, problem: P) -> Method:
        """Give the method with the theorem's numbers.

        Args:
            problem: The problem.

        Raises:
            TypeError: If the theorem tunes no method, such as one on a flow. One that does returns
                the method.
        """
        raise TypeError(f"{self.name} tunes no method: choose one of rootkappa.optimizers.")

    def rate(self, problem: P) -> tuple[float, float]:
        """Give the prefactor C and the factor q of a bound C q^t.

        Args:
            problem: The problem.

        Raises:
            TypeError: If the theorem has no linear rate. One that has returns C and q.
        """
        raise TypeError(f"{self.name} has no linear rate: use bound.")

    def bound(self, problem: P, steps: Any) -> torch.Tensor:
        """Give the curve of the theorem.

        Args:
            problem: The problem.
            steps: T, for all steps t = 0..T; or the steps or times themselves, shape (S,).

        Returns:
            The bound on `quantity`, shape (T + 1,) or (S,), float64; C q^t for a linear rate.
        """
        prefactor, factor = self.rate(problem)
        powers: torch.Tensor = factor ** moments(steps)
        return prefactor * powers

    def measured(self, run: Run) -> torch.Tensor:
        """Give what the theorem bounds, along a run, relative to its value at the start.

        Args:
            run: The run, on data reduced to rank size, so that its least loss is 0.

        Returns:
            Ratios, shape (R, T + 1); 0 for a run that starts at the optimum and stays there.
        """
        squares = run.residual_norms.square()
        if self.quantity is Quantity.LOSS:
            return _over(squares, squares[:, :1])
        before = torch.cat([squares[:, :1], squares[:, :-1]], dim=1)
        return _over(squares + before, 2 * squares[:, :1]).sqrt()

    def worst_ratio(self, problem: P, run: Run) -> torch.Tensor:
        """Give the largest measured value over the bound, from t = 1 to the rounding floor.

        Below a bound of 1e-12 in the residual, runs in float64 are noise and say nothing.

        Args:
            problem: The problem.
            run: The run.

        Returns:
            Ratios, shape (R,): at most 1 where the bound holds; huge or infinite for a run that
            diverged.

        Raises:
            ValueError: If the run has no step.
        """
        measured = self.measured(run)[:, 1:]
        if measured.shape[1] == 0:
            raise ValueError("the run has 0 steps, and a bound at the start says nothing: train.")
        bound = self._along(problem, run)[..., 1:]
        after_end = torch.arange(1, measured.shape[1] + 1) > run.stopped_at[:, None]
        unseen = bound < (_FLOOR if self.quantity is Quantity.RESIDUALS else _FLOOR**2)
        ratios = (measured / bound).nan_to_num(torch.inf, torch.inf)
        return ratios.masked_fill(after_end | unseen, 0.0).amax(1)

    def _given(self, problem: Any) -> Any:
        if not isinstance(problem, self.kind):
            raise TypeError(
                f"{self.name} speaks of a {self.kind.__name__} here, got "
                f"{type(problem).__name__}: give one."
            )
        return problem

    def _along(self, problem: P, run: Run) -> torch.Tensor:
        return self.bound(problem, run.residual_norms.shape[1] - 1)


def moments(steps: Any) -> torch.Tensor:
    """Read the steps or times of a bound.

    Args:
        steps: T, at least 0, for all steps 0..T; or steps or times themselves, shape (S,).

    Returns:
        Steps or times, float64.

    Raises:
        ValueError: If a time is negative.
    """
    if not np.ndim(steps):
        return torch.arange(_checks.count("steps", steps, 0) + 1, dtype=torch.float64)
    times = _checks.vector("times", steps).double()
    if float(times.min()) < 0:
        raise ValueError(f"times must be at least 0, got {float(times.min())}: start at 0.")
    return times


def _over(values: torch.Tensor, start: torch.Tensor) -> torch.Tensor:
    return torch.where((values == 0) & (start == 0), 0.0, values / start)
