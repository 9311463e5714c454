"""How measured numbers are written, so that a page survives another processor."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from rootkappa.ledger.claims import Interval
from rootkappa.ledger.measurements import Binomial, Measured, Spread, real

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


def describe(measured: Measured | Spread, accept: Interval) -> dict[str, Any]:
    """Describe a measurement as a record stores and shows it.

    Args:
        measured: The measurement.
        accept: The interval it is compared with.

    Returns:
        A JSON object with `text`, `accept`, `inside` (of draws, how many) and, where digits may be
        written, `value` and `interval`, or `least` and `largest`; `below` or `above` where only a
        limit may be; `counts` of a share; `draws` of a spread.
    """
    entry: dict[str, Any] = {"accept": [_finite(end) for end in accept]}
    if isinstance(measured, Spread):
        entry |= {"inside": measured.inside, "draws": measured.draws}
    else:
        entry["inside"] = accept[0] <= measured.value <= accept[1]
    if isinstance(measured, Measured) and measured.counts is not None:
        entry["counts"] = [measured.counts.successes, measured.counts.trials]
    entry |= _digits(measured, accept)
    return entry | {"text": words(entry)}


def words(entry: Mapping[str, Any]) -> str:
    """Write a stored measurement.

    Args:
        entry: What `describe` stores, apart from its text.

    Returns:
        The number with its interval or spread, or the limit it stays below or above.
    """
    text = _number_of(entry)
    if "interval" in entry:
        text += f" ({interval(ends(entry['interval']))})"
    if "largest" in entry:
        text += f" ({interval(ends([entry['least'], entry['largest']]))})"
    if "counts" in entry:
        successes, trials = entry["counts"]
        text += f", {successes} of {trials}"
    if "draws" in entry:
        text += f", inside in {entry['inside']} of {entry['draws']} draws"
    return text


def _number_of(entry: Mapping[str, Any]) -> str:
    for side in ("below", "above"):
        if side in entry:
            return f"{side} {number(entry[side])}"
    return number(entry["value"]) if "value" in entry else "not finite"


def read_back(entry: Mapping[str, Any]) -> Measured | Spread:
    """Read a stored measurement.

    Args:
        entry: What `describe` stores.

    Returns:
        The measurement as it is written: describing it again gives the same entry.
    """
    if "counts" in entry:
        return Binomial(*entry["counts"]).share
    value = _value_of(entry)
    if "draws" not in entry:
        return Measured(value, ends(entry["interval"]) if "interval" in entry else None)
    least, largest = (
        ends([entry["least"], entry["largest"]]) if "largest" in entry else (value,) * 2
    )
    told = Binomial(entry["inside"], entry["draws"])
    return Spread(told.trials, told.successes, value, real(least), real(largest))


def _value_of(entry: Mapping[str, Any]) -> float:
    if "below" in entry:
        return real(entry["below"])
    if "above" in entry:
        return math.nextafter(real(entry["above"]), math.inf)
    if "value" in entry:
        return real(entry["value"])
    diverged = "draws" in entry or bool(entry["inside"])
    return math.inf if diverged else math.nan


def ends(stored: Sequence[float | None]) -> Interval:
    """Read a stored interval.

    Args:
        stored: Its two ends, None where it has none.

    Returns:
        The interval, infinite where it has no end.
    """
    low, high = stored
    return (-math.inf if low is None else low, math.inf if high is None else high)


def _digits(measured: Measured | Spread, accept: Interval) -> dict[str, Any]:
    value, (low, high) = measured.value, accept
    if not math.isfinite(value):
        return {}
    if is_rounding_level(accept) and abs(value) <= ROUNDING_LEVEL:
        return {"below" if low <= value <= high else "above": high}
    if value > DIVERGED and high < DIVERGED:
        return {"above": DIVERGED}
    shown = rounded(value, accept)
    if isinstance(measured, Spread):
        around = {"least": measured.least, "largest": measured.largest}
        return {"value": shown} | {k: _finite(rounded(end, accept)) for k, end in around.items()}
    if measured.interval is None:
        return {"value": shown}
    # Beside a narrow accepted interval the number has more digits than its ends may have.
    ends = (min(shown, rounded(measured.interval[0], accept)),
            max(shown, rounded(measured.interval[1], accept)))  # fmt: skip
    return {"value": shown, "interval": [_finite(end) for end in ends]}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
