"""How sure a rate is."""

from __future__ import annotations

from enum import StrEnum


class RateStatus(StrEnum):
    """What a reading could settle; the reason beside it says what stood in the way.

    Args:
        RESOLVED: Both ends hold, and the interval is narrow next to 1 - factor.
        BRACKETED: Both ends hold, and the interval is wide.
        LOWER_BOUND_ONLY: The run is at least this slow; slower modes cannot be excluded.
        CANNOT_TELL: The run is not what the reading assumes, or too short: no number is given.
    """

    RESOLVED = "resolved"
    BRACKETED = "bracketed"
    LOWER_BOUND_ONLY = "lower bound only"
    CANNOT_TELL = "cannot tell"
