"""The numbers of every replica's next step, each schedule asked once for all replicas.

A schedule is a few lines of Python behind checks. Asked for each replica at each step, it took more
time than the step.
"""

from __future__ import annotations

import functools
from collections.abc import Hashable, Sequence

import torch

from rootkappa.optimizers import Method
from rootkappa.training.iterates import Coefficients, Number

# Of how many clocks and schedules the numbers are kept; restarts ask for old ones again.
_KEPT = 1 << 12


class Numbers:
    """The coefficients of a stack of replicas.

    Args:
        methods: The method of each replica.
        outputs: A tensor of the device and dtype of the run.
    """

    def __init__(self, methods: Sequence[Method], outputs: torch.Tensor) -> None:
        self._outputs = outputs
        self._step_size = self._column([method.step_size for method in methods])
        schedules = {_schedule(method): method for method in methods}
        self._methods = list(schedules.values())
        places = {schedule: place for place, schedule in enumerate(schedules)}
        self._of = [places[_schedule(method)] for method in methods]
        self._at = functools.lru_cache(_KEPT)(self._look_up)

    def __call__(self, clocks: Sequence[int]) -> Coefficients:
        """Give the numbers of the next step.

        Args:
            clocks: The step of each replica, from 0 and from its last restart.

        Returns:
            Floats, or tensors (R, 1, 1) where replicas differ.
        """
        rows = map(self._at, self._of, clocks)
        return Coefficients(self._step_size, *map(self._column, zip(*rows, strict=True)))

    def _look_up(self, place: int, clock: int) -> tuple[float, float, float]:
        method = self._methods[place]
        _, beta, gamma = method.coefficients(clock)
        return beta, -gamma, 1 + method.coefficients(clock + 1)[2]

    def _column(self, values: Sequence[float]) -> Number:
        if len(set(values)) == 1:
            return values[0]
        return torch.tensor(values, dtype=self._outputs.dtype, device=self._outputs.device)[
            :, None, None
        ]


def _schedule(method: Method) -> tuple[Hashable, Hashable]:
    # Equal schedules are one; what has no hash is only itself.
    momentum, extrapolation = (
        rule if isinstance(rule, Hashable) else id(rule)
        for rule in (method.momentum, method.extrapolation)
    )
    return momentum, extrapolation
