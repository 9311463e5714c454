"""What a diagnosis says in plain words, and the thresholds behind it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from rootkappa.diagnosis.forecast import Forecast
from rootkappa.diagnosis.laziness import Laziness

# Thresholds of 36 pilot networks, then measured on 77 others with three seeds each (the chapter on
# any network): below them the runs took their forecast to a quarter in 102 of 114 for heavy ball,
# 100 of 114 for Nesterov, 71 of 76 for gradient descent; above, in 37 of 106, 17 of 105, 29 of 92.
# They are no guarantee: the misses stand on a few networks with all of their seeds.
MOMENTUM_DRIFT = 0.25
DESCENT_DRIFT = 0.06
# Up to this growth of lambda_max, with a headroom of 2, 1 of 447 runs diverged there, and none of
# 84 on the pilots.
SAFE_TOP = 2.0
# Above this one no fixed step size is of use from start to end.
SILENT_TOP = 1000.0


class Standing(StrEnum):
    """How far the frozen kernel can be trusted."""

    SPEAKS = "theory speaks"
    INDICATES = "theory indicates"
    SILENT = "theory is silent"


def standing(lazy: Laziness) -> Standing:
    """Say how far the forecasts can be trusted.

    Args:
        lazy: How far the kernel moves.

    Returns:
        The standing.
    """
    if lazy.moved < MOMENTUM_DRIFT:
        return Standing.SPEAKS
    return Standing.INDICATES if lazy.top <= SAFE_TOP else Standing.SILENT


def gain(forecasts: Mapping[str, Forecast]) -> float | None:
    """Give by what factor momentum is forecast to save steps, which the real gain seldom exceeds.

    Args:
        forecasts: By method.

    Returns:
        Steps of gradient descent over those of the better method with momentum; None if either
        never arrives.
    """
    slow = forecasts["gradient descent"].steps
    fast = [found.steps for name, found in forecasts.items() if name != "gradient descent"]
    told = [count for count in fast if count]
    return slow / min(told) if slow and told else None


def verdict(forecasts: Mapping[str, Forecast], lazy: Laziness) -> str:
    """Say in a sentence or two what the theory says.

    Args:
        forecasts: By method.
        lazy: How far the kernel moves.

    Returns:
        Plain words.
    """
    ratio = gain(forecasts)
    saved = "an unknown factor" if ratio is None else f"a factor of {ratio:.2g}"
    moved = f"{100 * lazy.moved:.0f} %"
    found = standing(lazy)
    if found == Standing.SPEAKS:
        descent = "" if lazy.drift < DESCENT_DRIFT else ", fewer for gradient descent"
        return (
            f"Theory speaks: the kernel moves by {moved} at most. Expect about the forecast steps"
            f"{descent}; momentum saves about {saved}, seldom more."
        )
    if found == Standing.INDICATES:
        return (
            f"Theory indicates: the kernel moves by {moved}, but lambda_max does not outgrow the "
            f"step size. Momentum saves {saved} or less, and most networks of this kind are faster "
            "than forecast."
        )
    growth = f"lambda_max would grow by a factor of {lazy.top:.2g}"
    remedy = "train for some 50 careful steps and diagnose again, or scale the output up"
    if lazy.top > SILENT_TOP:
        remedy = f"take a far smaller step size; {remedy}"
    return f"Theory is silent: {growth}, and the kernel moves by {moved}. {remedy.capitalize()}."
