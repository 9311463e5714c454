"""Widths from 10^4 to 10^7, by the frozen-live reduction: what is measured, stored and read.

`make evidence` measures the table again, in some ten minutes on one core. It does not move with the
draws of the library: it is what it was when it was measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, cast

import numpy as np
import torch

from rootkappa import dynamics, kernels
from rootkappa.architectures import TwoLayerReLU
from rootkappa.evidence.own_network.population import Population, read
from rootkappa.evidence.two_layer_relu.networks import METHODS, inputs, network
from rootkappa.problems import Spectrum
from rootkappa.reductions import CountedNeurons
from rootkappa.reductions.frozen_live.state import State
from rootkappa.training import train_wide
from rootkappa.training.lifted import Lifted
from rootkappa.training.run import Run
from rootkappa.training.wide import Work

STEPS = 128
# How many draws there are of each width.
DRAWS = {10**4: 20, 10**5: 20, 10**6: 20, 10**7: 5}
KEYS = ("seed", "width", "method")
WHAT = ("trajectory", "movement", "flips", "ratio", "field")
_HOME = files("rootkappa.evidence") / "data" / "great_widths.json"


def record(seed: int, width: int) -> list[dict[str, Any]]:
    """Train a draw at one width by three methods from the same start, by the reduction alone.

    Args:
        seed: The seed of the draw.
        width: m.

    Returns:
        A row a method: `WHAT` as in `widths.sweep`, with moves read at the last step; `audit`, the
        distance of the outputs of the lifted weights from those of the run, over the residual at
        the start; and the counts of what was done.
    """
    model = network(seed, width)
    spectrum = Spectrum.of(kernels.relu_limit(inputs(seed).X))
    methods = [tuning(spectrum) for tuning in METHODS.values()]
    neurons = CountedNeurons([seed] * len(methods))
    run = train_wide(model, methods, neurons, STEPS, keep_residuals=True, hand_over=False)
    return [
        {"seed": seed, "width": width, "method": name} | _seen(model, own, work)
        for name, own, work in zip(METHODS, run.runs, run.work, strict=True)
    ]


def column(name: str, method: str, widths: Sequence[int] = tuple(DRAWS)) -> np.ndarray:
    """Give a quantity of the stored table, for the draws that all of some widths have.

    Args:
        name: The quantity.
        method: The method.
        widths: The widths.

    Returns:
        Shape (draws, widths).
    """
    table = stored()
    seeds = range(min(DRAWS[width] for width in widths))
    kept = table.where((table["method"] == method) & (table["seed"] < len(seeds)))
    rows = [kept.where(kept["width"] == width) for width in widths]
    return np.stack([row[name][np.argsort(row["seed"])] for row in rows], axis=1)


@cache
def stored() -> Population:
    """Read the table that comes with the library.

    Returns:
        A record a draw, width and method.
    """
    return read(_HOME.read_text(encoding="utf-8"))


def _seen(model: TwoLayerReLU, run: Run, work: Work) -> dict[str, float]:
    xi, state, counts = run.residuals, cast(Lifted, run.weights).state, work.counts
    if xi is None or state is None or counts is None:
        raise ValueError("the run was not reduced: train with hand_over=False.")
    xi, kernel = xi[0], torch.from_numpy(state.first)
    linear = dynamics.frozen_residuals(run.methods[0], kernel, xi[0], STEPS)
    solved = torch.linalg.solve(kernel, xi[0])
    length = float((xi[0] @ solved).sqrt())
    farthest, outputs = _passed(state)
    return {
        "trajectory": float((xi - linear).norm(dim=1).max() / xi[0].norm()),
        "movement": farthest,
        "flips": state.flipped_share(),
        "ratio": state.distance() / length,
        "field": state.distance(-solved[:, None].numpy()) / length,
        "audit": float((outputs - model.Y[0] - xi[-1]).norm() / xi[0].norm()),
        "ever": len(state.flips),
        "expected": work.forecast.pairs,
        "warm": counts.warm,
        "hot": counts.hot / (STEPS + 1),
        "passes": counts.passes,
        "refreshes": counts.refreshes,
    }


def _passed(state: State) -> tuple[float, torch.Tensor]:
    # One pass over the neurons: the largest move, and the outputs of the lifted weights.
    farthest, outputs = 0.0, np.zeros(len(state.q))
    for block, moves in state.moves():
        farthest = max(farthest, float(np.linalg.norm(moves, axis=1).max()))
        hidden = np.maximum((block.W + moves) @ state.bounds.X, 0.0)
        outputs += state.scale * block.a[:, 0] @ hidden
    return farthest, torch.from_numpy(outputs)
