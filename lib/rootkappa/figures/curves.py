"""The two figures that recur: a law over decades, and a decay over steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from rootkappa import _checks
from rootkappa.figures import drawing
from rootkappa.figures._labels import label
from rootkappa.figures.style import Look, looks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

Curve = Callable[[Any], Any]

_TICKS = 8  # so many abscissae can each have a tick of their own,
_DECADES = 2.5  # over so many decades


def scaling(
    ax: Axes,
    x: ArrayLike,
    measured: Mapping[str, ArrayLike],
    theory: Mapping[str, float | Curve | ArrayLike] | None = None,
    *,
    labels: bool = True,
) -> None:
    """Draw laws over decades: measured points, theory as lines, and names beside them.

    Args:
        ax: The axes; both become logarithmic.
        x: What is varied, such as condition numbers or widths, shape (n,), above 0.
        measured: What was measured, by name: shape (n,), or (R, n) of R draws. Methods have
            their own looks.
        theory: Laws by name. A number is an exponent, whose line goes through the last point
            measured under that name; a function is called with a fine grid; or the values, (n,).
        labels: Whether to write the names at the right edge.

    Raises:
        TypeError: If an entry holds no numbers.
        ValueError: If x is not positive, a shape does not fit, or an exponent has no points.
    """
    drawing.check_axes(ax)
    _checks.mapping("measured", measured, "a dict of points by name")
    at = drawing.numbers("x", x)
    if at.ndim != 1 or not np.all(at > 0):
        raise ValueError(f"x must be positive numbers of shape (n,), got {x!r}: give those.")
    laws = _laws(theory)
    ax.set(xscale="log", yscale="log")
    for name, look in looks([*measured, *laws]).items():
        if name in laws:
            line = _law(name, laws[name], at, measured.get(name))
            _draw_law(ax, line, look, name not in measured, laws[name])
        if name in measured:
            drawing.measured(ax, at, measured[name], look, label=_name(look, laws.get(name)))
    if len(at) <= _TICKS and at.max() / at.min() <= 10**_DECADES:
        ax.set_xticks(at, [f"{value:g}" for value in at])
        ax.set_xticks([], minor=True)
    if labels:
        label(ax)


def decay(
    ax: Axes,
    measured: Mapping[str, ArrayLike],
    theory: Mapping[str, Curve | ArrayLike] | None = None,
    *,
    floor: float = 0.0,
    points: int = 40,
    labels: bool = True,
) -> None:
    """Draw losses or residuals over the steps: measured points, envelopes as lines, names.

    Args:
        ax: The axes; the ordinate becomes logarithmic.
        measured: Curves by name: shape (T + 1,), or (R, T + 1) of R draws, which stand behind
            their median as thin lines. Methods have their own looks.
        theory: What is predicted, by name: values at the steps 0, 1, ..., or a function of them.
        floor: Where rounding begins; from there on nothing is drawn.
        points: About how many points a curve has.
        labels: Whether to write the names at the right edge.

    Raises:
        TypeError: If an entry holds no numbers.
        ValueError: If a shape does not fit, or there are no points to draw.
    """
    drawing.check_axes(ax)
    _checks.mapping("measured", measured, "a dict of curves by name")
    points, floor = _checks.count("points", points), _checks.number("floor", floor)
    laws = _laws(theory)
    ax.set_yscale("log")
    curves = {name: np.atleast_1d(drawing.numbers(name, y)) for name, y in measured.items()}
    longest = max((values.shape[-1] for values in curves.values()), default=0)
    for name, look in looks([*curves, *laws]).items():
        if name in laws:
            line = _steps(name, laws[name], longest)
            text = "_" if name in curves else look.label
            drawing.theory(ax, line[0], _above(line[1], floor), look, label=text)
        if name in curves:
            _draw_decay(ax, curves[name], look, floor, points)
    if not ax.get_xlabel():
        ax.set_xlabel("step $t$")
    if labels:
        label(ax)


def _laws(theory: Any) -> Mapping[str, Any]:
    if theory is None:
        return {}
    return _checks.mapping("theory", theory, "a dict of laws by name")


def _law(
    name: str, law: float | Curve | ArrayLike, at: NDArray[Any], found: ArrayLike | None
) -> tuple[NDArray[Any], NDArray[Any]]:
    if callable(law):
        fine = np.geomspace(at.min(), at.max(), 60)
        return fine, drawing.numbers(name, law(fine))
    if not _is_exponent(law):
        return drawing.points(at, law)
    middle = np.full(1, np.nan) if found is None else drawing.median(drawing.points(at, found)[1])
    known = np.flatnonzero(np.isfinite(middle))
    if len(known) == 0:
        raise ValueError(
            f"the exponent of {name!r} has no points to go through: measure it, or give a function."
        )
    last = known[-1]
    ends = np.array([at.min(), at.max()])
    return ends, middle[last] * (ends / at[last]) ** float(np.asarray(law))


def _draw_law(
    ax: Axes, line: tuple[NDArray[Any], NDArray[Any]], look: Look, alone: bool, law: Any
) -> None:
    drawing.theory(ax, *line, look, label=_name(look, law) if alone else "_", linewidth=1.2)


def _draw_decay(ax: Axes, curve: NDArray[Any], look: Look, floor: float, points: int) -> None:
    steps, draws = drawing.points(np.arange(curve.shape[-1]), curve)
    every = max(1, len(steps) // points)
    if draws.ndim == 2:
        thin: dict[str, Any] = {"linestyle": "-", "linewidth": 0.6, "alpha": 0.35}
        ax.plot(steps, _above(draws, floor).T, color=look.color, **thin)
    middle = _above(drawing.median(draws), floor)
    drawing.measured(ax, steps[::every], middle[::every], look, label=look.label, markersize=4)


def _steps(name: str, law: Curve | ArrayLike, longest: int) -> tuple[NDArray[Any], NDArray[Any]]:
    steps = np.arange(longest)
    values = np.atleast_1d(drawing.numbers(name, law(steps) if callable(law) else law))
    return drawing.points(np.arange(values.shape[-1]), values)


def _above(values: NDArray[Any], floor: float) -> NDArray[Any]:
    return np.where(values > floor, values, np.nan)


def _name(look: Look, law: Any) -> str:
    if not _is_exponent(law):
        return look.label
    exponent = float(np.asarray(law))
    near = Fraction(exponent).limit_denominator(12)
    shown = str(near) if abs(near - exponent) < 1e-9 else f"{exponent:.3g}"
    return f"{look.label}, slope {shown.replace('-', '−')}"


def _is_exponent(law: Any) -> bool:
    return law is not None and not callable(law) and np.ndim(law) == 0
