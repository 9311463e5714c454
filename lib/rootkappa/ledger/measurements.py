"""Measured numbers, with the interval that they are known to."""

from __future__ import annotations

import functools
import math
import numbers
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from rootkappa.ledger.claims import Interval


@dataclass(frozen=True)
class Measured:
    """A measured number, with the interval it is known to, where there is one.

    Args:
        value: The number; infinity or NaN for a run that diverged.
        interval: Its confidence interval (low, high), or None.
        counts: The runs behind a share.

    Raises:
        TypeError: If one of them is no number.
        ValueError: If the interval does not run upwards, or the value lies outside.
    """

    value: float
    interval: Interval | None = None
    counts: Binomial | None = None

    @property
    def natural(self) -> tuple[float, ...]:
        """The ends that nothing can pass: 0 and 1 of a share, none of another quantity."""
        return () if self.counts is None else (0.0, 1.0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", real(self.value))
        if self.interval is not None:
            object.__setattr__(self, "interval", _ends(self.value, self.interval))

    @classmethod
    def read(cls, name: str, number: Any) -> Measured:
        """Read a measurement as a chapter writes it.

        Args:
            name: What is measured, for the message.
            number: A number, a pair (value, (low, high)), a `Measured` or a `Binomial`.

        Returns:
            The measurement of one run, or of all draws together.

        Raises:
            TypeError: If it is none of these.
            ValueError: If the interval does not run upwards, or the value lies outside.
        """
        if isinstance(number, Measured):
            return number
        if isinstance(number, Binomial):
            return number.share
        try:
            return cls(*number) if _is_pair(number) else cls(number)
        except (TypeError, ValueError) as error:
            raise type(error)(f"measured {name}: {error}") from error


@dataclass(frozen=True)
class Binomial:
    """How many of a number of runs succeeded, for claims that speak of high probability.

    Args:
        successes: Runs that did what the claim says.
        trials: All runs.

    Raises:
        TypeError: If a count is not a whole number.
        ValueError: If the counts are not 0 <= successes <= trials, trials at least 1.

    Example:
        >>> low, high = Binomial(20, 20).interval
        >>> round(low, 3), high
        (0.832, 1.0)
    """

    successes: int
    trials: int

    def __post_init__(self) -> None:
        for name in ("successes", "trials"):
            object.__setattr__(self, name, _whole(name, getattr(self, name)))
        if self.trials < 1 or not 0 <= self.successes <= self.trials:
            raise ValueError(
                f"Binomial got {self.successes} successes of {self.trials} trials: "
                "count at least one trial, and no more successes than trials."
            )

    @property
    def failures(self) -> Binomial:
        """The same runs, those counted that did not succeed."""
        return Binomial(self.trials - self.successes, self.trials)

    @property
    def interval(self) -> Interval:
        """The 95 % interval of Clopper and Pearson for the probability of success."""
        return _clopper_pearson(self.successes, self.trials)

    @property
    def share(self) -> Measured:
        """The share of successes with its interval."""
        return Measured(self.successes / self.trials, self.interval, self)


@dataclass(frozen=True)
class Spread:
    """One number a draw, as a record keeps them.

    Args:
        draws: How many draws there are.
        inside: In how many of them the number lies in its accepted interval.
        value: The median.
        least: The smallest.
        largest: The largest; infinite where a run diverged.
    """

    draws: int
    inside: int
    value: float
    least: float
    largest: float

    natural = ()  # no end that nothing can pass

    @classmethod
    def of(cls, values: Sequence[float], accept: Interval) -> Spread:
        """Summarise numbers.

        Args:
            values: One a draw, at least one; NaN counts as infinite, for a run that diverged.
            accept: The accepted interval.

        Returns:
            Their spread.
        """
        ordered = sorted(math.inf if math.isnan(value) else value for value in values)
        inner = sum(accept[0] <= value <= accept[1] for value in ordered)
        return cls(len(ordered), inner, median(ordered), ordered[0], ordered[-1])


def is_sequence(value: Any) -> bool:
    """Say whether something holds numbers in a row.

    Args:
        value: Anything.

    Returns:
        Whether it is a flat sequence, array or tensor, no text and no mapping.
    """
    flat = hasattr(value, "__len__") and getattr(value, "ndim", 1) == 1
    return flat and not isinstance(value, str | bytes | Mapping)


def real(value: Any) -> float:
    """Read a number of any library, without loading any.

    Args:
        value: A real number, or an array or tensor without axes.

    Returns:
        The number; infinity and NaN are numbers here.

    Raises:
        TypeError: If it is a string, a boolean, a complex number or anything else.
    """
    scalar = value
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        try:
            scalar = value.item()
        except RuntimeError:  # a tensor on the meta device
            scalar = None
    if isinstance(scalar, bool) or not isinstance(scalar, numbers.Real):
        raise TypeError(f"{value!r} is no number: give one.")
    return float(scalar)


@functools.cache  # a book has few pairs of counts, and many records of each
def _clopper_pearson(successes: int, trials: int) -> Interval:
    # Only here: scipy.stats takes a second to load.
    from scipy.stats import binomtest

    ends = binomtest(successes, trials).proportion_ci(method="exact")
    return float(ends.low), float(ends.high)


def _is_pair(value: Any) -> bool:
    return is_sequence(value) and len(value) == 2


def _ends(value: float, interval: Any) -> Interval:
    if not _is_pair(interval):
        raise TypeError(f"{interval!r} is no interval: give (low, high).")
    low, high = map(real, interval)
    # A run that diverged has no interval to speak of, and so any.
    if not math.isfinite(value):
        return (low, high)
    if not low <= high:
        raise ValueError(f"the interval [{low:g}, {high:g}] does not run upwards: give low first.")
    # A fit without error has an interval of no width, up to rounding.
    room = 1e-9 * abs(value)
    if not low - room <= value <= high + room:
        raise ValueError(
            f"the value {value:g} lies outside its own interval [{low:g}, {high:g}]: "
            "give the interval of this value."
        )
    return (low, high)


def _whole(name: str, value: Any) -> int:
    try:
        found = real(value)
    except TypeError as error:
        raise TypeError(f"Binomial's {name}: {error}") from error
    if not found.is_integer():
        raise TypeError(f"Binomial's {name}: {value!r} is no whole number: give one.")
    return int(found)
