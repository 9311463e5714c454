"""What a training run leaves behind: arrays with a row a replica, and what each row is called."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch

from rootkappa import _checks
from rootkappa.architectures import Model, Weights
from rootkappa.optimizers import Method
from rootkappa.training import tables
from rootkappa.training.axes import Labels, labels_of, places, position
from rootkappa.training.run import Run
from rootkappa.training.snapshot import Snapshot
from rootkappa.training.status import Status


@dataclass(frozen=True, eq=False)
class Trajectory:
    """Residuals, statuses and final weights of R labelled replicas over up to T steps.

    Everything is read at the evaluation point y_t of the method. Entries after the end of a
    replica are NaN. Replicas may be of several models; what these have in common is stacked, for
    the rest choose one model by its labels.

    Args:
        axes: The labels of every axis. Replicas are numbered along the last axis first.
        runs: What each model left behind.
        rows: Which replicas each of them holds.

    Example:
        >>> from rootkappa import DeepLinear, datasets, optimizers
        >>> from rootkappa.training import grid
        >>> data = datasets.gaussian(kappa=9)
        >>> model = DeepLinear(data.X, data.Y, width=32, depth=2)
        >>> tunings = {"GD": optimizers.classical_gradient_descent, "NAG": optimizers.lazy_nesterov}
        >>> run = grid(model, method=tunings, seed=range(3)).train(800, tolerance=1e-6)
        >>> steps = run.shaped(run.steps_to(1e-6))
        >>> tuple(steps.shape), bool((steps[0] > steps[1]).all())
        ((2, 3), True)
        >>> run.at(method="NAG", seed=2).status[0].name
        'CONVERGED'
    """

    axes: Labels
    runs: tuple[Run, ...] = field(repr=False)
    rows: tuple[tuple[int, ...], ...] = field(repr=False)

    @property
    def methods(self) -> tuple[Method, ...]:
        """The method of each replica."""
        return self._listed("methods")

    @property
    def status(self) -> tuple[Status, ...]:
        """How each replica ended."""
        return self._listed("status")

    @cached_property
    def residual_norms(self) -> torch.Tensor:
        """||xi_t||, shape (R, T + 1), float64 on the CPU."""
        return self._stacked("residual_norms")

    @cached_property
    def lag1(self) -> torch.Tensor:
        """<xi_t, xi_{t-1}>, shape (R, T + 1); NaN at t = 0."""
        return self._stacked("lag1")

    @cached_property
    def lag2(self) -> torch.Tensor:
        """<xi_t, xi_{t-2}>, shape (R, T + 1); NaN at t = 0 and 1."""
        return self._stacked("lag2")

    @cached_property
    def residuals(self) -> torch.Tensor | None:
        """The residuals xi_t themselves, shape (R, T + 1, k n), if they were kept."""
        return None if self.runs[0].residuals is None else self._stacked("residuals")

    @cached_property
    def stopped_at(self) -> torch.Tensor:
        """The last step of each replica, shape (R,)."""
        return self._ordered("stopped_at", [run.stopped_at for run in self.runs])

    @cached_property
    def start(self) -> Weights:
        """Weights at t = 0, a tensor (R, rows, cols) a layer."""
        return self._layers("start")

    @cached_property
    def weights(self) -> Weights:
        """Weights at `stopped_at`, a tensor (R, rows, cols) a layer."""
        return self._layers("weights")

    @property
    def observed_at(self) -> tuple[int, ...]:
        """The steps at which the observers looked."""
        return self.runs[0].observed_at

    @cached_property
    def observed(self) -> dict[str, torch.Tensor]:
        """What each observer saw, shape (R, len(observed_at), ...)."""
        return {
            name: self._ordered(f"observed {name}", [run.observed[name] for run in self.runs])
            for name in self.runs[0].observed
        }

    @property
    def model(self) -> Model:
        """The architecture of all replicas, if it is one.

        Raises:
            ValueError: If there are several.
        """
        if any(run.model is not self.runs[0].model for run in self.runs):
            raise self._refusal("model")
        return self.runs[0].model

    @property
    def losses(self) -> torch.Tensor:
        """The losses 1/2 ||xi_t||^2, shape (R, T + 1)."""
        return self.residual_norms.square() / 2

    def snapshot(self) -> Snapshot:
        """Give the state at the end, ready for observers, from replicas of one model.

        Returns:
            The state; its step is the last one of any replica.
        """
        return Snapshot(self.model, int(self.stopped_at.max()), self.weights, self.start)

    def steps_to(self, accuracy: float) -> torch.Tensor:
        """Count the steps until ||xi_t|| < accuracy ||xi_0||.

        Args:
            accuracy: Relative accuracy, above 0.

        Returns:
            The first such step of each replica, shape (R,), float64; infinity if there is none, and
            0 where the start is the optimum.
        """
        first = self.residual_norms[:, :1]
        below = self.residual_norms < _checks.positive("accuracy", accuracy) * first
        below[:, :1] |= first == 0
        steps = below.double().argmax(1).double()
        return torch.where(below.any(1), steps, torch.inf)

    def at(self, /, **labels: Any) -> Trajectory:
        """Choose one label of some axes.

        Args:
            **labels: A label each; these axes are gone.

        Returns:
            The trajectory of the replicas that have these labels.
        """
        chosen = {name: position(self.axes, name, label) for name, label in labels.items()}
        index = tuple(chosen.get(name, slice(None)) for name in self.axes)
        wanted = {row: new for new, row in enumerate(places(self.axes)[index].flatten().tolist())}
        runs, rows = [], []
        for run, held in zip(self.runs, self.rows, strict=True):
            kept = [place for place, row in enumerate(held) if row in wanted]
            if kept:
                runs.append(run.select(kept))
                rows.append(tuple(wanted[held[place]] for place in kept))
        axes = {name: own for name, own in self.axes.items() if name not in chosen}
        return Trajectory(axes, tuple(runs), tuple(rows))

    def by(self, axis: str) -> dict[Hashable, Trajectory]:
        """Split along an axis.

        Args:
            axis: Its name.

        Returns:
            A trajectory a label, without that axis.
        """
        return {label: self.at(**{axis: label}) for label in labels_of(self.axes, axis)}

    def shaped(self, values: Any) -> torch.Tensor:
        """Lay out along the axes what has one entry a replica.

        Args:
            values: Shape (R, ...).

        Returns:
            Shape (labels of the first axis, labels of the second axis, ..., ...).

        Raises:
            ValueError: If there is not one entry a replica.
        """
        # Truth values and words are told apart by NumPy.
        given = values if isinstance(values, torch.Tensor) else np.asarray(values)
        found = _checks.dense("values", given)
        shape = places(self.axes).shape
        if found.ndim == 0 or len(found) != len(self.methods):
            raise ValueError(
                f"got values of shape {tuple(found.shape)} for {len(self.methods)} replicas: give "
                "one entry a replica along the first axis."
            )
        return found.reshape(*shape, *found.shape[1:])

    def records(self, *accuracies: float) -> list[dict[str, Any]]:
        """Give one row a replica.

        Args:
            *accuracies: The relative accuracies to which steps are counted.

        Returns:
            Labels, status, stopped_at, residual_norm at the end, relative to the start, and
            "steps_to_..." for each accuracy.
        """
        return tables.records(self, accuracies)

    def to_pandas(self, *accuracies: float) -> Any:
        """Give one row a replica as a data frame. Needs pandas.

        Args:
            *accuracies: As for `records`.

        Returns:
            A pandas.DataFrame.
        """
        return tables.to_pandas(self, accuracies)

    def to_xarray(self) -> Any:
        """Give the arrays with named dimensions. Needs xarray.

        Returns:
            An xarray.Dataset with the axes, `step` and `look` as dimensions. Choose a method with
            `.sel({"method": label})`: as a keyword the word is taken.
        """
        return tables.to_xarray(self)

    def _listed(self, name: str) -> tuple[Any, ...]:
        found: list[Any] = [None] * sum(map(len, self.rows))
        for run, held in zip(self.runs, self.rows, strict=True):
            for row, value in zip(held, getattr(run, name), strict=True):
                found[row] = value
        return tuple(found)

    def _stacked(self, name: str) -> torch.Tensor:
        found = [getattr(run, name) for run in self.runs]
        longest = max(values.shape[1] for values in found)
        return self._ordered(name, [_padded(values, longest) for values in found])

    def _layers(self, name: str) -> Weights:
        each = [getattr(run, name) for run in self.runs]
        if len({len(layers) for layers in each}) > 1:
            raise self._refusal(name)
        return [self._ordered(name, layers) for layers in zip(*each, strict=True)]

    def _ordered(self, name: str, values: Sequence[torch.Tensor]) -> torch.Tensor:
        if len({tuple(entry.shape[1:]) for entry in values}) > 1:
            raise self._refusal(name)
        if len(values) == 1:
            return values[0]
        order = torch.tensor([row for held in self.rows for row in held]).argsort()
        return torch.cat(list(values))[order]

    def _refusal(self, name: str) -> ValueError:
        shape = places(self.axes).shape
        split = [
            axis
            for index, axis in enumerate(self.axes)
            if shape[index] > 1
            and all(
                len({*np.unravel_index(held, shape)[index].tolist()}) == 1 for held in self.rows
            )
        ]
        return ValueError(
            f"the replicas are of {len(self.runs)} models, and no one {name} holds for all: choose "
            f"one with .at(...), or go through them with .by(...), along {' and '.join(split)}."
        )


def unlabelled(run: Run) -> Trajectory:
    """Number the replicas of one run.

    Args:
        run: The run.

    Returns:
        The trajectory, with the single axis "replica".
    """
    numbers = tuple(range(len(run.methods)))
    return Trajectory({"replica": numbers}, (run,), (numbers,))


def _padded(values: torch.Tensor, steps: int) -> torch.Tensor:
    missing = steps - values.shape[1]
    if not missing:
        return values
    end = values.new_full((len(values), missing, *values.shape[2:]), torch.nan)
    return torch.cat([values, end], dim=1)
