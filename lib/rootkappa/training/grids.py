"""Labelled grids of runs: a problem, its methods and its seeds, and whatever else is varied."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import Any, TypeGuard

import torch

from rootkappa import _checks
from rootkappa._hint import hint
from rootkappa.architectures import Model, Weights
from rootkappa.optimizers import Method
from rootkappa.reductions import Reduction
from rootkappa.training.axes import Axis, Labels, check_labels, read_axis
from rootkappa.training.batches import Batches
from rootkappa.training.by_name import call, chosen, parameters
from rootkappa.training.cells import OF_A_REPLICA, Cell, Starts
from rootkappa.training.loop import check_method, train
from rootkappa.training.run import Run
from rootkappa.training.trajectory import Trajectory

Problem = Model | Reduction | tuple[Model, Weights] | Callable[..., Any]
Tuning = Callable[..., Method]

# What functions are given, and what columns and dimensions of tables are called.
_RESERVED = {
    *("method", "seeds", "replica", "step", "look", *OF_A_REPLICA),
    *("status", "stopped_at", "residual_norm", "lag1", "lag2"),
}


def grid(
    problem: Problem,
    /,
    *,
    method: Method | Tuning | Iterable[Any] | Mapping[str, Any],
    seed: Iterable[int] | None = None,
    **axes: Any,
) -> Grid:
    """Lay out runs with labels: every combination of methods, seeds and further axes.

    An axis is a sequence of values, which are their own labels, or a mapping label -> value. It is
    read by the functions that have a parameter of its name.

    Args:
        problem: A model, which draws a start a seed; a `Reduction` or a pair (model, weights),
            whose starts are drawn already; or a function that returns one of these, called once for
            each combination of the axes that its parameters are named after. Its parameter `seeds`
            gets all seeds, for a model that draws something for each; `seed` gets one, for a model
            of its own for each.
        method: A method or tuning; a list of them, or a mapping label -> method or tuning, for an
            axis "method". A tuning is a function of a replica's own spectrum at its start that
            returns a method. Its parameters may also be named after axes, or `seed`, or `model`
            (as well `problem`) and `weights` of the replica.
        seed: The seeds; 0 if None. They only count starts that are drawn already.
        **axes: What else is varied.

    Returns:
        The grid, to be trained.

    Raises:
        TypeError: If something is of another kind, or an axis is read by nothing.
        ValueError: If an axis is empty, has a label twice or a reserved name, or the seeds do not
            fit the starts.

    Example:
        >>> from rootkappa import DeepLinear, datasets, heavy_ball
        >>> def network(kappa):
        ...     data = datasets.gaussian(kappa=kappa)
        ...     return DeepLinear(data.X, data.Y, width=16, depth=2)
        >>> def tuning(spectrum, beta):
        ...     return heavy_ball(1 / spectrum.lambda_max, beta)
        >>> runs = grid(network, method=tuning, kappa=[4, 16], beta=[0.5, 0.7, 0.9], seed=range(2))
        >>> len(runs), runs.axes["beta"]
        (12, (0.5, 0.7, 0.9))
        >>> runs.train(9).at(kappa=16, beta=0.7).residual_norms.shape
        torch.Size([2, 10])
    """
    taken = sorted(_RESERVED & set(axes))
    if taken:
        raise ValueError(f"an axis cannot be called {taken[0]!r}, which has a meaning: rename it.")
    methods, named = _methods(method)
    varied = {name: read_axis(name, given) for name, given in axes.items()}
    _check_axes(problem, methods, varied)
    return Grid(problem, methods, _seeds(problem, seed), varied, named)


@dataclass(frozen=True, eq=False)
class Grid:
    """Runs with labels, not yet trained. `grid` makes it.

    Args:
        problem: A model; a model with starts; or a function of some axes that returns either.
        methods: The methods or tunings, with their labels.
        seeds: One start each.
        varied: All other axes.
        named: Whether the methods are an axis.
    """

    problem: Problem
    methods: Axis
    seeds: tuple[int, ...]
    varied: Mapping[str, Axis]
    named: bool

    @property
    def axes(self) -> Labels:
        """The labels of every axis, in order: those given by name, then "method", then "seed"."""
        labels = {name: axis.labels for name, axis in self.varied.items()}
        method = {"method": self.methods.labels} if self.named else {}
        return {**labels, **method, "seed": self.seeds}

    def __len__(self) -> int:
        return len(self._cells)

    @cached_property
    def _cells(self) -> list[Cell]:
        every = product(*(range(len(labels)) for labels in self.axes.values()))
        return [self._cell(dict(zip(self.axes, place, strict=True))) for place in every]

    def _cell(self, place: Mapping[str, int]) -> Cell:
        values = {name: axis.values[place[name]] for name, axis in self.varied.items()}
        method = self.methods.values[place.get("method", 0)]
        return Cell(self.axes, place, values, method, self.seeds[place["seed"]])

    def train(self, steps: int | Callable[..., int], **options: Any) -> Trajectory:
        """Train all runs: those of one model stacked, different models after each other.

        Args:
            steps: T, or a function that gives it from the spectrum of a replica, or from what else
                its parameters are named after, among them the replica's `method`. The runs of one
                model take the largest.
            **options: As for `train`. Batches have one seed for each seed of the grid.

        Returns:
            The labelled trajectory.

        Raises:
            TypeError: If a function returns something of another kind.
            ValueError: If starts do not fit the seeds, or a number is out of range.
        """
        length = steps if callable(steps) else _checks.count("steps", steps)
        stacks = self._stacks()
        runs = [self._run([self._cells[row] for row in rows], length, options) for rows in stacks]
        return Trajectory(self.axes, tuple(runs), tuple(map(tuple, stacks)))

    def _stacks(self) -> list[list[int]]:
        # The rows that share a problem.
        read = sorted(_reads(self.problem, self.varied) - {"seeds"})
        stacks: dict[tuple[int, ...], list[int]] = {}
        for row, cell in enumerate(self._cells):
            stacks.setdefault(tuple(cell.place[name] for name in read), []).append(row)
        return list(stacks.values())

    def _run(
        self,
        cells: Sequence[Cell],
        steps: int | Callable[..., int],
        options: Mapping[str, Any],
    ) -> Run:
        starts = self._starts(cells[0])
        own = "seed" in _reads(self.problem, self.varied)
        drawn = [0 if own else cell.place["seed"] for cell in cells]
        methods = [cell.tuned(starts, row) for cell, row in zip(cells, drawn, strict=True)]
        lengths = {
            cell.length(steps, starts, row, method) if callable(steps) else steps
            for cell, row, method in zip(cells, drawn, methods, strict=True)
        }
        run = train(
            starts.model.select(drawn),
            methods,
            [layer[drawn] for layer in starts.weights],
            max(lengths),
            **_with_batches(options, [cell.place["seed"] for cell in cells], len(self.seeds)),
        )
        return run.runs[0]

    def _starts(self, cell: Cell) -> Starts:
        # The problem of a cell, with a start for each seed, or for its own seed.
        found, seeds = self.problem, self.seeds
        if _is_function(found):
            offers = {**cell.values, "seeds": list(self.seeds), "seed": cell.seed}
            wanted = _wanted(found, self.varied)
            found = call(found, wanted, offers.__getitem__)
            seeds = (cell.seed,) if "seed" in wanted.values() else seeds
        model, weights = _pair(found)
        layers = model.initialise(seeds) if weights is None else weights
        layers = _checks.layers(layers, model.shapes)
        if len(layers[0]) != len(seeds):
            raise ValueError(
                f"the problem has {len(layers[0])} starts for {len(seeds)} seeds: give the grid "
                "seed=range(...) and let the problem draw one a seed, by its parameter `seeds`."
            )
        return Starts(model, layers)


def _methods(method: Any) -> tuple[Axis, bool]:
    several = isinstance(method, Iterable) and not isinstance(method, str)
    if isinstance(method, Mapping):
        axis = read_axis("method", method)
    elif several:
        values = list(method)
        check_labels("method", [_name(value) for value in values])
        axis = Axis(tuple(map(_name, values)), tuple(values))
    else:
        axis = Axis(("",), (method,))
    for value in axis.values:
        if isinstance(value, type) or not callable(value):
            check_method(value)
    return axis, several


def _name(method: Any) -> str:
    name = method.name if isinstance(method, Method) else getattr(method, "__name__", "<none>")
    if callable(method) and name.startswith("<"):
        raise TypeError(
            "methods in a list are called by their names, and a lambda or partial has none: give a "
            "mapping label -> method."
        )
    return str(name)


def _is_function(problem: Any) -> TypeGuard[Callable[..., Any]]:
    return callable(problem) and not isinstance(problem, Model | Reduction | torch.nn.Module)


def _pair(problem: Any) -> tuple[Model, Any]:
    # A model and its starts, if there are any.
    if isinstance(problem, Reduction):
        return problem.model, problem.weights
    pair = problem if isinstance(problem, tuple | list) and len(problem) == 2 else (problem, None)
    if not isinstance(pair[0], Model):
        raise TypeError(
            f"the problem is a {type(problem).__name__}: give a Model of rootkappa, a Reduction, "
            "(model, weights), or a function that returns one of them."
        )
    return pair[0], pair[1]


def _seeds(problem: Any, seed: Any) -> tuple[int, ...]:
    weights = None if _is_function(problem) else _pair(problem)[1]
    replicas = None if weights is None else len(weights[0])
    if seed is None:
        return tuple(range(replicas or 1))
    seeds = tuple(_checks.seeds(seed, replicas))
    check_labels("seed", seeds)
    return seeds


def _wanted(problem: Callable[..., Any], varied: Mapping[str, Axis]) -> dict[str, str]:
    return chosen("the problem", problem, varied, ["seed", "seeds"])


def _reads(problem: Any, varied: Mapping[str, Axis]) -> set[str]:
    return set(_wanted(problem, varied).values()) if _is_function(problem) else set()


def _check_axes(problem: Any, methods: Axis, varied: Mapping[str, Axis]) -> None:
    # Every function can be called, and every axis is read.
    tunings = [value for value in methods.values if not isinstance(value, Method)]
    read, there = _reads(problem, varied), set()
    for tuning in tunings:
        read |= set(chosen("a tuning", tuning, varied, OF_A_REPLICA, "spectrum").values())
    for function in [*tunings, *([problem] if _is_function(problem) else [])]:
        there |= set(parameters(function))
    for name in varied:
        if name not in read:
            free = sorted(there - read)
            near = f": {hint(name, free)} Otherwise" if free else ":"
            raise TypeError(
                f"axis {name} is read by nothing{near} name a parameter of the problem or of a "
                "tuning after it, or drop it."
            )


def _with_batches(options: Mapping[str, Any], drawn: Sequence[int], seeds: int) -> dict[str, Any]:
    # One seed of the batches for each seed of the grid, so that all methods see the same batches.
    batches = options.get("batches")
    if not isinstance(batches, Batches):
        return dict(options)
    if len(batches.seeds) != seeds:
        raise ValueError(
            f"got {len(batches.seeds)} batch seeds for {seeds} seeds of the grid: give one each."
        )
    return {**options, "batches": replace(batches, seeds=[batches.seeds[row] for row in drawn])}
