"""The one bisection."""

from __future__ import annotations

from collections.abc import Callable


def last_true(holds: Callable[[float], bool], low: float, high: float, rounds: int = 60) -> float:
    """Find where a statement stops holding, to the last of `rounds` halvings.

    Args:
        holds: True at `low`, false at `high`, with one change between them.
        low: Where it holds.
        high: Where it does not.
        rounds: How often to halve the bracket.

    Returns:
        The largest point tried at which it holds.

    Example:
        >>> round(last_true(lambda x: x * x < 2, 0.0, 2.0), 12)
        1.414213562373
    """
    for _ in range(rounds):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def last_true_step(holds: Callable[[int], bool], farthest: int) -> int:
    """Find the last whole number at which a statement holds, doubling first.

    Args:
        holds: True at 0, and false from some number on.
        farthest: Where to stop looking.

    Returns:
        The number; `farthest` if it still holds there.

    Example:
        >>> last_true_step(lambda t: t * t < 50, 100)
        7
    """
    low, high = 0, 1
    while high <= farthest and holds(high):
        low, high = high, 2 * high
    high = min(high, farthest + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
