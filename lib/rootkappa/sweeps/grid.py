"""A labelled grid of plain data, and the chunks of stacked runs that it becomes."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any, Self

import numpy as np

from rootkappa import _checks
from rootkappa._hint import hint
from rootkappa.sweeps import _catalogue
from rootkappa.sweeps._plain import plain
from rootkappa.sweeps._points import put

_PARTS = ("data", "model", "method")
_TRAIN: Mapping[str, Any] = {"steps": None, "tolerance": 0.0, "dtype": "float64"}
_SWITCHES = ("effective", "frozen", "kernel", "tail")
_MEASURE: Mapping[str, Any] = {
    "steps_to": [],
    **dict.fromkeys(_SWITCHES, False),
    "observers": [],
}
_TOP = (*_PARTS, "train", "measure", "seed", "axes", "chunk")
_CHUNK = 256

Label = str | bool | int | float


@dataclass(frozen=True, eq=False)
class Chunk:
    """Runs that one worker computes together.

    Args:
        specification: Plain data; the only argument of the function that computes the records.
    """

    specification: Mapping[str, Any]

    def __len__(self) -> int:
        runs = self.specification["runs"]
        return len(next(iter(runs.values()))) if runs else 1


@dataclass(frozen=True, eq=False)
class Grid:
    """All combinations of the labels of some axes.

    A specification has these tables, each a dict or a table of TOML:

    * `data`: `name` of a made or a real data set of `rootkappa.datasets` and its arguments;
      `reduce = true` keeps what a linear network sees. Left out for an architecture without data.
    * `model`: `name` of an architecture and its arguments; `reduce = true` trains the narrow
      network that a linear ResNet, or an orthogonal deep linear network, really is.
    * `method`: `name` of a method or a tuning and its arguments. A tuning reads the spectrum of the
      kernel at the start, times `kappa_factor` if that is given; others have a `step_size`, or a
      `relative_step_size` in units of 1/lambda_max.
    * `train`: `steps`, and `tolerance` and `dtype` if not 0 and "float64".
    * `measure`: `steps_to`, a list of relative accuracies; `kernel`, whether to keep the extreme
      eigenvalues and the factor that they predict; `effective` and `tail`, whether to read the mean
      factor of the run, and the one of the long run, which takes a tenth of a second a run;
      `frozen`, whether to keep the rate to the smallest accuracy of `steps_to`, beside rate and
      steps of the same run on the kernel that it starts with; `observers`, by name, at the end
      of each run.
    * `axes`: by the path of what is varied, such as "model.width", a list of values; or a table of
      values by label, where tables are laid over what is there. `seed` numbers draws; a number
      of them stands for 0, 1, 2 and so on.
    * `seed` (0) and `chunk`, the most runs computed together (256), stand beside the tables.

    Data without a seed of their own are drawn anew for each `seed`, as the weights are: give
    `data.seed` to hold them.

    Args:
        specification: Plain data; NumPy arrays, tuples and ranges are taken as lists.

    Attributes:
        axes: The labels of every axis.

    Raises:
        TypeError: If something in it is not plain data.
        ValueError: If a name, an argument or an axis names nothing, or an axis is empty.

    Example:
        >>> grid = Grid({
        ...     "data": {"name": "gaussian", "d": 4, "n": 9},
        ...     "model": {"name": "DeepLinear", "depth": 2},
        ...     "method": {"name": "optimal_heavy_ball"},
        ...     "train": {"steps": 100},
        ...     "axes": {"model.width": [16, 64], "seed": range(5)},
        ... })
        >>> len(grid), grid.axes["model.width"]
        (10, [16, 64])
    """

    specification: Mapping[str, Any]
    axes: Mapping[str, list[Label]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Check everything that can be checked before the first run."""
        given = _checks_tables(plain(dict(_mapping(self.specification)), "the specification"))
        object.__setattr__(self, "specification", given)
        axes = {name: _labels(name, values) for name, values in given["axes"].items()}
        object.__setattr__(self, "axes", axes)
        for axis in axes:
            _check_path(axis)
        for section in _PARTS:
            for part in self._variants(section):
                if part or section != "data":
                    _catalogue.check(section, part)
        self._check_fit()
        for part in self._variants("train"):
            _check_train(part)
        _check_measure(given["measure"])

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Read a grid from a TOML file.

        Args:
            path: The file.

        Returns:
            The grid.

        Raises:
            OSError: If the file cannot be read.
            ValueError: If it is not TOML, or not a grid.
        """
        try:
            return cls(tomllib.loads(Path(path).read_text(encoding="utf-8")))
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"{path} is not TOML ({error}): correct it there.") from error

    def __len__(self) -> int:
        return math.prod(len(labels) for labels in self.axes.values())

    @cached_property
    def chunks(self) -> tuple[Chunk, ...]:
        """The chunks, which together hold each run once.

        Runs on one problem stay together up to `chunk` of them; small problems share a chunk. More
        labels at the end of the first axis leave the earlier chunks as they are.
        """
        return tuple(self._chunk(rows) for rows in self._together())

    def _together(self) -> Iterator[list[int]]:
        size = self.specification["chunk"]
        some: list[int] = []
        for group in self._problems():
            if some and len(some) + len(group) > size:
                yield some
                some = []
            some = some + group
            while len(some) >= size:
                yield some[:size]
                some = some[size:]
        if some:
            yield some

    def _problems(self) -> list[list[int]]:
        # By the labels alone: runs that share all but method, and the seed where data are held.
        kept = [self._tells_problems(axis) for axis in self.axes]
        groups: dict[tuple[Label, ...], list[int]] = {}
        for row, labels in enumerate(product(*self.axes.values())):
            key = tuple(label for label, keep in zip(labels, kept, strict=True) if keep)
            groups.setdefault(key, []).append(row)
        return list(groups.values())

    def _tells_problems(self, axis: str) -> bool:
        section = axis.partition(".")[0]
        if section == "seed":
            return any(
                _catalogue.is_drawn(name, part)
                for name in ("data", "model")
                for part in self._variants(name)
            )
        return section != "method"

    def _chunk(self, rows: Sequence[int]) -> Chunk:
        shape = [len(labels) for labels in self.axes.values()] or [1]
        places = np.unravel_index(np.asarray(rows), shape)
        runs = {
            axis: [labels[place] for place in column.tolist()]
            for (axis, labels), column in zip(self.axes.items(), places, strict=False)
        }
        choices = {
            axis: {label: values[label] for label in dict.fromkeys(runs[axis])}
            for axis, values in self.specification["axes"].items()
            if isinstance(values, dict)
        }
        shared = {name: self.specification[name] for name in (*_PARTS, "train", "measure", "seed")}
        return Chunk({**shared, "runs": runs, "choices": choices})

    def _variants(self, section: str) -> Iterator[dict[str, Any]]:
        touching = {
            axis: values
            for axis, values in self.specification["axes"].items()
            if axis.partition(".")[0] == section
        }
        order = sorted(touching, key=lambda axis: axis.count("."))
        options = [
            list(touching[axis].values()) if isinstance(touching[axis], dict) else touching[axis]
            for axis in order
        ]
        for chosen in product(*options):
            sections = {section: self.specification[section]}
            for axis, value in zip(order, chosen, strict=True):
                put(sections, axis, value)
                if not isinstance(sections[section], dict):
                    raise ValueError(
                        f"axis {section} holds {sections[section]!r:.60}, which is no table: vary "
                        f"{section}.name, or give tables by label."
                    )
            yield sections[section]

    def _check_fit(self) -> None:
        with_data = {bool(part) for part in self._variants("data")}
        for part in self._variants("model"):
            if {_catalogue.takes("model", part, "X")} != with_data:
                need = "needs data" if False in with_data else "has no data"
                raise ValueError(
                    f"{part['name']} {need}: {'give' if False in with_data else 'drop'} the table "
                    "data."
                )


def _mapping(given: Any) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise TypeError(
            f"a grid is a table, got {given!r:.60}: give a dict, or read a file with Grid.read."
        )
    return given


def _checks_tables(given: dict[str, Any]) -> dict[str, Any]:
    for name in given:
        if name not in _TOP:
            raise ValueError(f"{name} names nothing in a grid: {hint(name, _TOP)}")
    for name in (*_PARTS, "train", "measure", "axes"):
        if not isinstance(given.setdefault(name, {}), dict):
            raise TypeError(f"{name} must be a table, got {given[name]!r:.60}: give a dict.")
    axes = given["axes"]
    if isinstance(axes.get("seed"), int | float):
        axes = {**axes, "seed": list(range(_checks.count("axis seed", axes["seed"])))}
    return {
        **given,
        "axes": axes,
        "train": {**_TRAIN, **given["train"]},
        "measure": {**_MEASURE, **given["measure"]},
        "seed": _checks.count("seed", given.get("seed", 0), 0),
        "chunk": _checks.count("chunk", given.get("chunk", _CHUNK)),
    }


def _labels(axis: str, values: Any) -> list[Label]:
    if not isinstance(values, list | dict):
        raise TypeError(f"axis {axis} must be a list of values, got {values!r:.60}: give [...].")
    labels = list(values)
    if not labels:
        raise ValueError(f"axis {axis} is empty, and so is the grid: give it a value or drop it.")
    for label in labels:
        if isinstance(label, list | dict):
            raise ValueError(
                f"axis {axis} holds {label!r:.60}, which is no label: give a table of values by "
                "label."
            )
    if len(set(labels)) < len(labels):
        raise ValueError(f"axis {axis} has a label twice in {labels!r:.80}: drop one.")
    kinds = {float if type(label) is int else type(label) for label in labels}
    if len(kinds) > 1:
        raise ValueError(f"axis {axis} mixes types in {labels!r:.80}: use one.")
    mixed = len({type(label) for label in labels}) > 1
    return [float(label) for label in labels] if mixed else labels


def _check_path(axis: str) -> None:
    section, _, rest = axis.partition(".")
    known = (*_PARTS, *(f"train.{name}" for name in ("steps", "tolerance", "dtype")), "seed")
    if section not in (*_PARTS, "train", "seed") or (section == "train" and rest not in _TRAIN):
        raise ValueError(f"axis {axis} names nothing: {hint(axis, known)}")
    if section == "seed" and rest:
        raise ValueError(f"axis {axis} names nothing: did you mean 'seed'?")


def _check_train(part: Mapping[str, Any]) -> None:
    for name in part:
        if name not in _TRAIN:
            raise ValueError(f"train.{name} names nothing: {hint(name, _TRAIN)}")
    if part["steps"] is None:
        raise ValueError("train.steps is missing: say how many steps a run may take.")
    _checks.count("train.steps", part["steps"])
    _checks.fraction("train.tolerance", part["tolerance"])
    _checks.choice("train.dtype", part["dtype"], ("float32", "float64"))


def _check_measure(part: Mapping[str, Any]) -> None:
    for name in part:
        if name not in _MEASURE:
            raise ValueError(f"measure.{name} names nothing: {hint(name, _MEASURE)}")
    for accuracy in _checks.sequence("measure.steps_to", part["steps_to"], "[1e-3, 1e-6]"):
        _checks.within("measure.steps_to", accuracy, 0, 1)
    if part["frozen"] is True and not part["steps_to"]:
        raise ValueError("measure.frozen needs an accuracy: give measure.steps_to = [1e-4], say.")
    for name in _checks.sequence("measure.observers", part["observers"], '["displacement"]'):
        _checks.choice("observer", name, _catalogue.OBSERVERS)
    for name in _SWITCHES:
        if not isinstance(part[name], bool):
            raise TypeError(
                f"measure.{name} must be true or false, got {part[name]!r:.60}: write one of them."
            )
