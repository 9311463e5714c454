"""A diagnosis as a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import torch

from rootkappa import figures
from rootkappa.figures import method_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from rootkappa.diagnosis.diagnosis import Diagnosis

_POINTS = 200
_LONGEST = 100_000


def draw(found: Diagnosis) -> Figure:
    """Draw the spectrum with the labels' shares, and the forecasts.

    Args:
        found: The diagnosis.

    Returns:
        The figure.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    _spectrum(left, found)
    _forecasts(right, found)
    return fig


def _spectrum(ax: Axes, found: Diagnosis) -> None:
    seen = found.spectrum
    values = seen.values / seen.lambda_max
    ax.vlines(values, 1e-12, seen.shares.clamp(min=1e-12), color="C0", linewidth=0.8)
    figures.measured(ax, values, seen.shares.clamp(min=1e-12), color="C0")
    least = 1 / seen.effective_kappa(found.tolerance)
    ax.axvline(least, color="C1", linewidth=1)
    ax.set(
        xscale="log",
        yscale="log",
        ylim=(1e-12, 3),
        xlabel=r"$\lambda/\lambda_{\max}$",
        ylabel="share of the residual",
    )
    ax.set_title(f"left of the line: not needed for {found.tolerance:g}", fontsize="medium")


def _forecasts(ax: Axes, found: Diagnosis) -> None:
    counts = [forecast.steps for forecast in found.forecasts.values() if forecast.steps]
    last = min(max(counts, default=100), _LONGEST)
    for name, forecast in found.forecasts.items():
        curve = found.curve(name, min(last, 2 * (forecast.steps or last)))
        at = torch.unique(torch.linspace(0, len(curve) - 1, _POINTS).round().long())
        figures.theory(ax, at, curve[at], name, label=method_style(name).label)
    ax.axhline(found.tolerance, color="#777777", linewidth=0.9, linestyle=":")
    ax.set(yscale="log", xlabel="step", ylabel="loss / loss at the start")
    figures.label(ax)
