"""The one bisection."""

from __future__ import annotations

from collections.abc import Callable, Sequence


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


def last_true_step(
    holds: Callable[[list[int]], Sequence[bool]], farthest: int, at_once: int = 1
) -> int:
    """Find the last whole number at which a statement holds, doubling first.

    Args:
        holds: Says of some ascending numbers whether it does: true at 0, and false from some
            number on.
        farthest: Where to stop looking.
        at_once: Of how many numbers to ask together, where many cost hardly more than one.

    Returns:
        The number; `farthest` if it still holds there.

    Example:
        >>> last_true_step(lambda steps: [t * t < 50 for t in steps], 100)
        7
    """
    low, high, first = 0, farthest + 1, 1
    while first < high == farthest + 1:
        low, high = _narrowed(holds, low, high, [first << place for place in range(at_once)])
        first <<= at_once
    parts = range(1, at_once + 1)
    while high - low > 1:
        points = [low + (high - low) * part // (at_once + 1) for part in parts]
        low, high = _narrowed(holds, low, high, sorted(set(points)))
    return low


def _narrowed(
    holds: Callable[[list[int]], Sequence[bool]], low: int, high: int, points: list[int]
) -> tuple[int, int]:
    # The bracket between the last of the points that holds and the first that does not.
    inside = [point for point in points if low < point < high]
    kept = sum(holds(inside))
    return [low, *inside][kept], [*inside, high][kept]
