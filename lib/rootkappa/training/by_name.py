"""Calling the functions of a grid with what their parameters are named after."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from typing import Any

Function = Callable[..., Any]


def parameters(function: Function) -> dict[str, bool]:
    """List the named parameters of a function.

    Args:
        function: Any callable.

    Returns:
        Names, and whether each must be given.

    Raises:
        TypeError: If Python knows no parameters of it, as of int.

    Example:
        >>> parameters(lambda width, depth=3: None)
        {'width': True, 'depth': False}
    """
    try:
        listed = inspect.signature(function).parameters.values()
    except ValueError as error:
        raise TypeError(f"{function!r} names no parameters: give a function that does.") from error
    named = [p for p in listed if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    return {p.name: p.default is p.empty for p in named}


def chosen(
    role: str,
    function: Function,
    axes: Collection[str],
    others: Collection[str],
    lone: str | None = None,
) -> dict[str, str]:
    """Decide what each parameter of a function is given.

    A parameter named after an axis gets its value. One that must be given may also be named after
    one of the other offers; the only one of another name gets the offer `lone`.

    Args:
        role: What the function is, for the message.
        function: The function.
        axes: The names of the axes.
        others: What else is offered.
        lone: Which of these a parameter of any name gets.

    Returns:
        Parameter -> offer.

    Raises:
        TypeError: If a parameter that must be given is named after nothing.

    Example:
        >>> chosen("tuning", lambda s, factor: None, ["factor"], ["spectrum"], "spectrum")
        {'factor': 'factor', 's': 'spectrum'}
    """
    needed = parameters(function)
    found = {
        name: name for name, must in needed.items() if name in axes or (must and name in others)
    }
    left = [name for name, must in needed.items() if must and name not in found]
    if len(left) == 1 and lone is not None and lone not in found.values():
        found[left[0]] = lone
    elif left:
        offered = ", ".join([*axes, *others])
        raise TypeError(
            f"{role} has the parameter {left[0]!r}, which is named after nothing here: "
            f"rename it to one of {offered}, give an axis of its name, or a default."
        )
    return found


def call(function: Function, found: Mapping[str, str], offer: Callable[[str], Any]) -> Any:
    """Call a function with what was chosen.

    Args:
        function: The function.
        found: Parameter -> offer.
        offer: Makes an offer.

    Returns:
        What the function returns.
    """
    return function(**{parameter: offer(name) for parameter, name in found.items()})
