"""Direct labels: each name stands right of its line, and none on another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from rootkappa.figures.drawing import check_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.text import Annotation
    from numpy.typing import NDArray

_GID = "rootkappa-label"
_GAP = 6.0  # points between the axes and a name


def label(ax: Axes, **kwargs: Any) -> None:
    """Write the names of all labelled lines at the right edge, in their colours: no legend.

    Each stands where its line ends; `show` moves those apart that would lie on each other.

    Args:
        ax: The axes; each line or points drawn with a `label` are named, each name once.
        **kwargs: Anything else that `Axes.annotate` takes, such as `fontsize`.

    Raises:
        ValueError: If nothing is labelled.
    """
    check_axes(ax)
    named = {str(line.get_label()): line for line in reversed(ax.lines)}
    drawn = {name: line for name, line in named.items() if not name.startswith("_")}
    if not drawn:
        raise ValueError("no line has a label: draw with label='its name' first.")
    for text in [text for text in ax.texts if text.get_gid() == _GID]:
        text.remove()
    for name, line in drawn.items():
        look = {"color": line.get_color(), "va": "center", "gid": _GID} | kwargs
        ax.annotate(
            name,
            (1, _end(line)),
            xycoords=("axes fraction", "data"),
            xytext=(_GAP, 0),
            textcoords="offset points",
            annotation_clip=False,
            **look,
        )


def separate(fig: Figure) -> None:
    """Move a figure's labels apart, as little as possible.

    Args:
        fig: The figure, with all that it will show.
    """
    labelled = [ax for ax in fig.axes if any(text.get_gid() == _GID for text in ax.texts)]
    if labelled:
        fig.draw_without_rendering()  # only now are sizes known
    for ax in labelled:
        texts = [cast("Annotation", text) for text in ax.texts if text.get_gid() == _GID]
        heights = [text.get_window_extent().height for text in texts]
        wanted = np.array([ax.transData.transform((1, text.xy[1]))[1] for text in texts])
        low, high = ax.bbox.y0, ax.bbox.y1
        placed = _apart(np.clip(wanted, low, high), max(heights), low, high)
        for text, move in zip(texts, (placed - wanted) * 72 / fig.dpi, strict=True):
            text.set_position((_GAP, float(move)))


def _apart(wanted: NDArray[Any], gap: float, low: float, high: float) -> NDArray[Any]:
    # Least squares under the order: isotonic regression, once the gaps are taken out.
    from scipy.optimize import isotonic_regression

    order, gaps = np.argsort(wanted, kind="stable"), gap * np.arange(len(wanted))
    fitted = isotonic_regression(wanted[order] - gaps).x
    placed = np.empty_like(wanted)
    placed[order] = np.clip(fitted, low, max(low, high - gaps[-1])) + gaps
    return placed


def _end(line: Line2D) -> float:
    ordinates = np.asarray(line.get_ydata(), dtype=float)
    drawn = ordinates[np.isfinite(ordinates)]
    if len(drawn) == 0:
        raise ValueError(f"{line.get_label()!r} has no finite point to stand beside: draw some.")
    return float(drawn[-1])
