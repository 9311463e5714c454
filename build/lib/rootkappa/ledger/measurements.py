"""Measured numbers and how they are written, so that a page survives another processor."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import SupportsFloat

from scipy.stats import binomtest

from rootkappa.ledger.claims import Interval

# A quantity accepted from 0 to a limit this small is rounding error: its digits differ between
# machines, so only the limit it stays below is ever written.
ROUNDING_LEVEL = 1e-7
# Past this, a quantity that left its interval has diverged, and its digits mean nothing.
DIVERGED = 1e6

Number = SupportsFloat | tuple[SupportsFloat, tuple[SupportsFloat, SupportsFloat]]


@dataclass(frozen=True)
class Measured:
    """A measured number, with the interval it is known to, where there is one.

    Args:
        value: The number.
        interval: Its confidence interval (low, high), or None.
    """

    value: float
    interval: Interval | None = None

    @classmethod
    def read(cls, name: str, number: Number | Measured | Binomial) -> Measured:
        """Read a measurement as a chapter writes it.

        Args:
            name: What is measured, for the message.
            number: A number, a pair (value, (low, high)), a `Measured` or a `Binomial`.

        Returns:
            The measurement.

        Raises:
            TypeError: If it is none of these.
            ValueError: If the interval's low end lies above its high end, or is NaN.
        """
        if isinstance(number, Measured):
            return number
        if isinstance(number, Binomial):
            return number.share
        try:
            if not isinstance(number, tuple):
                return cls(float(number))
            value, (low, high) = number
            result = cls(float(value), (float(low), float(high)))
        except (TypeError, ValueError) as error:
            raise TypeError(
                f"measured {name} is {number!r}: give a number or (value, (low, high))."
            ) from error
        if not float(low) <= float(high):
            raise ValueError(f"measured {name} has the interval [{low}, {high}]: give low first.")
        return result


@dataclass(frozen=True)
class Binomial:
    """How many of a number of runs succeeded, for claims that speak of high probability.

    Args:
        successes: Runs that did what the claim says.
        trials: All runs.

    Raises:
        ValueError: If the counts are not 0 <= successes <= trials, trials at least 1.

    Example:
        >>> low, high = Binomial(20, 20).interval
        >>> round(low, 3), high
        (0.832, 1.0)
    """

    successes: int
    trials: int

    def __post_init__(self) -> None:
        if self.trials < 1 or not 0 <= self.successes <= self.trials:
            raise ValueError(
                f"Binomial got {self.successes} successes of {self.trials} trials: "
                "count at least one trial, and no more successes than trials."
            )

    @property
    def interval(self) -> Interval:
        """The 95 % interval of Clopper and Pearson for the probability of success."""
        ends = binomtest(self.successes, self.trials).proportion_ci(method="exact")
        return float(ends.low), float(ends.high)

    @property
    def share(self) -> Measured:
        """The share of successes with its interval."""
        return Measured(self.successes / self.trials, self.interval)


def is_rounding_level(accept: Interval) -> bool:
    """Say whether a quantity is rounding error, of which only the limit is written.

    Args:
        accept: Its accepted interval.

    Returns:
        Whether the interval reaches from 0 to at most 1e-7.
    """
    return accept[0] == 0 and accept[1] <= ROUNDING_LEVEL


def rounded(value: float, accept: Interval | None = None) -> float:
    """Round to three significant digits, or to more beside a narrow accepted interval.

    Args:
        value: The number.
        accept: The interval it is compared with.

    Returns:
        The rounded number.

    Example:
        >>> rounded(0.98765), rounded(2.1159183, (2.11585, 2.11595))
        (0.988, 2.11592)
    """
    if value == 0 or not math.isfinite(value):
        return value
    digits = 2 - math.floor(math.log10(abs(value)))
    low, high = accept or (-math.inf, math.inf)
    width = high - low
    # Far from the interval nothing is gained by telling digits apart.
    if 0 < width < math.inf and low - width <= value <= high + width:
        digits = max(digits, 1 - math.floor(math.log10(width)))
    return round(value, digits)


def number(value: float) -> str:
    """Write a number that is already rounded.

    Args:
        value: The number.

    Returns:
        Its digits: plain from 1e-4 to 1e6, in powers of ten outside.
    """
    if math.isinf(value):
        return "infinity" if value > 0 else "-infinity"
    if value == 0 or 1e-4 <= abs(value) < 1e6:
        return f"{value:.10g}"
    mantissa, exponent = f"{value:.9e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


def interval(ends: Interval) -> str:
    """Write an interval in words.

    Args:
        ends: Its two ends, either of which may be infinite.

    Returns:
        "low to high", "at most high", "at least low", or "anything".
    """
    low, high = ends
    if low == high:
        return f"exactly {number(low)}"
    if math.isinf(low):
        return "anything" if math.isinf(high) else f"at most {number(high)}"
    return f"at least {number(low)}" if math.isinf(high) else f"{number(low)} to {number(high)}"


def describe(measured: Measured, accept: Interval) -> dict[str, object]:
    """Describe a measurement as a record stores and shows it.

    Args:
        measured: The measurement.
        accept: The interval it is compared with.

    Returns:
        A JSON object with `text`, `accept`, `inside` and, where digits may be written, `value`
        and `interval`; `below` where the quantity is rounding error.
    """
    value, (low, high) = measured.value, accept
    result: dict[str, object] = {
        "accept": [_finite(low), _finite(high)],
        "inside": low <= value <= high,
    }
    if not math.isfinite(value):
        return result | {"text": "not finite"}
    if is_rounding_level(accept) and abs(value) <= ROUNDING_LEVEL:
        if low <= value <= high:
            return result | {"below": high, "text": f"below {number(high)}"}
        return result | {"above": high, "text": f"above {number(high)}"}
    if value > DIVERGED and high < DIVERGED:
        return result | {"above": DIVERGED, "text": f"above {number(DIVERGED)}"}
    shown = rounded(value, accept)
    result |= {"value": shown, "text": number(shown)}
    if measured.interval:
        ends = (rounded(measured.interval[0], accept), rounded(measured.interval[1], accept))
        result["interval"] = [_finite(end) for end in ends]
        result["text"] = f"{number(shown)} ({interval(ends)})"
    return result


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
