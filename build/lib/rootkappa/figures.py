"""The house style: theory is a line, measurement is points, and every figure has alt text.

Colours differ in lightness as well as in hue, so that they survive greyscale and colour blindness,
and line styles repeat what colours say. The background is transparent and the ink black: the
book's style sheet inverts lightness on dark pages and leaves hues as they are.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler

from rootkappa import _checks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from numpy.typing import ArrayLike

DPI = 200
_SHORTEST_ALT = 20


@dataclass(frozen=True)
class MethodStyle:
    """How one method looks in every figure.

    Args:
        label: Its name in words.
        color: Its colour, as a hexadecimal triple.
        marker: Its marker, where it is measured.
        linestyle: Its dashes, where it is theory.
    """

    label: str
    color: str
    marker: str
    linestyle: Any


METHODS = {
    "gradient descent": MethodStyle("gradient descent", "#12306B", "o", "-"),
    "heavy ball": MethodStyle("heavy ball", "#B5440A", "s", (0, (5, 1.5))),
    "nesterov": MethodStyle("Nesterov", "#12A07B", "^", (0, (1.5, 1.2))),
}
PALETTE = (*(style.color for style in METHODS.values()), "#8E4A9E", "#777777", "#000000")
_DASHES = ("-", (0, (5, 1.5)), (0, (1.5, 1.2)), (0, (6, 1.5, 1.5, 1.5)), (0, (8, 2)), "-")


def use_style() -> None:
    """Set matplotlib to the house style, for the whole session."""
    plt.rcParams.update(mpl.rcParamsDefault | {"backend": mpl.get_backend()})
    plt.rcParams.update(
        {
            "figure.figsize": (6.4, 3.8),
            "figure.dpi": DPI,
            "figure.facecolor": "none",
            "figure.constrained_layout.use": True,
            "savefig.facecolor": "none",
            "savefig.dpi": DPI,
            "axes.facecolor": "none",
            "axes.prop_cycle": cycler(color=PALETTE) + cycler(linestyle=_DASHES),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlesize": "medium",
            "axes.titlelocation": "left",
            "font.size": 10.0,
            "font.family": "DejaVu Sans",  # comes with matplotlib, so pages match across machines
            "lines.linewidth": 1.6,
            "lines.markersize": 5.0,
            "legend.frameon": False,
            "grid.color": "#000000",
            "grid.alpha": 0.15,
        }
    )


def method_style(name: str) -> MethodStyle:
    """Return the look of a method, the same in every chapter.

    Args:
        name: "gradient descent", "heavy ball" or "nesterov"; case, hyphens and underscores do
            not matter.

    Returns:
        Its style.

    Example:
        >>> method_style("heavy_ball").marker
        's'
    """
    key = name.strip().lower().replace("_", " ").replace("-", " ")
    return METHODS[_checks.choice("method", key, METHODS)]


def theory(
    ax: Axes, x: ArrayLike, y: ArrayLike, method: str | None = None, **kwargs: Any
) -> Line2D:
    """Draw what theory says, as a line.

    Args:
        ax: The axes.
        x: Abscissae, shape (n,).
        y: Ordinates, shape (n,).
        method: The method whose colour and dashes to use; by default the next of the cycle.
        **kwargs: Anything else that `Axes.plot` takes.

    Returns:
        The line.
    """
    if method is not None:
        style = method_style(method)
        kwargs = {"color": style.color, "linestyle": style.linestyle} | kwargs
    (line,) = ax.plot(x, y, **({"marker": ""} | kwargs))
    return line


def measured(
    ax: Axes, x: ArrayLike, y: ArrayLike, method: str | None = None, **kwargs: Any
) -> Line2D:
    """Draw what was measured, as points.

    Args:
        ax: The axes.
        x: Abscissae, shape (n,).
        y: Ordinates, shape (n,).
        method: The method whose colour and marker to use; by default the next of the cycle.
        **kwargs: Anything else that `Axes.plot` takes.

    Returns:
        The points.
    """
    look: dict[str, Any] = {"linestyle": "", "marker": "o", "markerfacecolor": "none"}
    if method is not None:
        style = method_style(method)
        look |= {"color": style.color, "marker": style.marker}
    (points,) = ax.plot(x, y, **(look | kwargs))
    return points


def label_line(line: Line2D, text: str, x: float | None = None, **kwargs: Any) -> None:
    """Write a line's name beside it, in its colour, in place of a legend.

    Args:
        line: The line, or points.
        text: Its name.
        x: Where along the line to write; by default at its right end.
        **kwargs: Anything else that `Axes.annotate` takes.

    Raises:
        ValueError: If the line was not drawn.
    """
    axes = cast("Axes | None", line.axes)
    if axes is None:
        raise ValueError("label_line got a line that is in no axes: draw it first.")
    abscissae = np.asarray(line.get_xdata(), dtype=float)
    ordinates = np.asarray(line.get_ydata(), dtype=float)
    drawn = np.flatnonzero(np.isfinite(abscissae) & np.isfinite(ordinates))
    at = drawn[-1] if x is None else drawn[np.argmin(np.abs(abscissae[drawn] - x))]
    look = {"color": line.get_color(), "va": "center" if x is None else "bottom"} | kwargs
    axes.annotate(
        text,
        (abscissae[at], ordinates[at]),
        xytext=(6, 0) if x is None else (0, 4),
        textcoords="offset points",
        annotation_clip=False,
        **look,
    )


def slope_guide(
    ax: Axes, x: tuple[float, float], y: float, slope: float, text: str | None = None
) -> None:
    """Draw a small triangle that shows a slope on logarithmic axes.

    Args:
        ax: The axes, both logarithmic.
        x: Where the triangle starts and ends, both above 0.
        y: Its height where it starts, above 0.
        slope: The exponent it shows.
        text: What to write beside it; by default "slope" and the exponent.

    Raises:
        ValueError: If the axes are not both logarithmic, or `x` does not increase.
    """
    if ax.get_xscale() != "log" or ax.get_yscale() != "log":
        raise ValueError(
            f"slope_guide needs logarithmic axes, got {ax.get_xscale()} and {ax.get_yscale()}: "
            "call ax.loglog() first."
        )
    start, end = _checks.positive("x", x[0]), _checks.positive("x", x[1])
    if start >= end:
        raise ValueError(f"slope_guide got x = {x}: give the smaller end first.")
    top = _checks.positive("y", y) * (end / start) ** slope
    ax.plot([start, end, end, start], [y, top, y, y], color="#777777", linewidth=1, linestyle="-")
    ax.annotate(
        f"slope {slope:g}" if text is None else text,
        (end, float(np.sqrt(y * top))),
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        color="#555555",
        fontsize="small",
    )


@dataclass(frozen=True)
class Shown:
    """A finished figure, as the last expression of a cell shows it.

    Args:
        png: The image.
        alt: What it shows, in words.
        size: Width and height on the page, in CSS pixels.
        across: How many panels stand beside each other.
    """

    png: bytes
    alt: str
    size: tuple[int, int]
    across: int = 1

    def __repr__(self) -> str:
        panels = f", {self.across} panels across" if self.across > 1 else ""
        return f"Figure{panels}: {self.alt}"

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> tuple[dict[str, str], dict[str, dict[str, int]]]:
        """Give a notebook the image and its alt text.

        Args:
            include: Ignored: both always go together.
            exclude: Ignored too.

        Returns:
            Contents by media type, and the size on the page.
        """
        width, height = self.size
        content = {"image/png": base64.b64encode(self.png).decode(), "text/plain": repr(self)}
        return content, {"image/png": {"width": width, "height": height}}


def show(fig: Figure, alt: str) -> Shown:
    """Finish a figure: draw it, close it, and give it its alt text.

    Args:
        fig: The figure.
        alt: What it shows, in a sentence or two: the axes, and what a reader should see. Numbers
            in it must be rounded, since the text is compared when the chapter is tested.

    Returns:
        The finished figure; make it the last expression of its cell.

    Raises:
        ValueError: If the alt text says too little.
    """
    text = " ".join(alt.split())
    if len(text) < _SHORTEST_ALT:
        raise ValueError(
            f"alt text of {len(text)} characters, {text!r}, tells a reader who cannot see the "
            "figure too little: say what the axes are and what one should notice."
        )
    buffer = io.BytesIO()
    # Software would name matplotlib's version, and change the file with it.
    fig.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    width, height = fig.get_size_inches()
    specs = [spec for ax in fig.axes if (spec := ax.get_subplotspec())]
    across = max((spec.get_gridspec().ncols for spec in specs), default=1)
    plt.close(fig)
    size = (round(width * DPI / 2), round(height * DPI / 2))
    return Shown(buffer.getvalue(), text, size, across)
