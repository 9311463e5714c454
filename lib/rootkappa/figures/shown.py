"""Finished figures: drawn, closed, and never without alt text."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from rootkappa import _checks
from rootkappa.figures._labels import separate
from rootkappa.figures.style import DPI

_SHORTEST_ALT = 20


@dataclass(frozen=True)
class Shown:
    """A finished figure, as the last expression of a cell shows it.

    Args:
        png: The image.
        alt: What it shows, in words.
        size: Width and height on the page, in CSS pixels.
        across: How many panels stand beside each other.
        data: Numbers for the figure that moves in its place on a page, or nothing.
    """

    MIME = "application/vnd.rootkappa.figure+json"

    png: bytes
    alt: str
    size: tuple[int, int]
    across: int = 1
    data: Mapping[str, Any] | None = None

    def __repr__(self) -> str:
        panels = f", {self.across} panels across" if self.across > 1 else ""
        return f"Figure{panels}: {self.alt}"

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> tuple[dict[str, Any], dict[str, dict[str, int]]]:
        """Give a notebook the image and its alt text, and the data if there are any.

        Args:
            include: Ignored: both always go together.
            exclude: Ignored too.

        Returns:
            Contents by media type, and the size on the page.
        """
        width, height = self.size
        content: dict[str, Any] = {
            "image/png": base64.b64encode(self.png).decode(),
            "text/plain": repr(self),
        }
        if self.data is not None:
            content[self.MIME] = dict(self.data)
        return content, {"image/png": {"width": width, "height": height}}


def show(fig: Figure, alt: str, data: Mapping[str, Any] | None = None) -> Shown:
    """Finish a figure: draw it, move its labels apart, close it, and give it its alt text.

    Args:
        fig: The figure.
        alt: What it shows, in a sentence or two: the axes, and what a reader should see. Numbers
            in it must be rounded, since the text is compared when the chapter is tested.
        data: What a figure that moves reads on the page, as JSON holds it. Its numbers must be
            rounded too.

    Returns:
        The finished figure; make it the last expression of its cell.

    Raises:
        TypeError: If the alt text is no text.
        ValueError: If the alt text says too little.
    """
    _checks.instance("fig", fig, Figure, "plt.subplots()[0]")
    if not isinstance(alt, str):
        raise TypeError(f"alt text is {alt!r}: say in words what the figure shows.")
    text = " ".join(alt.split())
    if len(text) < _SHORTEST_ALT:
        raise ValueError(
            f"alt text of {len(text)} characters, {text!r}, tells a reader who cannot see the "
            "figure too little: say what the axes are and what one should notice."
        )
    separate(fig)
    buffer = io.BytesIO()
    # Software would name matplotlib's version, and change the file with it.
    fig.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    width, height = fig.get_size_inches()
    specs = [spec for ax in fig.axes if (spec := ax.get_subplotspec())]
    across = max((spec.get_gridspec().ncols for spec in specs), default=1)
    plt.close(fig)
    size = (round(width * DPI / 2), round(height * DPI / 2))
    return Shown(buffer.getvalue(), text, size, across, data)
