"""Checks at the library's boundary: each raises one sentence with the value and the remedy."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch


def positive(name: str, value: float) -> float:
    """Return a finite number above zero.

    Args:
        name: What the number is, for the message.
        value: The number.

    Returns:
        The number as a float.

    Raises:
        ValueError: If it is zero, negative, infinite or NaN.
    """
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"{name} must be a finite number above 0, got {value}: choose one.")
    return float(value)


def fraction(name: str, value: float) -> float:
    """Return a number in [0, 1).

    Args:
        name: What the number is, for the message.
        value: The number.

    Returns:
        The number as a float.

    Raises:
        ValueError: If it lies outside [0, 1) or is NaN.
    """
    if not 0 <= value < 1:
        raise ValueError(
            f"{name} must lie in [0, 1), got {value}: use 0 for none and less than 1 to converge."
        )
    return float(value)


def count(name: str, value: int, least: int = 1) -> int:
    """Return a whole number of at least `least`.

    Args:
        name: What is counted, for the message.
        value: The number.
        least: The smallest value allowed.

    Returns:
        The number as an int.

    Raises:
        ValueError: If it is too small.
        TypeError: If it is not a whole number.
    """
    if isinstance(value, bool) or int(value) != value:
        raise TypeError(f"{name} must be a whole number, got {value!r}: round it.")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}: raise it.")
    return int(value)


def choice(name: str, value: str, options: Iterable[str]) -> str:
    """Return a word from a list.

    Args:
        name: What is chosen, for the message.
        value: The word.
        options: The words allowed.

    Returns:
        The word.

    Raises:
        ValueError: If it is not in the list.
    """
    allowed = sorted(options)
    if value not in allowed:
        raise ValueError(f"unknown {name} {value!r}: choose one of {', '.join(allowed)}.")
    return value


def floating(name: str, tensor: torch.Tensor) -> torch.Tensor:
    """Return a tensor of real floating-point numbers without NaN or infinity.

    Args:
        name: What the tensor is, for the message.
        tensor: The tensor, of any shape.

    Returns:
        The same tensor.

    Raises:
        TypeError: If its dtype is not a real floating-point one.
        ValueError: If it holds NaN or infinity.
    """
    if not tensor.dtype.is_floating_point:
        raise TypeError(
            f"{name} must hold floating-point numbers, got {tensor.dtype}: "
            f"convert it with {name}.double()."
        )
    bad = int((~torch.isfinite(tensor)).sum())
    if bad:
        raise ValueError(
            f"{name} holds {bad} NaN or infinite entries: clean or drop those columns first."
        )
    return tensor


def data(X: torch.Tensor, Y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return inputs and labels that belong together.

    Args:
        X: Inputs, shape (d, n).
        Y: Labels, shape (k, n).

    Returns:
        The same pair.

    Raises:
        TypeError: If a dtype is not floating point, or the two dtypes differ.
        ValueError: If a shape is not two-dimensional, the numbers of samples differ, or an
            entry is not finite.
    """
    for name, tensor in (("X", X), ("Y", Y)):
        floating(name, tensor)
        if tensor.ndim != 2 or 0 in tensor.shape:
            raise ValueError(
                f"{name} must be a non-empty matrix with one column a sample, got shape "
                f"{tuple(tensor.shape)}: reshape it to (features, n)."
            )
    if X.shape[1] != Y.shape[1]:
        raise ValueError(
            f"X has n = {X.shape[1]} samples and Y has n = {Y.shape[1]}: "
            "give both one column a sample."
        )
    if X.dtype != Y.dtype or X.device != Y.device:
        raise TypeError(
            f"X is {X.dtype} on {X.device} and Y is {Y.dtype} on {Y.device}: "
            "bring both to one dtype and device with .to()."
        )
    return X, Y
