"""Objects: of a class, from a list of words, mappings, and what can be called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from rootkappa._checks.messages import shown

T = TypeVar("T")


def instance(name: str, value: Any, kind: type[T], example: str) -> T:
    """Return an object of a class.

    Args:
        name: What it is, for the message.
        value: The object.
        kind: Its class.
        example: How to make one.

    Returns:
        The object.

    Raises:
        TypeError: If it is of another class.

    Example:
        >>> instance("limit", 0.5, float, "0.5")
        0.5
    """
    if not isinstance(value, kind):
        article = "an" if kind.__name__[0] in "AEIOU" else "a"
        raise TypeError(
            f"{name} must be {article} {kind.__name__}, got {shown(value)}: give {example}."
        )
    return value


def choice(name: str, value: Any, options: Iterable[str]) -> str:
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
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"unknown {name} {shown(value)}: choose one of {', '.join(allowed)}.")
    return str(value)


def mapping(name: str, value: Any, example: str) -> Mapping[str, Any]:
    """Return a mapping from names to what they name.

    Args:
        name: What it is, for the message.
        value: The mapping.
        example: How to make one.

    Returns:
        The mapping.

    Raises:
        TypeError: If it is none.

    Example:
        >>> mapping("measured", {"Nesterov": [1.0]}, "a dict")
        {'Nesterov': [1.0]}
    """
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} must be a mapping, got {shown(value)}: give {example}.")
    return value


def function(name: str, value: Any, example: str) -> Callable[..., Any]:
    """Return what can be called; a class can, but it is no function of numbers.

    Args:
        name: What it is, for the message.
        value: The function.
        example: How to write one.

    Returns:
        The function.

    Raises:
        TypeError: If it cannot be called, or is a class.

    Example:
        >>> function("gradient", abs, "lambda w: w") is abs
        True
    """
    if not callable(value) or isinstance(value, type):
        raise TypeError(f"{name} must be a function, got {shown(value)}: give {example}.")
    found: Callable[..., Any] = value
    return found
