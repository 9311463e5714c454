"""The machine-checked bound near minimisers: on a circle, on linear networks, on ReLU off flips."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch

from rootkappa import devices, draws
from rootkappa.architectures import Model, TwoLayerReLU, Weights
from rootkappa.evidence.deep_linear.networks import OwnLabels, labels
from rootkappa.evidence.local_global import paths
from rootkappa.evidence.local_global.paths import Path
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import Method
from rootkappa.problems import Spectrum
from rootkappa.theorems import LocalHeavyBall, LocalNesterov, OptimalLocalNesterov
from rootkappa.theorems.report import Report

DEPTH, OUTPUTS, SIZE = 3, 2, 5
# The first is narrower than the inputs are many.
WIDTHS = (4, 5, 8, 16, 64)
RELU_WIDTHS, SAMPLES = (16, 32, 64), 8
# Distances relative to the weights, over sqrt(kappa); at the saddle the weights nearly vanish.
NEAR, NEARER, SADDLE = 3e-4, 1e-4, 0.01
_CIRCLE, _INSIDE = (10.0, 300.0), 1e-14
# Steps over sqrt(kappa): of bounds, and between which a rate is read.
_STEPS, _WINDOW = 16, (4, 10)

THEOREM = LocalNesterov()
Start = Callable[[Weights, Weights, list[Spectrum], int], Weights]


class Circle:
    """L/8 (x^2 + y^2 - 1)^2 + mu/2 z^2 with L = 1, as half a squared residual.

    Args:
        mu: One a replica.
    """

    def __init__(self, mu: torch.Tensor) -> None:
        self.root = mu.sqrt()[:, None, None]

    def residual(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give ((x^2 + y^2 - 1)/2, sqrt(mu) z).

        Args:
            weights: The points, one tensor (R, 3, 1).

        Returns:
            Residuals, shape (R, 2, 1).
        """
        plane, z = weights[0][:, :2], weights[0][:, 2:]
        ring = (plane.square().sum(1, keepdim=True) - 1) / 2
        return torch.cat([ring, self.root * z], 1)

    def gradient_factors(self, weights: Sequence[torch.Tensor]) -> tuple[torch.Tensor, Any]:
        """Give the residual, and the gradient as a product with 1.

        Args:
            weights: The points, one tensor (R, 3, 1).

        Returns:
            The residual, and one pair of factors.
        """
        residual = self.residual(weights)
        along = torch.cat([residual[:, :1] * weights[0][:, :2], self.root * residual[:, 1:]], 1)
        return residual, [(along, torch.ones(len(along), 1, 1, dtype=along.dtype))]


@measures("local-global/machine-checked-bound")
def machine_checked_bound(seeds: Sequence[int]) -> Evidence:
    """Run Nesterov next to a circle of minimisers, and from next to the saddle inside it.

    Args:
        seeds: The seeds of the condition numbers and starts.

    Returns:
        The evidence; `shown` has kappa and the paths.
    """
    sources = [draws.generator(devices.seed(what="circle", seed=seed)) for seed in seeds]
    places = torch.stack([torch.rand(4, generator=of, dtype=torch.float64) for of in sources])
    kappas = _CIRCLE[0] * (_CIRCLE[1] / _CIRCLE[0]) ** places[:, 0]
    told = [Spectrum((1 - paths.ROOM) / kappa, 1 + paths.ROOM) for kappa in kappas.tolist()]
    turn, signs = 2 * math.pi * places[:, 1], torch.sign(places[:, 2:] - 0.5)
    reach = NEAR / kappas.sqrt()

    def compare(radius: torch.Tensor) -> tuple[dict[str, list[float]], Path]:
        start = torch.stack([radius * turn.cos(), radius * turn.sin(), signs[:, 1] * reach], 1)[
            :, :, None
        ]
        # Circle is no Model, but has what a walk along it asks for.
        path = _followed(Circle(1 / kappas), [start], told, THEOREM.tuning)  # type: ignore[arg-type]
        return {"ratio": paths.worst_ratios(THEOREM, told, path)}, path

    found, path = compare(1 + signs[:, 0] * reach)
    far, _ = compare(torch.full_like(kappas, _INSIDE))
    control = Control("a start next to the saddle inside the circle", far)
    checked = paths.reports(THEOREM, told, path)
    return Evidence(found, control, checked, shown={"kappas": kappas, "path": path})


def _followed(
    model: Model, start: Weights, told: list[Spectrum], tuning: Callable[[Spectrum], Method]
) -> Path:
    longest = math.sqrt(max(spectrum.kappa for spectrum in told))
    return paths.follow(model, start, [tuning(one) for one in told], int(_STEPS * longest))


def linear(width: int, seeds: Sequence[int]) -> tuple[Model, Weights]:
    """Draw deep linear networks of one width, each with labels of its own.

    Args:
        width: m.
        seeds: One a network.

    Returns:
        The networks and their Gaussian weights.
    """
    X = torch.logspace(0, -0.5, SIZE, dtype=torch.float64).diag()
    model = OwnLabels(X, labels(X, seeds, OUTPUTS), width, DEPTH)
    return model, model.initialise(seeds)


def relu(width: int, seeds: Sequence[int]) -> tuple[Model, Weights]:
    """Draw a two-layer ReLU network, both layers of which are trained.

    Args:
        width: m.
        seeds: One seed, of the data and of the weights.

    Returns:
        The network and its weights.
    """
    source = draws.generator(devices.seed(what="relu data", seed=seeds[0]))
    X, Y = draws.normal((SIZE, SAMPLES), source), draws.normal((1, SAMPLES), source)
    model = TwoLayerReLU(X / X.norm(dim=0), Y, width, train_output=True)
    return model, model.initialise(seeds)


def near(weights: Weights, drawn: Weights, told: list[Spectrum], seed: int) -> Weights:
    """Start near the minimiser.

    Args:
        weights: The minimisers.
        drawn: The weights that were drawn, which do not matter here.
        told: The spectra there.
        seed: The seed of the direction.

    Returns:
        The starts.
    """
    return paths.nearby(weights, [NEAR / math.sqrt(one.kappa) for one in told], seed)


def saddle(weights: Weights, drawn: Weights, told: list[Spectrum], seed: int) -> Weights:
    """Start near the saddle at 0, where the weights of all layers vanish.

    Args:
        weights: The minimisers, which do not matter here.
        drawn: The weights that were drawn.
        told: The spectra at the minimisers.
        seed: Not read: nothing is drawn.

    Returns:
        The starts.
    """
    return [SADDLE * layer for layer in drawn]


def _compared(
    groups: Sequence[tuple[Model, Weights, int]], start: Start
) -> tuple[list[float], list[Report], list[list[float]]]:
    # Ratios to the bound, reports and flips, kappa and ratio of every network.
    ratios: list[float] = []
    reports: list[Report] = []
    shown: list[list[float]] = []
    for model, drawn, seed in groups:
        weights = paths.minimiser(model, drawn)
        told = paths.spectra(model, weights)
        path = _followed(model, start(weights, drawn, told, seed), told, THEOREM.tuning)
        found = paths.worst_ratios(THEOREM, told, path)
        ratios += found
        reports += paths.reports(THEOREM, told, path)
        rows = zip(told, found, path.flips.tolist(), strict=True)
        shown += [[one.kappa, ratio, flips] for one, ratio, flips in rows]
    return ratios, reports, shown


def grouped(seeds: Sequence[int]) -> list[tuple[Model, Weights, int]]:
    """Draw deep linear networks, those of one width side by side.

    Args:
        seeds: One a network; the width goes round with them.

    Returns:
        The networks of each width, their weights, and a seed for directions.
    """
    of_width = {
        width: [seed for seed in seeds if seed % len(WIDTHS) == place]
        for place, width in enumerate(WIDTHS)
    }
    return [(*linear(width, some), width) for width, some in of_width.items() if some]


@measures("local-global/linear-networks")
def linear_networks(seeds: Sequence[int]) -> Evidence:
    """Run Nesterov near minimisers of deep linear networks of every width, and near the saddle.

    Args:
        seeds: The seeds of labels and weights; the width is drawn with them.

    Returns:
        The evidence; `shown` has kappa, ratio and flips of each network, by width.
    """
    groups = grouped(seeds)
    ratios, reports, shown = _compared(groups, near)
    far, _, _ = _compared(groups, saddle)
    rows = [[width, *row] for width, row in zip(_widths(groups), shown, strict=True)]
    control = Control("a start near the saddle at 0", {"ratio": far})
    return Evidence({"ratio": ratios}, control, reports, shown={"rows": rows, "far": far})


def _widths(groups: Sequence[tuple[Model, Weights, int]]) -> list[int]:
    return [width for _, drawn, width in groups for _ in range(len(drawn[0]))]


@measures("local-global/relu-off-flips")
def relu_off_flips(seeds: Sequence[int]) -> Evidence:
    """Run Nesterov near minimisers of two-layer ReLU networks, and near the saddle.

    Args:
        seeds: The seeds of data and weights; the width is drawn with them.

    Returns:
        The evidence; `shown` has kappa, ratio and flips of each network.
    """
    groups = [(*relu(RELU_WIDTHS[seed % len(RELU_WIDTHS)], [seed]), seed) for seed in seeds]
    ratios, reports, shown = _compared(groups, near)
    far, _, far_shown = _compared(groups, saddle)
    control = Control("a start near the saddle at 0, from which activations flip", {"ratio": far})
    return Evidence({"ratio": ratios}, control, reports, shown={"rows": shown, "far": far_shown})


def held(distance: float, seeds: Sequence[int]) -> float:
    """Give the share of deep linear networks whose bound holds from some distance.

    Args:
        distance: Of the start from a minimiser, relative to the norm of the weights.
        seeds: The seeds of the networks.

    Returns:
        The share.
    """

    def start(weights: Weights, drawn: Weights, told: list[Spectrum], seed: int) -> Weights:
        return paths.nearby(weights, [distance] * len(told), seed)

    ratios, _, _ = _compared(grouped(seeds), start)
    return sum(ratio <= 1 for ratio in ratios) / len(ratios)


@measures("local-global/best-constants")
def best_constants(seeds: Sequence[int]) -> Evidence:
    """Read the rates of the best tunings near minimisers of deep linear networks.

    Args:
        seeds: The seeds of labels and weights.

    Returns:
        The evidence; rates are logarithms of the factor over those of the theorem.
    """
    theorems = {"nesterov": OptimalLocalNesterov(), "heavy_ball": LocalHeavyBall()}
    groups = grouped(seeds)
    reports: dict[str, list[Report]] = {name: [] for name in theorems}

    def compare(share: float) -> dict[str, list[float]]:
        found: dict[str, list[float]] = {name: [] for name in theorems}
        for model, drawn, seed in groups:
            weights = paths.minimiser(model, drawn)
            exact = paths.spectra(model, weights, room=0.0)
            reach = [NEARER / math.sqrt(one.kappa) for one in exact]
            start = paths.nearby(weights, reach, seed)
            for name, theorem in theorems.items():
                methods = [theorem.tuning(_scaled(one, share)) for one in exact]
                steps = int(_STEPS * math.sqrt(max(one.kappa for one in exact)))
                path = paths.follow(model, start, methods, steps)
                found[name] += [
                    _rate(path.residual_norms[i], one.kappa) / -math.log(theorem.rate(one)[1])
                    for i, one in enumerate(exact)
                ]
                if share == 1:
                    loose = paths.spectra(model, weights)
                    reports[name] += paths.reports(theorem, loose, path)
        return found

    found = compare(1.0)
    control = Control("told a ten times larger least eigenvalue", compare(10.0))
    return Evidence(found, control, [list(pair) for pair in zip(*reports.values(), strict=True)])


def _scaled(spectrum: Spectrum, share: float) -> Spectrum:
    least = min(share * spectrum.lambda_min, max(spectrum.lambda_min, spectrum.lambda_max / 2))
    return Spectrum(least, spectrum.lambda_max)


def _rate(norms: torch.Tensor, kappa: float) -> float:
    # Minus the mean log factor between two steps, of the largest norm to come.
    first, last = (int(share * math.sqrt(kappa)) for share in _WINDOW)
    to_come = norms.flip(0).cummax(0).values.flip(0)
    return -math.log(float(to_come[last] / to_come[first])) / (last - first)
