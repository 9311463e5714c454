"""Runs beside the recursion with the kernel of the start: remainder, gap, drift, reduction."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from rootkappa import rates
from rootkappa.architectures import DeepLinear, Weights
from rootkappa.dynamics import frozen_residuals
from rootkappa.evidence.deep_linear.networks import (
    FILLS,
    METHODS,
    Networks,
    OwnLabels,
    drawn,
    inputs,
    labels,
    mean,
    own,
    relabelled,
    residuals,
)
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.problems import Spectrum
from rootkappa.reductions import reduce
from rootkappa.residuals import residual_path
from rootkappa.training import Trajectory, grid

WIDTHS: tuple[int, ...] = (128, 256, 512, 1024, 10**4, 10**6, 10**8)
KAPPA = 25.0
STEPS = 80
# The exponents are read from this width on, and that of heavy ball's bend up to it.
_LARGE = 1024
_REDUCED = (2, 3, 4, 8)


@measures("deep-linear/residual-recursion")
def residual_recursion(seeds: Sequence[int], steps: int = 10) -> Evidence:
    """Compare the next residual with the recursion and its closed remainder, at width 24.

    Args:
        seeds: The seeds of the draws.
        steps: How many steps.

    Returns:
        The evidence.
    """
    X = inputs(9.0)
    network = OwnLabels(X, labels(X, seeds), 24, 4)
    start = network.initialise(seeds)
    widest = _widest(network, start)
    tuned = {name: tuning(widest) for name, tuning in METHODS.items()}
    paths = {name: residual_path(network, method, start, steps) for name, method in tuned.items()}

    def gaps(name: str, method: str) -> torch.Tensor:
        apart = paths[name].predicted(tuned[method]) - paths[name].residuals[:, 1:]
        size = paths[name].residuals[:, 1:].flatten(1).norm(dim=1)
        relative: torch.Tensor = apart.flatten(1).norm(dim=1) / size
        return relative

    path = paths["nesterov"]
    share = path.remainders[:, 1].norm(dim=1) / path.residuals[:, 1].norm(dim=1)
    return Evidence(
        {"gap": torch.stack([gaps(name, name) for name in METHODS]).amax(0)},
        Control(
            r"$\gamma=0$ in the matrix of a Nesterov run", {"gap": gaps("nesterov", "heavy_ball")}
        ),
        shown={"remainder": share},
    )


def _widest(network: DeepLinear, start: Weights) -> Spectrum:
    spectra = network.spectra(start)
    ends = [(one.lambda_min, one.lambda_max) for one in spectra]
    return Spectrum(min(low for low, _ in ends), max(high for _, high in ends))


def widths_run(seeds: Sequence[int]) -> Trajectory:
    """Train networks of all widths for 80 steps.

    Args:
        seeds: One a network.

    Returns:
        The runs, with axes fill, width, method and seed.
    """

    def problem(fill: str, width: int, seeds: Sequence[int]) -> Networks:
        return drawn(fill, seeds, KAPPA, width)

    runs = grid(problem, fill=FILLS, width=WIDTHS, method=METHODS, seed=seeds)
    return runs.train(STEPS, keep_residuals=True)


def _loud(seeds: Sequence[int]) -> Trajectory:
    # Labels that grow like the root of the width, so that weights move as far at any width.
    def problem(width: int, seeds: Sequence[int]) -> Networks:
        network, weights = drawn("orthogonal", seeds, KAPPA, width)
        return relabelled(network, math.sqrt(width / WIDTHS[0]) * network.labels), weights

    two = {name: METHODS[name] for name in ("gradient_descent", "nesterov")}
    return grid(problem, width=WIDTHS, method=two, seed=seeds).train(STEPS, keep_residuals=True)


def gap(run: Trajectory) -> torch.Tensor:
    """Give the largest distance of each replica from the recursion with its own H_0.

    Args:
        run: Runs of one model.

    Returns:
        Distances relative to the start, shape (R,).
    """
    starts = zip(
        run.methods, run.model.tangent_kernel(run.start), residuals(run)[:, 0], strict=True
    )
    frozen = torch.stack([frozen_residuals(*start, STEPS) for start in starts])
    apart: torch.Tensor = (residuals(run) - frozen).norm(dim=2).amax(1)
    return apart / run.residual_norms[:, 0]


def departures(run: Trajectory) -> dict[str, torch.Tensor]:
    """Give how far runs depart from their start, at every width.

    Args:
        run: Runs of one initialisation and method.

    Returns:
        The gap to the frozen recursion, and the relative movement of kernel and weights: a row a
        width, a column a seed.
    """
    each = list(run.by("width").values())
    ends = [one.snapshot() for one in each]
    return {
        "gap": torch.stack([gap(one) for one in each]),
        "kernel": torch.stack([end.kernel_drift() for end in ends]),
        "weights": torch.stack([end.distance_from_start() for end in ends]),
    }


def exponents(values: torch.Tensor, widths: slice = slice(3, None)) -> list[float]:
    """Give the exponent in the width, for each draw by itself.

    Args:
        values: A row a width, a column a seed.
        widths: Which widths; those from 1024 on by default.

    Returns:
        One a draw.
    """
    x = list(WIDTHS[widths])
    return [rates.scaling_exponent(x, one).value for one in values[widths].T]


@measures("deep-linear/linearisation-gap")
def linearisation_gap(seeds: Sequence[int], runs: Trajectory | None = None) -> Evidence:
    """Fit how the distance from the frozen recursion falls with the width.

    Args:
        seeds: The seeds of the draws.
        runs: Those of `widths_run`, if there are some already.

    Returns:
        The evidence.
    """
    seen = {
        (fill, name): departures(one)["gap"]
        for fill, both in (runs or widths_run(seeds)).by("fill").items()
        for name, one in both.by("method").items()
    }
    measured = {f"{fill}_{name}": exponents(found) for (fill, name), found in seen.items()}
    early = exponents(seen["gaussian", "heavy_ball"], slice(4))
    bend = mean(torch.tensor(early, dtype=torch.float64))
    control = {
        f"orthogonal_{name}": exponents(departures(one)["gap"])
        for name, one in _loud(seeds).by("method").items()
    }
    return Evidence(
        measured | {"heavy_ball_to_1024": bend}, Control(_LOUD, control), shown={"gaps": seen}
    )


@measures("deep-linear/kernel-drift")
def kernel_drift(seeds: Sequence[int], runs: Trajectory | None = None) -> Evidence:
    """Fit how the movement of kernel and weights falls with the width.

    Args:
        seeds: The seeds of the draws.
        runs: Those of `widths_run`, if there are some already.

    Returns:
        The evidence.
    """

    def moves(of_fill: Trajectory) -> dict[str, dict[str, torch.Tensor]]:
        return {str(name): departures(one) for name, one in of_fill.by("method").items()}

    def fitted(seen: dict[str, dict[str, torch.Tensor]]) -> dict[str, list[float]]:
        return {
            f"{what}_{name}": exponents(seen[name][what])
            for what in ("kernel", "weights")
            for name in ("gradient_descent", "nesterov")
        }

    seen = moves((runs or widths_run(seeds)).at(fill="gaussian"))
    control = Control(_LOUD, fitted(moves(_loud(seeds))))
    return Evidence(fitted(seen), control, shown={"moves": seen})


_LOUD = "labels that grow like the root of the width"


@measures("deep-linear/orthogonal-reduction")
def orthogonal_reduction(seeds: Sequence[int], steps: int = 600) -> Evidence:
    """Train orthogonal networks of width 64 and their reductions, and compare the residuals.

    Args:
        seeds: The seeds of the draws, which take the depths 2, 3, 4 and 8 in turn.
        steps: How many steps.

    Returns:
        The evidence.
    """
    found: dict[int, float] = {}
    other: dict[int, float] = {}
    for depth in _REDUCED:
        some = [seed for seed in seeds if _REDUCED[seed % len(_REDUCED)] == depth]
        if some:
            pair = _pair(some, depth)
            found.update(zip(some, _apart(pair, some, steps), strict=True))
            wide, (narrow, start) = pair
            pinned = (narrow, _in_a_frame_of_its_own(start))
            other.update(zip(some, _adam((wide, pinned)), strict=True))
    return Evidence(
        {"deviation": [found[seed] for seed in seeds]},
        Control("100 steps of Adam", {"deviation": [other[seed] for seed in seeds]}),
    )


def _pair(seeds: Sequence[int], depth: int) -> tuple[Networks, Networks]:
    # Wide networks, and what they reduce to.
    X = inputs(KAPPA)
    wide = OwnLabels(X, labels(X, seeds), 64, depth, "orthogonal")
    start = wide.initialise(seeds)
    return (wide, start), own(reduce(wide, start), wide.labels)


def _apart(pair: tuple[Networks, Networks], seeds: Sequence[int], steps: int) -> list[float]:
    runs = [
        grid(networks, method=METHODS, seed=seeds).train(steps, keep_residuals=True)
        for networks in pair
    ]
    gaps = (residuals(runs[0]) - residuals(runs[1])).norm(dim=2).amax(1)
    relative: torch.Tensor = runs[0].shaped(gaps / runs[0].residual_norms[:, 0])
    return relative.amax(0).tolist()


def _in_a_frame_of_its_own(weights: Weights) -> Weights:
    # The basis that a reduction takes for a hidden space depends on the machine, and Adam sees it.
    # This one is Gram and Schmidt's, of what comes from the inputs and what goes to the outputs.
    to_outputs = [weights[-1]]
    for layer in reversed(weights[1:-1]):
        to_outputs.insert(0, to_outputs[0] @ layer)
    frames, from_inputs = [], torch.eye(weights[0].shape[-1]).to(weights[0])
    for layer, onwards in zip(weights[:-1], to_outputs, strict=True):
        from_inputs = layer @ from_inputs
        Q, R = torch.linalg.qr(torch.cat([from_inputs, onwards.mT], dim=-1))
        frames.append(Q * R.diagonal(dim1=-2, dim2=-1).sign()[:, None])
    turned = [layer @ frame for layer, frame in zip(weights[1:], frames, strict=True)]
    inner = [weights[0], *turned[:-1]]
    return [*(Q.mT @ layer for Q, layer in zip(frames, inner, strict=True)), turned[-1]]


def _adam(pair: tuple[Networks, Networks], steps: int = 100) -> list[float]:
    ends = []
    for model, weights in pair:
        layers = [layer.clone() for layer in weights]
        optimizer = torch.optim.Adam(layers, lr=1e-2)
        for _ in range(steps):
            for layer, gradient in zip(layers, model.gradient(layers), strict=True):
                layer.grad = gradient
            optimizer.step()
        ends.append(model.residual(layers))
    apart = (ends[0] - ends[1]).flatten(1).norm(dim=1)
    first = pair[0][0].residual(pair[0][1]).flatten(1).norm(dim=1)
    relative: list[float] = (apart / first).tolist()
    return relative
