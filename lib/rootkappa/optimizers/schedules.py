"""Momentum that changes with the step: functions of the step number t = 0, 1, 2, ..."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rootkappa import _checks

Schedule = Callable[[int], float]


@dataclass(frozen=True)
class NesterovSchedule:
    """The momentum (t - 1)/(t + r - 1) of Nesterov (1983) for r = 3, at least 0.

    Args:
        r: The friction of the limiting flow; above 0.

    Raises:
        ValueError: If r is not above 0.

    Example:
        >>> NesterovSchedule()(4)
        0.5
    """

    r: float = 3.0

    def __post_init__(self) -> None:
        """Check r."""
        object.__setattr__(self, "r", _checks.positive("friction r", self.r))

    def __call__(self, t: int) -> float:
        """Give the momentum of step t.

        Args:
            t: The step, from 0.

        Returns:
            The momentum.
        """
        return (t - 1) / (t + self.r - 1) if t > 1 else 0.0
