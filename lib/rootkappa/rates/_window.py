"""The windows of a run: from several levels on, down to where it stops falling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rootkappa.rates._residuals import Array, Residuals

_LEVELS = 10.0 ** -np.array([0.0, 1.0, 2.0, 3.0, 5.0, 7.0, 9.0])
LEAST_STEPS = 5
_MOST_STEPS = 120
# A window ends where the energy first comes this near to its least, if it then stays for long.
_NEAR = 3.0
_LONG = 30


@dataclass(frozen=True)
class Window:
    """Some steps of a run.

    Args:
        run: The run.
        first: The step at which it starts.
        steps: Steps t in it at which u_t and v_t are taken, shape (n,).
        at_rest: Whether it starts with w_{-1} = w_0.
    """

    run: Residuals
    first: int
    steps: npt.NDArray[np.int64]
    at_rest: bool

    @property
    def last(self) -> int:
        """The last step that is looked at."""
        return int(self.steps[-1]) + 1

    @property
    def start(self) -> float:
        """The energy at the start of the window."""
        return float(self.run.energies[self.first])

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """The steps from the start on, shape (n + 1,)."""
        both: npt.NDArray[np.int64] = np.r_[self.first, self.steps]
        return both

    def state(self, has_memory: bool) -> Array:
        """Give the residuals that the start consists of.

        Args:
            has_memory: Whether the method looks at the step before.

        Returns:
            Shape (1, N) or (2, N).
        """
        before = has_memory and not self.at_rest
        return self.run.xi[self.first - before : self.first + 1]


def windows(run: Residuals, from_rest: bool) -> Iterator[Window]:
    """Give the windows of a run, one a level.

    Args:
        run: The run.
        from_rest: Whether it starts with w_{-1} = w_0.

    Yields:
        Windows of at least five steps.
    """
    energies, seen = run.energies, -1
    for level in _LEVELS[energies.min() <= _LEVELS * energies[0]]:
        first = int(np.argmax(energies <= level * energies[0]))
        first = max(first, 0 if from_rest else 1)
        if first == seen:
            continue
        seen = first
        steps = _steps(run, first)
        if len(steps) < LEAST_STEPS:
            return
        yield Window(run, first, steps, at_rest=from_rest and first == 0)


def _steps(run: Residuals, first: int) -> npt.NDArray[np.int64]:
    last = len(run.xi) - 1
    energies = run.energies[first:]
    end = first + int(np.argmax(energies <= _NEAR * energies.min()))
    end = last if last - end < _LONG else max(end, first + 2 * LEAST_STEPS)
    steps = np.arange(first + 1, min(end, last - 1) + 1, dtype=np.int64)
    if len(steps) <= _MOST_STEPS:
        return steps
    # Even strides would fold one oscillation onto another; the draw is the same every time.
    jitter = np.random.default_rng(len(steps)).uniform(-0.4, 0.4, _MOST_STEPS)
    places = (np.arange(_MOST_STEPS) + jitter) * (len(steps) - 1) / (_MOST_STEPS - 1)
    chosen = np.unique(np.clip(np.rint(places), 0, len(steps) - 1))
    return np.asarray(steps[0] + chosen, dtype=np.int64)
