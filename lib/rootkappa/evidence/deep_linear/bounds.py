"""The theorems with their own numbers, and networks too deep and narrow to train."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from rootkappa import theorems
from rootkappa.architectures import DeepLinear
from rootkappa.evidence.deep_linear.networks import OwnLabels, drawn, inputs, labels
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import Method
from rootkappa.problems import Spectrum
from rootkappa.theorems.report import Report
from rootkappa.training import Trajectory, grid

WIDTH = 256
KAPPA = 25.0
THEOREMS: dict[str, Any] = {
    "nesterov": theorems.GaussianNesterov(),
    "heavy_ball": theorems.OrthogonalHeavyBall(),
    "gaussian": theorems.GaussianGradientDescent(),
    "orthogonal": theorems.OrthogonalGradientDescent(),
}
STUCK = theorems.NarrowGaussianIsStuck(gamma=0.5)
# Depth, and width and dimensions, at which networks are stuck.
DEEP, SMALL = 300, 8


@dataclass(frozen=True)
class Bounded:
    """Runs of one theorem's method beside its bound.

    Args:
        theorem: The theorem.
        model: Inputs, width and depth of all of them.
        run: The runs, one a draw.
        reports: The theorem's check on each draw.
    """

    theorem: Any
    model: DeepLinear
    run: Trajectory
    reports: list[Report]

    @property
    def ratio(self) -> list[float]:
        """The largest measured value over the bound, one a draw."""
        worst: list[float] = self.theorem.worst_ratio(self.model, self.run).tolist()
        return worst

    @property
    def late(self) -> list[float]:
        """The same from one time constant on, once the bound is below the start."""
        steps = self.run.residual_norms.shape[1] - 1
        bound = self.theorem.bound(self.model, steps)
        measured = self.theorem.measured(self.run)
        constant = 1 / (1 - self.theorem.rate(self.model)[1])
        seen = (bound < 1) & (bound > 1e-12) & (torch.arange(steps + 1) >= constant)
        ratios: list[float] = (measured / bound)[:, seen].amax(1).tolist()
        return ratios


def bounded(
    name: str,
    seeds: Sequence[int],
    kappa: float = KAPPA,
    steps: int = 300,
    change: Callable[[Method], Method] | None = None,
    tuned_at: Spectrum | None = None,
) -> Bounded:
    """Train networks of width 256 with a theorem's own numbers, computed from X alone.

    Args:
        name: The theorem.
        seeds: One a draw of labels and weights.
        kappa: kappa(X).
        steps: T.
        change: What is done to the method.
        tuned_at: Another spectrum to tune for.

    Returns:
        The runs.
    """
    theorem = THEOREMS[name]
    X = inputs(kappa)
    fill = theorem.initialisation
    models = [DeepLinear(X, Y, WIDTH, 3, fill) for Y in labels(X, seeds)]
    method = theorem.tuning(tuned_at or models[0])
    networks = drawn(fill, seeds, kappa, WIDTH)
    run = grid(networks, method=change(method) if change else method, seed=seeds).train(steps)
    return Bounded(theorem, models[0], run, [theorem.check(model) for model in models])


def spectrum(name: str, kappa: float) -> Spectrum:
    """Give the spectrum that a theorem tunes for.

    Args:
        name: The theorem.
        kappa: kappa(X).

    Returns:
        Its bounds on the kernel.
    """
    X = inputs(kappa)
    found: Spectrum = THEOREMS[name].spectrum(DeepLinear(X, labels(X, [0])[0], WIDTH, 3))
    return found


@measures("deep-linear/nag-theorem")
def nag_theorem(seeds: Sequence[int]) -> Evidence:
    """Compare Nesterov's runs on Gaussian networks with the bound.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """

    def still(method: Method) -> Method:
        return Method(method.step_size, 0.0, 0.0)

    held = bounded("nesterov", seeds, steps=600)
    slow = bounded("nesterov", seeds, steps=600, change=still)
    return Evidence(
        {"ratio": held.ratio},
        Control("momentum 0", {"ratio": slow.ratio}),
        hypotheses=held.reports,
        attained={"ratio": held.late},
        shown={"bounded": held},
    )


@measures("deep-linear/hb-theorem")
def hb_theorem(seeds: Sequence[int]) -> Evidence:
    """Compare heavy ball's runs on orthogonal networks with the bound, at two values of kappa.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    exact = spectrum("heavy_ball", 100.0)
    level = Spectrum(exact.lambda_max * (1 - 1e-9), exact.lambda_max)
    held = [bounded("heavy_ball", seeds, kappa, steps=1200) for kappa in (KAPPA, 100.0)]
    slow = bounded("heavy_ball", seeds, 100.0, steps=1200, tuned_at=level)
    return Evidence(
        {"ratio": _larger(one.ratio for one in held)},
        Control(r"momentum tuned for $\kappa=1$ instead of 100", {"ratio": slow.ratio}),
        hypotheses=[list(pair) for pair in zip(*(one.reports for one in held), strict=True)],
        attained={"ratio": _larger(one.late for one in held)},
        shown={"bounded": held[0]},
    )


@measures("deep-linear/gd-theorems")
def gd_theorems(seeds: Sequence[int]) -> Evidence:
    """Compare gradient descent with its two bounds.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """

    def longer(method: Method) -> Method:
        return Method(12 * method.step_size, 0.0, 0.0)

    held = {fill: bounded(fill, seeds, steps=600) for fill in ("gaussian", "orthogonal")}
    large = {fill: bounded(fill, seeds, steps=100, change=longer) for fill in held}
    return Evidence(
        {fill: one.ratio for fill, one in held.items()},
        Control("twelve times the step", {fill: one.ratio for fill, one in large.items()}),
        hypotheses=[
            list(pair) for pair in zip(*(one.reports for one in held.values()), strict=True)
        ],
        attained={fill: one.late for fill, one in held.items()},
    )


def _larger(columns: Any) -> list[float]:
    return [max(pair) for pair in zip(*columns, strict=True)]


@measures("deep-linear/narrow-gaussian-is-stuck")
def narrow_gaussian_is_stuck(seeds: Sequence[int]) -> Evidence:
    """Train deep narrow networks, and see how far their loss leaves the band of the theorem.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    network, gaussian, stuck = _deep(DEEP, "gaussian", seeds)
    _, orthogonal, free = _deep(DEEP, "orthogonal", seeds)
    return Evidence(
        {"ratio": stuck},
        Control("orthogonal weights, the same step", {"ratio": free}),
        hypotheses=[STUCK.check(network.select([row])) for row in range(len(seeds))],
        shown={"gaussian": gaussian, "orthogonal": orthogonal},
    )


def staying(depth: int, seeds: Sequence[int]) -> int:
    """Count networks that stay in the band.

    Args:
        depth: L.
        seeds: One a network.

    Returns:
        How many.
    """
    return sum(ratio <= 1 for ratio in _deep(depth, "gaussian", seeds)[2])


def _deep(depth: int, fill: str, seeds: Sequence[int]) -> tuple[OwnLabels, Trajectory, list[float]]:
    # With the step of the theorem on orthogonal networks, 200 times; and the worst ratios.
    X = torch.eye(SMALL, dtype=torch.float64)
    Y = labels(X, seeds, SMALL)
    Y = Y / Y.flatten(1).norm(dim=1)[:, None, None]
    network = OwnLabels(X, Y, SMALL, depth, fill)
    method = Method(SMALL / (2 * depth), 0.0, 0.0)
    run = grid(network, method=method, seed=seeds).train(200, tolerance=0.01)
    return network, run, STUCK.worst_ratio(network, run).tolist()
