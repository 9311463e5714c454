"""Trajectories as tables: records, a data frame of pandas, a data set of xarray."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from itertools import product
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from rootkappa import _checks

if TYPE_CHECKING:
    from rootkappa.training.trajectory import Trajectory


def records(run: Trajectory, accuracies: Sequence[float]) -> list[dict[str, Any]]:
    """Give one row a replica.

    Args:
        run: The trajectory.
        accuracies: The relative accuracies to which steps are counted.

    Returns:
        Labels, status, stopped_at, residual_norm and steps.

    Raises:
        TypeError: If an accuracy is no number.
        ValueError: If it is not above 0.
    """
    goals = [_checks.positive("accuracy", accuracy) for accuracy in accuracies]
    columns = {
        "status": [status.name for status in run.status],
        "stopped_at": run.stopped_at.tolist(),
        "residual_norm": _last_norms(run),
        **{f"steps_to_{goal:g}": run.steps_to(goal).tolist() for goal in goals},
    }
    rows = zip(product(*run.axes.values()), *columns.values(), strict=True)
    return [
        dict(zip(run.axes, labels, strict=True)) | dict(zip(columns, values, strict=True))
        for labels, *values in rows
    ]


def _last_norms(run: Trajectory) -> list[float]:
    # Relative, as accuracies are; a start at the optimum is at 0.
    norms = run.residual_norms
    last = norms.gather(1, run.stopped_at[:, None])[:, 0]
    relative: list[float] = (last / norms[:, 0]).where(norms[:, 0] != 0, 0.0).tolist()
    return relative


def to_pandas(run: Trajectory, accuracies: Sequence[float]) -> Any:
    """Give one row a replica as a data frame.

    Args:
        run: The trajectory.
        accuracies: As for `records`.

    Returns:
        A pandas.DataFrame.
    """
    return _package("pandas").DataFrame(records(run, accuracies))


def to_xarray(run: Trajectory) -> Any:
    """Give the arrays with named dimensions.

    Args:
        run: The trajectory.

    Returns:
        An xarray.Dataset.
    """
    xarray = _package("xarray")
    axes = tuple(run.axes)
    steps = ("step",)
    arrays = {
        "residual_norm": ((*axes, *steps), run.shaped(run.residual_norms).numpy()),
        "lag1": ((*axes, *steps), run.shaped(run.lag1).numpy()),
        "lag2": ((*axes, *steps), run.shaped(run.lag2).numpy()),
        "stopped_at": (axes, run.shaped(run.stopped_at).numpy()),
        "status": (axes, _names(run)),
    }
    for name, seen in run.observed.items():
        rest = tuple(f"{name}_{index}" for index in range(seen.ndim - 2))
        arrays[name] = ((*axes, "look", *rest), run.shaped(seen).numpy())
    coordinates = {name: _coordinate(labels) for name, labels in run.axes.items()}
    looks = {"look": list(run.observed_at)} if run.observed else {}
    return xarray.Dataset(arrays, coordinates | looks)


def _names(run: Trajectory) -> np.ndarray:
    shape = run.shaped(run.stopped_at).shape
    return np.array([status.name for status in run.status]).reshape(shape)


def _coordinate(labels: Sequence[Any]) -> np.ndarray:
    # Labels that are tuples would become a matrix.
    if not any(isinstance(label, tuple) for label in labels):
        return np.array(labels)
    return np.fromiter(labels, dtype=object, count=len(labels))


def _package(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(
            f"this table needs {name}, which is not installed: pip install {name}, or use "
            "trajectory.records()."
        ) from error
