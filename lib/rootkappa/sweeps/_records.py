"""What is kept of a run: one number a column."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from rootkappa.dynamics.companion import spectral_radius
from rootkappa.optimizers import Method
from rootkappa.problems import Spectrum
from rootkappa.rates import RateStatus, effective_factor, tail_factor
from rootkappa.sweeps._catalogue import OBSERVERS
from rootkappa.sweeps.table import Column
from rootkappa.training import Snapshot, Status, Trajectory

Columns = dict[str, Column]
_NONE = (math.nan, math.nan, math.nan)


def records(
    run: Trajectory,
    spectra: Sequence[Spectrum | None],
    measure: Mapping[str, Any],
    frozen: torch.Tensor | None = None,
) -> Columns:
    """Give all that was asked for.

    Args:
        run: The trajectory of the runs of one model.
        spectra: Of the kernel at the start of each run, where one was needed.
        measure: What was asked for.
        frozen: Residual norms of the same runs on a frozen kernel, where they were asked for.

    Returns:
        The columns, in the same order for every chunk of a grid.
    """
    columns = numbers(run.methods) | ends(run, measure["steps_to"])
    if measure["kernel"]:
        columns |= kernels(run.methods, [known for known in spectra if known is not None])
    if measure["effective"]:
        columns |= effective(run)
    if frozen is not None:
        columns |= forecast(run, frozen, measure["steps_to"])
    if measure["tail"]:
        columns |= tails(run)
    return columns | observed(measure["observers"], run)


def numbers(methods: Sequence[Method]) -> Columns:
    """Give step size, momentum and extrapolation.

    Args:
        methods: A method a run.

    Returns:
        Three columns, NaN where a number changes from step to step.
    """
    names = ("step_size", "momentum", "extrapolation")
    return {name: np.array([_number(getattr(m, name)) for m in methods]) for name in names}


def ends(run: Trajectory, accuracies: Sequence[float]) -> Columns:
    """Give how the runs ended, and when they reached what was asked for.

    Args:
        run: The trajectory.
        accuracies: Relative accuracies.

    Returns:
        Status, last step, first and last loss, and a column of steps an accuracy: infinite where
        it was not reached.
    """
    last = run.losses.gather(1, run.stopped_at[:, None])[:, 0]
    return {
        "status": np.array([status.name for status in run.status]),
        "stopped_at": run.stopped_at.numpy(),
        "initial_loss": run.losses[:, 0].numpy(),
        "final_loss": last.numpy(),
        **{f"steps_to_{accuracy:g}": run.steps_to(accuracy).numpy() for accuracy in accuracies},
    }


def effective(run: Trajectory) -> Columns:
    """Give the mean factors a step of the runs.

    Args:
        run: The trajectory.

    Returns:
        A column, NaN where the run diverged or its residual became zero.
    """
    rows = zip(run.residual_norms, run.status, strict=True)
    return {"effective_factor": np.array([_effective(*row) for row in rows])}


def forecast(run: Trajectory, frozen: torch.Tensor, accuracies: Sequence[float]) -> Columns:
    """Give the rates of the runs, beside those on the kernel that they start with.

    Args:
        run: The trajectory.
        frozen: Residual norms on the frozen kernel, shape (R, T + 1).
        accuracies: Relative accuracies, at least one.

    Returns:
        Both rates, see `rates_to`, to the smallest accuracy; and on the frozen kernel a column of
        steps an accuracy.
    """
    least = min(accuracies)
    return {
        "rate": rates_to(run.residual_norms, least),
        "frozen_rate": rates_to(frozen, least),
        **{f"frozen_steps_to_{goal:g}": _first_below(frozen, goal)[0] for goal in accuracies},
    }


def rates_to(norms: torch.Tensor, accuracy: float) -> Column:
    """Give by how many factors e a step the residual falls on its way to an accuracy.

    Args:
        norms: Residual norms, shape (R, T + 1); NaN after the end of a run.
        accuracy: The relative accuracy.

    Returns:
        log(1/accuracy) over the step at which it is reached, interpolated between two steps; the
        mean to the last step where it is not, which is negative if the residual grew.
    """
    logs = (norms / norms[:, :1]).log().numpy()
    steps, reached = _first_below(norms, accuracy)
    goal, rows = math.log(accuracy), np.arange(len(logs))
    last = np.isfinite(logs).cumsum(1).argmax(1)
    place = np.where(reached, steps, np.maximum(last, 1)).astype(int)
    after, before = logs[rows, place], logs[rows, place - 1]
    with np.errstate(invalid="ignore"):  # a residual of exactly 0
        back = np.where(reached, (after - goal) / np.where(reached, after - before, 1.0), 0.0)
        found: Column = np.where(reached, -goal, -after) / (place - back)
    return found


def _first_below(norms: torch.Tensor, accuracy: float) -> tuple[Column, Column]:
    # The first step below an accuracy, infinite where there is none, and whether there is one.
    below = (norms < accuracy * norms[:, :1]).numpy()
    reached = np.asarray(below.any(1))
    return np.where(reached, below.argmax(1), math.inf), reached


def tails(run: Trajectory) -> Columns:
    """Give the tail factors.

    Args:
        run: The trajectory, with its residuals.

    Returns:
        Factor, both ends of its interval and its status. Runs with a schedule, and those that
        diverged, cannot be told.
    """
    assert run.residuals is not None
    found = [_tail(*pair) for pair in zip(run.residuals, run.methods, strict=True)]
    names = ("tail_factor", "tail_low", "tail_high", "tail_status")
    columns = zip(*found, strict=True)
    return {name: np.array(values) for name, values in zip(names, columns, strict=True)}


def kernels(methods: Sequence[Method], spectra: Sequence[Spectrum]) -> Columns:
    """Give what the kernel at the start predicts.

    Args:
        methods: A method a run.
        spectra: A spectrum a run.

    Returns:
        Extreme eigenvalues and the factor on a frozen kernel, NaN where numbers change.
    """
    return {
        "lambda_min": np.array([spectrum.lambda_min for spectrum in spectra]),
        "lambda_max": np.array([spectrum.lambda_max for spectrum in spectra]),
        "frozen_factor": np.array([_frozen(*pair) for pair in zip(methods, spectra, strict=True)]),
    }


def observed(names: Sequence[str], run: Trajectory) -> Columns:
    """Look at the end of the runs.

    Args:
        names: The observers.
        run: The trajectory.

    Returns:
        A column an observer, NaN where the run diverged.
    """
    alive = [row for row, status in enumerate(run.status) if status is not Status.DIVERGED]
    seen: Columns = {name: np.full(len(run.status), math.nan) for name in names}
    if alive and names:
        (whole,) = run.runs
        left = whole.select(alive)
        snapshot = Snapshot(left.model, int(left.stopped_at.max()), left.weights, left.start)
        for name in names:
            seen[name][alive] = OBSERVERS[name](snapshot).double().cpu().numpy()
    return seen


def _number(value: Any) -> float:
    return math.nan if callable(value) else float(value)


def _frozen(method: Method, spectrum: Spectrum) -> float:
    if not method.is_constant:
        return math.nan
    return float(spectral_radius(method, spectrum.eigenvalues).max())


def _effective(norms: torch.Tensor, status: Status) -> float:
    if status is Status.DIVERGED:
        return math.nan
    try:
        return effective_factor(norms).factor
    except ValueError:
        return math.nan


def _tail(residuals: torch.Tensor, method: Method) -> tuple[float, float, float, str]:
    try:
        found = tail_factor(residuals, method)
    except ValueError:
        return (*_NONE, RateStatus.CANNOT_TELL.value)
    return (found.factor, *found.interval, found.status.value)
