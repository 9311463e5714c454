"""The rule that turns measurements into a verdict: a pure function, open to inspection."""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import Enum, StrEnum, auto

from rootkappa.ledger._written import is_rounding_level
from rootkappa.ledger.claims import Interval
from rootkappa.ledger.measurements import Binomial, Measured, Spread

# An equality is tight if it was accepted to this relative tolerance or better,
EXACT = 1e-6
# a bound if the measurement comes within this factor of its limit.
ATTAINED = 1.1
# What must happen "in nearly every draw" happens in this share of them.
NEARLY_ALL = 0.95

Quantity = Measured | Spread


class Verdict(StrEnum):
    """What came of a claim."""

    TIGHT = "tight"
    HOLDS = "holds"
    BEYOND = "holds beyond its hypotheses"
    OUTSIDE = "fails outside its hypotheses"
    CONTRADICTED = "contradicted"
    UNSETTLED = "unsettled"

    @property
    def slug(self) -> str:
        """A word for style sheets: tight, holds, beyond, outside, contradicted or unsettled."""
        return self.name.lower()


class Standing(Enum):
    """Where a measurement stands: all that is known of it inside, all outside, or some of each."""

    INSIDE = auto()
    OUTSIDE = auto()
    ACROSS = auto()


def inside(value: float, accept: Interval) -> bool:
    """Say whether a number lies in its accepted interval; NaN never does.

    Args:
        value: The number.
        accept: The interval, both ends included.

    Returns:
        Whether it lies inside.
    """
    return accept[0] <= value <= accept[1]


def standing(measured: Measured, accept: Interval) -> Standing:
    """Say where a measurement stands.

    Args:
        measured: The measurement; without an interval it counts as exact.
        accept: The accepted interval.

    Returns:
        Whether its interval lies inside the accepted one, outside, or across one of its ends.
    """
    low, high = measured.interval or (measured.value, measured.value)
    if inside(low, accept) and inside(high, accept):
        return Standing.INSIDE
    overlaps = low <= accept[1] and high >= accept[0]
    return Standing.ACROSS if overlaps else Standing.OUTSIDE


def tolerance(accept: Interval) -> float:
    """Return the relative tolerance of an accepted interval.

    Args:
        accept: The interval.

    Returns:
        Its farther end where it holds 0, for an error whose prediction is 0; else its half width
        over its middle.
    """
    low, high = accept
    if low <= 0 <= high:
        return max(-low, high)
    return (high - low) / abs(high + low) if math.isfinite(high - low) else math.inf


def room(measured: Quantity, accept: Interval) -> float:
    """Return by what factor a measurement keeps away from the nearer of its limits.

    Args:
        measured: The measurement; of a spread, the median counts.
        accept: The accepted interval.

    Returns:
        A factor of at least 1; infinite where there is no limit on the measurement's side of 0.
        The ends 0 and 1 of a share are no limits: nothing can pass them.
    """
    value = measured.value
    limits = [end for end in accept if math.isfinite(end) and end not in measured.natural]
    factors = [max(end / value, value / end) for end in limits if end * value > 0]
    return min(factors, default=math.inf)


def slack(measured: Mapping[str, Quantity], accept: Mapping[str, Interval]) -> float | None:
    """Return how far a bound is from being attained.

    Args:
        measured: The measurements.
        accept: The accepted intervals.

    Returns:
        The smallest `room` of all one-sided quantities, or of the two-sided ones where there is no
        other (they are predictions rather than bounds); None where nothing comes near a limit.
        Rounding error has no slack.
    """
    factors: dict[bool, list[float]] = {True: [], False: []}
    for name, (low, high) in accept.items():
        if not is_rounding_level((low, high)):
            factors[low <= 0 or math.isinf(high)].append(room(measured[name], (low, high)))
    least = min(factors[True] or factors[False], default=math.inf)
    return least if math.isfinite(least) else None


def decide(
    kind: str,
    accept: Mapping[str, Interval],
    measured: Mapping[str, Quantity],
    *,
    hypotheses: bool,
    draws: Measured | None = None,
    share: Interval = (0.0, 1.0),
    attained: Mapping[str, Quantity] | None = None,
) -> Verdict:
    """Return the verdict on a claim.

    Args:
        kind: equality, bound, scaling or observation.
        accept: The accepted interval of each quantity.
        measured: The measurement of each quantity: once, or its spread over the draws.
        hypotheses: Whether the claim's hypotheses are met.
        draws: The share of draws in which every quantity measured on them lies inside.
        share: The accepted interval of that share.
        attained: The quantities of a bound once more, where it is not trivial.

    Returns:
        The verdict. With all that is known inside: "holds", or "holds beyond its hypotheses" when
        these are not met; "tight" if besides an equality was accepted to a relative 1e-6 or better,
        or a bound comes within a tenth of its nearer limit. With anything wholly outside:
        "contradicted", or "fails outside its hypotheses". With anything across a limit and nothing
        wholly outside: "unsettled".
    """
    standings = {
        standing(quantity, accept[name])
        for name, quantity in measured.items()
        if isinstance(quantity, Measured)
    }
    if draws is not None:
        standings.add(standing(draws, share))
    if Standing.OUTSIDE in standings:
        return Verdict.CONTRADICTED if hypotheses else Verdict.OUTSIDE
    if Standing.ACROSS in standings:
        return Verdict.UNSETTLED
    if not hypotheses:
        return Verdict.BEYOND
    return (
        Verdict.TIGHT if _tight(kind, accept, {**measured, **(attained or {})}) else Verdict.HOLDS
    )


def control_fails(
    measured: Mapping[str, Quantity], accept: Mapping[str, Interval], draws: Binomial | None
) -> bool:
    """Say whether a control fails.

    Args:
        measured: What was measured in it.
        accept: The claim's accepted intervals.
        draws: Where it was measured draw by draw, those in which the check held.

    Returns:
        Whether it fails in at least 95 % of the draws, or a quantity measured once lies outside.
    """
    if draws is not None and draws.failures.successes >= NEARLY_ALL * draws.trials:
        return True
    single = {name: value for name, value in measured.items() if isinstance(value, Measured)}
    return not all(inside(value.value, accept[name]) for name, value in single.items())


def _tight(kind: str, accept: Mapping[str, Interval], measured: Mapping[str, Quantity]) -> bool:
    if kind == "equality":
        return all(tolerance(ends) <= EXACT for ends in accept.values())
    margin = slack(measured, accept) if kind == "bound" else None
    return margin is not None and margin < ATTAINED
