"""The two ways to draw: a line for what theory says, points for what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rootkappa import _checks
from rootkappa.figures.style import Look, method_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from numpy.typing import ArrayLike, NDArray

# Single draws stand behind their median.
_PALE: dict[str, Any] = {
    "linestyle": "",
    "marker": ".",
    "alpha": 0.35,
    "markersize": 4,
    "zorder": 1.5,
}


def theory(
    ax: Axes, x: ArrayLike, y: ArrayLike, method: str | Look | None = None, **kwargs: Any
) -> Line2D:
    """Draw what theory says, as a line.

    Args:
        ax: The axes.
        x: Abscissae, shape (n,).
        y: Ordinates, shape (n,).
        method: The method whose colour and dashes to use; by default the next of the cycle.
        **kwargs: Anything else that `Axes.plot` takes; a `label` is what `label` writes.

    Returns:
        The line.

    Raises:
        TypeError: If x or y holds no numbers.
        ValueError: If their shapes do not fit, or the method is unknown.
    """
    check_axes(ax)
    at, values = points(x, y)
    if values.ndim != 1:
        raise ValueError(f"theory got y of shape {values.shape}: draw one line at a time.")
    if method is not None:
        look = _look(method)
        kwargs = {"color": look.color, "linestyle": look.linestyle} | kwargs
    (line,) = ax.plot(at, values, **({"marker": ""} | kwargs))
    return line


def measured(
    ax: Axes, x: ArrayLike, y: ArrayLike, method: str | Look | None = None, **kwargs: Any
) -> Line2D:
    """Draw what was measured, as points: of several draws, each as a pale dot, and their median.

    Args:
        ax: The axes.
        x: Abscissae, shape (n,).
        y: Ordinates, shape (n,), or (R, n) of R draws; NaN and infinity are left out.
        method: The method whose colour and marker to use; by default the next of the cycle.
        **kwargs: Anything else that `Axes.plot` takes; a `label` is what `label` writes.

    Returns:
        The points, or the medians.

    Raises:
        TypeError: If x or y holds no numbers.
        ValueError: If their shapes do not fit, or the method is unknown.
    """
    check_axes(ax)
    at, draws = points(x, y)
    style: dict[str, Any] = {"linestyle": "", "marker": "o", "markerfacecolor": "none"}
    if method is not None:
        look = _look(method)
        style |= {"color": look.color, "marker": look.marker}
    (medians,) = ax.plot(at, median(draws), **(style | kwargs))
    if draws.ndim == 2:
        everywhere = np.broadcast_to(at, draws.shape)
        ax.plot(everywhere.ravel(), draws.ravel(), **_PALE, color=medians.get_color())
    return medians


def check_axes(ax: Any) -> None:
    """Refuse what nothing can be drawn on.

    Args:
        ax: The axes.
    """
    from matplotlib.axes import Axes

    _checks.instance("ax", ax, Axes, "plt.subplots()[1]")


def points(x: ArrayLike, y: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return abscissae and ordinates that belong together.

    Args:
        x: Abscissae, shape (n,).
        y: Ordinates, shape (n,) or (R, n).

    Returns:
        Both as arrays.

    Raises:
        ValueError: If the shapes do not fit.
    """
    at, values = numbers("x", x), numbers("y", y)
    if at.ndim != 1 or values.ndim not in (1, 2) or values.shape[-1] != len(at):
        raise ValueError(
            f"x has shape {at.shape} and y {values.shape}: "
            "give (n,) and (n,), or (R, n) of R draws."
        )
    return at, values


def numbers(name: str, values: Any) -> NDArray[Any]:
    """Return numbers of any library as an array.

    Args:
        name: What they are, for the message.
        values: An array, a tensor, a list or a range.

    Returns:
        The array.

    Raises:
        TypeError: If they are no numbers.
    """
    try:
        found = np.asarray(values.detach().cpu() if hasattr(values, "detach") else values)
        if found.dtype.kind in "iuf":
            return found.astype(float)
    except (TypeError, ValueError, RuntimeError, NotImplementedError):
        pass
    text = repr(values)
    shown = text if len(text) <= 60 else f"{text[:57]}..."
    raise TypeError(f"{name} must hold numbers, got {shown}: give an array or a list of them.")


def median(draws: NDArray[Any]) -> NDArray[Any]:
    """Return the median of the finite draws at each place.

    Args:
        draws: Shape (n,), of one draw, or (R, n).

    Returns:
        Shape (n,); NaN where no draw is finite.
    """
    found = np.ma.masked_invalid(np.atleast_2d(draws))
    # NumPy types no masked arrays.
    middle: Any = np.ma.median(found, axis=0)  # type: ignore[no-untyped-call]
    return np.asarray(np.ma.filled(middle.astype(float), np.nan))


def _look(method: str | Look) -> Look:
    return method if isinstance(method, Look) else method_style(method)
