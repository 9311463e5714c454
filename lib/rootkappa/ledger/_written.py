"""How measured numbers are written, so that a page survives another processor."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from rootkappa.ledger.claims import Interval
from rootkappa.ledger.measurements import Measured, real

# A quantity accepted from 0 to a limit this small is rounding error: its digits differ between
# machines, so only the limit it stays below is ever written.
ROUNDING_LEVEL = 1e-7
# Past this, a quantity that left its interval has diverged, and its digits mean nothing.
DIVERGED = 1e6


def is_rounding_level(accept: Interval) -> bool:
    """Say whether a quantity is rounding error, of which only the limit is written.

    Args:
        accept: Its accepted interval.

    Returns:
        Whether the interval reaches from 0 to at most 1e-7.
    """
    return accept[0] == 0 and accept[1] <= ROUNDING_LEVEL


def rounded(value: float, accept: Interval | None = None) -> float:
    """Round to three significant digits, or to more beside an accepted interval.

    Args:
        value: The number.
        accept: The interval it is compared with.

    Returns:
        The rounded number; it lies on the same side of the interval's ends as the number does.

    Example:
        >>> rounded(0.98765), rounded(2.1159183, (2.11585, 2.11595)), rounded(1.0004, (0, 1))
        (0.988, 2.11592, 1.0004)
    """
    if value == 0 or not math.isfinite(value):
        return value
    digits = 2 - math.floor(math.log10(abs(value)))
    low, high = accept or (-math.inf, math.inf)
    width = high - low
    # Far from the interval nothing is gained by telling digits apart.
    if 0 < width < math.inf and low - width <= value <= high + width:
        digits = max(digits, 1 - math.floor(math.log10(width)))
    while (low <= round(value, digits) <= high) != (low <= value <= high):
        digits += 1
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


def describe(measured: Measured, accept: Interval) -> dict[str, Any]:
    """Describe a measurement as a record stores and shows it.

    Args:
        measured: The measurement.
        accept: The interval it is compared with.

    Returns:
        A JSON object with `text`, `accept`, `inside` and, where digits may be written, `value`
        and `interval`; `below` or `above` where only a limit may be.
    """
    low, high = accept
    entry = {"accept": [_finite(low), _finite(high)], "inside": low <= measured.value <= high}
    entry |= _digits(measured, accept)
    return entry | {"text": words(entry)}


def words(entry: Mapping[str, Any]) -> str:
    """Write a stored measurement.

    Args:
        entry: What `describe` stores, apart from its text.

    Returns:
        The number with its interval, or the limit it stays below or above.
    """
    for side in ("below", "above"):
        if side in entry:
            return f"{side} {number(entry[side])}"
    if "value" not in entry:
        return "not finite"
    text = number(entry["value"])
    return f"{text} ({interval(ends(entry['interval']))})" if "interval" in entry else text


def read_back(entry: Mapping[str, Any]) -> Measured:
    """Read a stored measurement.

    Args:
        entry: What `describe` stores.

    Returns:
        The measurement as it is written: describing it again gives the same entry.
    """
    if "below" in entry:
        return Measured(entry["below"])
    if "above" in entry:
        return Measured(math.nextafter(real(entry["above"]), math.inf))
    if "value" not in entry:
        return Measured(math.inf if entry["inside"] else math.nan)
    return Measured(entry["value"], ends(entry["interval"]) if "interval" in entry else None)


def ends(stored: Sequence[float | None]) -> Interval:
    """Read a stored interval.

    Args:
        stored: Its two ends, None where it has none.

    Returns:
        The interval, infinite where it has no end.
    """
    low, high = stored
    return (-math.inf if low is None else low, math.inf if high is None else high)


def _digits(measured: Measured, accept: Interval) -> dict[str, Any]:
    value, (low, high) = measured.value, accept
    if not math.isfinite(value):
        return {}
    if is_rounding_level(accept) and abs(value) <= ROUNDING_LEVEL:
        return {"below" if low <= value <= high else "above": high}
    if value > DIVERGED and high < DIVERGED:
        return {"above": DIVERGED}
    digits: dict[str, Any] = {"value": rounded(value, accept)}
    if measured.interval:
        # Beside a narrow accepted interval the number has more digits than its ends may have.
        low = min(digits["value"], rounded(measured.interval[0], accept))
        high = max(digits["value"], rounded(measured.interval[1], accept))
        digits["interval"] = [_finite(low), _finite(high)]
    return digits


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
