"""Flips: where the residual recursion is exact, and the pairs that never stop flipping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from rootkappa import dynamics, rates
from rootkappa.architectures import TwoLayerReLU
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.evidence.two_layer_relu.networks import (
    METHODS,
    geometric_mean_of,
    mean_of,
    mean_speed,
    residuals_of,
    speed,
    started,
)
from rootkappa.ledger import Control
from rootkappa.optimizers import Method
from rootkappa.problems import Spectrum
from rootkappa.residuals.activations import RecursionTerms, recursion_terms
from rootkappa.theorems import ReluHeavyBall, ReluNesterov
from rootkappa.training import Snapshot, grid

WIDTHS = (256, 1024, 4096)
# Long enough that only the slowest modes are left, in units of the frozen kernel's time.
_TIMES = 16
_WINDOW = 64
_FOLLOWED = 100


@measures("two-layer-relu/residual-recursion")
def residual_recursion(seeds: Sequence[int]) -> Evidence:
    """Measure what the recursion with the kernel of each step leaves, where no activation changes.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence; shown are the terms of each draw, by method.
    """
    terms = [_terms(seed) for seed in seeds]

    def largest(flipping: bool) -> dict[str, list[float]]:
        sizes = [torch.cat([_sizes(of, flipping) for of in pair.values()]) for pair in terms]
        return {"remainder": [float(each.max()) for each in sizes]}

    control = Control("the other steps of the same runs", largest(flipping=True))
    return Evidence(largest(flipping=False), control, shown={"terms": terms})


@measures("two-layer-relu/kinks")
def kinks(seeds: Sequence[int]) -> Evidence:
    """Count the pairs that flip to the end, and compare the rate with those of four kernels.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence; shown are the counts by width, and deviations of 1 - rho by kernel.
    """
    ends = {m: [last_steps(seed, m, "gradient_descent") for seed in seeds] for m in WIDTHS}
    counts = torch.stack([torch.stack([each.stuck.sum() for each in of]) for of in ends.values()])
    counts = counts.T.double()
    widest = ends[WIDTHS[-1]]
    off = [each.deviations() for each in widest]
    mean, (low, high) = geometric_mean_of([_advantage(one) for one in off])
    # Rounding decides on single flips, and so on the digits that are cut off here and below.
    measured = _rhythms(widest) | {
        "exponent": _growth(counts),
        "sliding": [round(abs(one["sliding"]), 4) for one in off],
        "advantage": (round(mean), (round(low), round(high))),
    }
    balls = [last_steps(seed, WIDTHS[-1], "heavy_ball") for seed in seeds]
    shown = {"counts": counts, "off": off}
    return Evidence(
        measured, Control("heavy ball", {"stuck": _rhythms(balls)["stuck"]}), shown=shown
    )


def sliding_kernel(X: torch.Tensor, active: torch.Tensor, stuck: torch.Tensor) -> torch.Tensor:
    """Give the kernel of neurons that cannot move along the samples that they stick to.

    Args:
        X: Inputs, shape (d, n).
        active: Which neuron is active on which sample, shape (m, n).
        stuck: Which pairs stick, same shape.

    Returns:
        The mean over neurons of X_A^T (I - P) X_A, where A are a neuron's active samples that it
        does not stick to, and P projects onto the span of those that it sticks to.
    """
    open_pairs = (active & ~stuck).to(X)
    kernel = (X.mT @ X) * (open_pairs.mT @ open_pairs)
    for row in stuck.any(1).nonzero().flatten().tolist():
        basis = torch.linalg.qr(X[:, stuck[row]]).Q
        along = basis.mT @ (X * open_pairs[row])
        kernel -= along.mT @ along
    return kernel / len(active)


@dataclass(frozen=True)
class End:
    """The last steps of a run.

    Args:
        model: The network.
        method: Its method.
        first: The kernel at the start.
        patterns: The activations over the window, shape (W + 1, m, n).
        residuals: The residuals over the window, shape (W + 1, n).
    """

    model: TwoLayerReLU
    method: Method
    first: torch.Tensor
    patterns: torch.Tensor
    residuals: torch.Tensor

    @property
    def flips(self) -> torch.Tensor:
        """How often each pair flips in each half of the window, shape (2, m, n)."""
        changed = self.patterns[1:] ^ self.patterns[:-1]
        halves: torch.Tensor = changed.unflatten(0, (2, -1)).sum(1)
        return halves

    @property
    def stuck(self) -> torch.Tensor:
        """Which pairs flip in both halves."""
        return (self.flips > 0).all(0)

    def kernels(self) -> dict[str, torch.Tensor]:
        """Give the kernels that the rate may be compared with.

        Returns:
            That of the start, the last one, the mean over the window, and the sliding one.
        """
        X, m = self.model.X, self.patterns.shape[1]
        gram, each = X.mT @ X / m, self.patterns[:-1].to(X)
        usually = each.mean(0) > 0.5
        return {
            "start": self.first,
            "last": gram * (each[-1].mT @ each[-1]),
            "mean": gram * sum(one.mT @ one for one in each) / len(each),
            "sliding": sliding_kernel(X, usually, self.stuck),
        }

    def deviations(self) -> dict[str, float]:
        """Compare the mean 1 - factor of the window with that of each kernel, if it were frozen.

        Returns:
            Relative deviations of the kernels' from the run's.
        """
        seen, steps = mean_speed(self.residuals), len(self.residuals) - 1
        laws = {
            name: dynamics.frozen_residuals(self.method, kernel, self.residuals[0], steps)
            for name, kernel in self.kernels().items()
        }
        return {name: mean_speed(law) / seen - 1 for name, law in laws.items()}


def last_steps(seed: int, width: int, name: str) -> End:
    """Train a network until only the slowest modes are left, and look at its last 64 steps.

    Args:
        seed: The seed of the draw.
        width: m.
        name: The method.

    Returns:
        Those steps.
    """
    model, weights = started(seed, width)
    first = model.tangent_kernel(weights)[0]
    spectrum = Spectrum.of(first)
    method = METHODS[name](spectrum)
    last = int(_TIMES / speed(method, spectrum)) + _WINDOW
    window = range(last - _WINDOW, last + 1)
    # Rounding decides on single flips: one engine for all, however long the run.
    run = grid((model, weights), method=method, seed=[seed]).train(
        last,
        keep_residuals=True,
        observers={"pattern": _pattern},
        observe_at=window,
        engine="torch",
    )
    return End(
        model, method, first, run.observed["pattern"][0].bool(), residuals_of(run)[window.start :]
    )


def _advantage(off: Mapping[str, float]) -> float:
    # How many times farther the nearer of the last and the mean kernel is than the sliding one.
    return min(abs(off["last"]), abs(off["mean"])) / abs(off["sliding"])


def _growth(counts: torch.Tensor) -> tuple[float, tuple[float, float]]:
    # The exponent of the mean counts in the width, with the interval of the jackknife.
    rows = list(range(len(counts)))
    value, *others = (
        rates.scaling_exponent(WIDTHS, counts[[row for row in rows if row != out]].mean(0)).value
        for out in (None, *rows)
    )
    pseudo = [len(rows) * value - (len(rows) - 1) * other for other in others]
    low, high = mean_of(pseudo)[1]
    reach = (high - low) / 2
    return value, (value - reach, value + reach)


def _pattern(now: Snapshot) -> torch.Tensor:
    return now.model.activation_patterns(now.weights)[0]


def _rhythms(ends: Sequence[End]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {"stuck": [], "rhythm": [], "lasting": []}
    for end in ends:
        stuck, (before, after) = int(end.stuck.sum()), end.flips.sum((1, 2)).tolist()
        found["stuck"].append(stuck)
        found["rhythm"].append(round((before + after) / _WINDOW / max(stuck, 1), 2))
        found["lasting"].append(round(after / max(before, 1), 2))
    return found


def _terms(seed: int) -> dict[str, RecursionTerms]:
    # Heavy ball too, for Nesterov may flip at every step to the end.
    model, weights = started(seed, WIDTHS[1])
    tunings = {"heavy_ball": ReluHeavyBall().tuning, "nesterov": ReluNesterov().tuning}
    return {
        name: recursion_terms(model, tuning(model), weights, _FOLLOWED)
        for name, tuning in tunings.items()
    }


def _sizes(terms: RecursionTerms, flipping: bool) -> torch.Tensor:
    # Of the remainder, relative to the start, at the steps with flips around them or without.
    sizes: torch.Tensor = terms.flips[0].norm(dim=1) / terms.residuals[0, 0].norm()
    return sizes[terms.is_free_of_flips[0] != flipping]
