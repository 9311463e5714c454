"""The rule that turns measurements into a verdict: a pure function, open to inspection."""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import StrEnum

from rootkappa.ledger._written import is_rounding_level
from rootkappa.ledger.claims import Interval
from rootkappa.ledger.measurements import Measured

# A bound whose limit lies less than this factor above the measurement is tight.
TIGHT = 1.1


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


def inside(value: float, accept: Interval) -> bool:
    """Say whether a number lies in its accepted interval; NaN never does.

    Args:
        value: The number.
        accept: The interval, both ends included.

    Returns:
        Whether it lies inside.
    """
    return accept[0] <= value <= accept[1]


def coarse(measured: Measured, accept: Interval) -> bool:
    """Say whether a measurement is too coarse to decide.

    Args:
        measured: The measurement.
        accept: The accepted interval.

    Returns:
        Whether its interval is wider than the accepted one and overlaps it: then it decides
        nothing. One that lies wholly outside decides, however wide it is.
    """
    if measured.interval is None or math.isnan(measured.value):
        return False
    low, high = measured.interval
    return high - low > accept[1] - accept[0] and high >= accept[0] and low <= accept[1]


def slack(measured: Mapping[str, Measured], accept: Mapping[str, Interval]) -> float | None:
    """Return how far a bound is from being attained.

    Args:
        measured: The measurements.
        accept: The accepted intervals.

    Returns:
        The smallest ratio limit / measured over the upper limits, those of one-sided quantities
        when there are any (a two-sided one is a prediction, not a bound); None when no measured
        quantity above 0 has an upper limit. Rounding error has no slack.
    """
    ratios: dict[bool, list[float]] = {True: [], False: []}
    for name, (low, high) in accept.items():
        value = measured[name].value
        if math.isfinite(high) and value > 0 and not is_rounding_level((low, high)):
            ratios[low <= 0].append(high / value)
    return min(ratios[True] or ratios[False], default=None)


def decide(
    kind: str,
    accept: Mapping[str, Interval],
    measured: Mapping[str, Measured],
    *,
    hypotheses: bool,
) -> Verdict:
    """Return the verdict on a claim.

    Args:
        kind: equality, bound, scaling or observation.
        accept: The accepted interval of each quantity.
        measured: The measurement of each quantity.
        hypotheses: Whether the claim's hypotheses are met.

    Returns:
        The verdict: with every quantity inside, "tight" for an equality or a bound with slack
        below 1.1, "holds" otherwise, and "holds beyond its hypotheses" when these are not met;
        with one outside, "contradicted", or "fails outside its hypotheses"; "unsettled" when
        none is decidedly outside and one is known less precisely than predicted.
    """
    too_coarse = {name for name in accept if coarse(measured[name], accept[name])}
    decided = [name for name in accept if name not in too_coarse]
    if not all(inside(measured[name].value, accept[name]) for name in decided):
        return Verdict.CONTRADICTED if hypotheses else Verdict.OUTSIDE
    if too_coarse:
        return Verdict.UNSETTLED
    if not hypotheses:
        return Verdict.BEYOND
    if kind == "equality":
        return Verdict.TIGHT
    margin = slack(measured, accept) if kind == "bound" else None
    return Verdict.TIGHT if margin is not None and margin < TIGHT else Verdict.HOLDS
