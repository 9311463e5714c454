"""One palette: a method's colour, marker and line are the same in every figure.

Colours differ in lightness as well as in hue, so that they survive greyscale and colour blindness,
and line styles and markers repeat what colours say. All can be read as text, with a contrast of at
least 4.5 on light pages and on dark ones. The background is transparent and the ink black: the
book's style sheet inverts lightness on dark pages and leaves hues as they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from cycler import cycler

DPI = 200


@dataclass(frozen=True)
class Look:
    """How one method, or anything else that is compared, looks in a figure.

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
    "gradient descent": Look("gradient descent", "#12306B", "o", "-"),
    "heavy ball": Look("heavy ball", "#9A3706", "s", (0, (5, 1.5))),
    "nesterov": Look("Nesterov", "#0C8061", "^", (0, (1.5, 1.2))),
}
# What is no method, such as depths or data sets, never has a method's colour.
OTHERS = (
    ("#7B3F8C", "D", "-"),
    ("#806000", "v", (0, (6, 1.5, 1.5, 1.5))),
    ("#B0306A", "X", (0, (3, 1))),
    ("#1F6F9A", "P", (0, (8, 2))),
    ("#6B6B6B", "<", (0, (1, 1))),
    ("#000000", ">", "-"),
)


def use_style() -> None:
    """Set matplotlib to the house style, for the whole session.

    The colours "C0" to "C5" are those of whatever is no method.
    """
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
            "axes.prop_cycle": cycler(color=[color for color, _, _ in OTHERS])
            + cycler(linestyle=[dashes for _, _, dashes in OTHERS]),
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


def method_style(name: str) -> Look:
    """Return the look of a method, the same in every chapter.

    Args:
        name: "gradient descent", "heavy ball" or "Nesterov"; case, hyphens and underscores do
            not matter.

    Returns:
        Its label, color, marker and linestyle.

    Raises:
        ValueError: If there is no such method.

    Example:
        >>> method_style("heavy_ball").marker
        's'
    """
    key = _key(name)
    if key not in METHODS:
        known = ", ".join(look.label for look in METHODS.values())
        raise ValueError(f"unknown method {name!r}: choose one of {known}.")
    return METHODS[key]


def looks(names: Iterable[str]) -> dict[str, Look]:
    """Return how each of several things looks.

    Args:
        names: Methods, which have their own looks, and others, which have the next free ones.

    Returns:
        Looks by name.
    """
    free = cycle(OTHERS)
    return {
        name: METHODS[_key(name)] if _key(name) in METHODS else Look(name, *next(free))
        for name in dict.fromkeys(names)
    }


def _key(name: Any) -> str:
    return str(name).strip().lower().replace("_", " ").replace("-", " ")
