"""One number: real, in a range, whole, or a seed."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np
import torch

from rootkappa._checks.messages import shown
from rootkappa._checks.tensors import dense

# Beyond it floats skip whole numbers, and no run is that long.
LARGEST_COUNT = 2**53
_SEEDS = 2**63


def number(name: str, value: Any) -> float:
    """Return a finite real number.

    Args:
        name: What the number is, for the message.
        value: A number, NumPy scalar or tensor with one entry.

    Returns:
        The number as a float.

    Raises:
        TypeError: If it is not a real number, such as a string, None or a boolean.
        ValueError: If it is infinite or NaN.
    """
    found = _real(name, value)
    if not math.isfinite(found):
        raise ValueError(f"{name} must be a finite number, got {found}: choose one.")
    return found


def positive(name: str, value: Any) -> float:
    """Return a finite number above zero.

    Args:
        name: What the number is, for the message.
        value: The number.

    Returns:
        The number as a float.

    Raises:
        ValueError: If it is zero, negative, infinite or NaN.
    """
    found = _real(name, value)
    if not (math.isfinite(found) and found > 0):
        raise ValueError(f"{name} must be a finite number above 0, got {found:.12g}: choose one.")
    return found


def at_least(name: str, value: Any, least: float, remedy: str = "raise it") -> float:
    """Return a finite number of at least `least`.

    Args:
        name: What the number is, for the message.
        value: The number.
        least: The smallest value allowed.
        remedy: What to do about a smaller one.

    Returns:
        The number as a float.

    Raises:
        ValueError: If it is smaller, infinite or NaN.
    """
    found = _real(name, value)
    if not least <= found < math.inf:
        raise ValueError(
            f"{name} must be finite and at least {least:g}, got {found:.12g}: {remedy}."
        )
    return found


def within(name: str, value: Any, low: float, high: float, remedy: str = "choose one") -> float:
    """Return a number strictly between two others.

    Args:
        name: What the number is, for the message.
        value: The number.
        low: The lower end, excluded.
        high: The upper end, excluded.
        remedy: What to do about another one.

    Returns:
        The number as a float.

    Raises:
        ValueError: If it lies outside or is NaN.
    """
    found = _real(name, value)
    if not low < found < high:
        raise ValueError(
            f"{name} must lie strictly between {low:g} and {high:g}, got {found:g}: {remedy}."
        )
    return found


def fraction(
    name: str, value: Any, remedy: str = "use 0 for none and less than 1 to converge"
) -> float:
    """Return a number in [0, 1).

    Args:
        name: What the number is, for the message.
        value: The number.
        remedy: What to do about another one.

    Returns:
        The number as a float.

    Raises:
        ValueError: If it lies outside [0, 1) or is NaN.
    """
    found = _real(name, value)
    if not 0 <= found < 1:
        raise ValueError(f"{name} must lie in [0, 1), got {found}: {remedy}.")
    return found


def leak(value: Any) -> float:
    """Return the slope of a leaky ReLU below zero.

    Args:
        value: A number in [0, 1).

    Returns:
        The slope as a float.

    Raises:
        ValueError: If it lies outside [0, 1) or is NaN.
    """
    return fraction("leak", value, "use 0 for a ReLU and less than 1 for a kink")


def count(name: str, value: Any, least: int = 1) -> int:
    """Return a whole number of at least `least`.

    Args:
        name: What is counted, for the message.
        value: The number; 1e3 counts as whole.
        least: The smallest value allowed.

    Returns:
        The number as an int.

    Raises:
        ValueError: If it is too small, or beyond 2^53.
        TypeError: If it is not a whole number.
    """
    found = _whole(name, value)
    if found < least:
        raise ValueError(f"{name} must be at least {least}, got {value}: raise it.")
    if found > LARGEST_COUNT:
        raise ValueError(f"{name} must be at most 2^53, got {shown(value)}: lower it.")
    return found


def seed(value: Any) -> int:
    """Return a seed.

    Args:
        value: A whole number in [0, 2^63).

    Returns:
        The seed as an int.

    Raises:
        TypeError: If it is not whole.
        ValueError: If it is out of range.
    """
    found = _whole("seed", value)
    if not 0 <= found < _SEEDS:
        raise ValueError(
            f"seed must lie in [0, 2^63), got {value}: derive one with devices.seed(...)."
        )
    return found


def _real(name: str, value: Any) -> float:
    value = _scalar(name, value)
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number, got {shown(value)}: give one.")
    try:
        return float(value)
    except OverflowError:  # an int of over 308 digits
        return -math.inf if value < 0 else math.inf


def _whole(name: str, value: Any) -> int:
    value = _scalar(name, value)
    real = isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_)
    whole = real and (isinstance(value, numbers.Integral) or float(value).is_integer())
    if not whole:
        remedy = "round it" if real else "give one"
        raise TypeError(f"{name} must be a whole number, got {shown(value)}: {remedy}.")
    return int(value)


def _scalar(name: str, value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        value = dense(name, value)
    single = isinstance(value, torch.Tensor | np.ndarray) and value.ndim == 0
    return value.item() if single else value
