"""One run of a grid, and what functions may ask of it by the names of their parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rootkappa import _checks
from rootkappa.architectures import Model, Weights
from rootkappa.optimizers import Method
from rootkappa.problems import Spectrum
from rootkappa.training.axes import Labels
from rootkappa.training.by_name import call, chosen

# The model of a replica is also its problem, as theorems call it.
OF_A_REPLICA = ("spectrum", "model", "problem", "weights", "seed")


class Starts:
    """A model with its starts.

    Args:
        model: The architecture.
        weights: A tensor (R, rows, cols) a layer, one start a replica.
    """

    def __init__(self, model: Model, weights: Weights) -> None:
        self.model, self.weights = model, weights

    @cached_property
    def spectra(self) -> list[Spectrum]:
        """The spectrum at each start, computed once."""
        return self.model.spectra(self.weights)

    def offer(self, name: str, row: int) -> Any:
        """Give what a function asks of one start.

        Args:
            name: "spectrum", "weights", or "model", which is also "problem".
            row: Which start.

        Returns:
            That of this replica alone.
        """
        if name == "spectrum":
            return self.spectra[row]
        if name == "weights":
            return [layer[row : row + 1] for layer in self.weights]
        return self.model.select([row])


@dataclass(frozen=True, eq=False)
class Cell:
    """One run of a grid: its labels, and the functions called with its values.

    Args:
        axes: The labels of every axis.
        place: Its place on every axis.
        values: Its values on the axes that were given by name.
        method: A method or tuning.
        seed: Its seed.
    """

    axes: Labels
    place: Mapping[str, int]
    values: Mapping[str, Any]
    method: Any
    seed: int

    def tuned(self, starts: Starts, row: int) -> Method:
        """Give the method, tuned if it is a tuning.

        Args:
            starts: The starts that it may look at.
            row: Which of them is its own.

        Returns:
            The method.

        Raises:
            TypeError: If a tuning returns none.
        """
        if isinstance(self.method, Method):
            return self.method
        found = self._call("a tuning", self.method, starts, row)
        if not isinstance(found, Method):
            raise TypeError(
                f"the tuning at {self} returned {found!r}: return a Method, such as "
                "heavy_ball(step_size, momentum)."
            )
        return found

    def length(self, steps: Callable[..., int], starts: Starts, row: int, method: Method) -> int:
        """Give the number of steps.

        Args:
            steps: A function of what it names, `method` included.
            starts: The starts that it may look at.
            row: Which of them is its own.
            method: The tuned method.

        Returns:
            T, a whole number.
        """
        found = self._call("steps", steps, starts, row, method=method)
        return _checks.count(f"steps at {self}", found)

    def _call(
        self, role: str, function: Callable[..., Any], starts: Starts, row: int, **more: Any
    ) -> Any:
        known = {**self.values, **more, "seed": self.seed}
        wanted = chosen(role, function, self.values, [*OF_A_REPLICA, *more], "spectrum")
        return call(
            function,
            wanted,
            lambda name: known[name] if name in known else starts.offer(name, row),
        )

    def __str__(self) -> str:
        pairs = self.axes.items()
        return ", ".join(f"{name} = {labels[self.place[name]]!r}" for name, labels in pairs)
