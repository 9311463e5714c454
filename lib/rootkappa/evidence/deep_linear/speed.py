"""How many steps training takes as kappa grows, and the factor at the end of a run."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from rootkappa import datasets, optimizers, rates
from rootkappa.architectures import DeepLinear
from rootkappa.dynamics import spectral_radius
from rootkappa.evidence.deep_linear.networks import (
    FILLS,
    METHODS,
    Networks,
    drawn,
    inputs,
    labels,
    own,
    relabelled,
    residuals,
)
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import Method, gradient_descent
from rootkappa.problems import Spectrum
from rootkappa.reductions import sample_orthogonal
from rootkappa.theorems import GaussianNesterov
from rootkappa.theorems.report import Report
from rootkappa.training import Trajectory, grid

Tuning = Callable[[Spectrum], Method]

KAPPAS = (4, 16, 64, 256, 1024)
COMPONENTS = (10, 20, 30, 40)
# At this width a kernel hardly moves; the other one shows what comes of it if it does.
WIDE, NARROW = 10**4, 256
_ACCURACY = 1e-6
IMAGES = 1000

# Initialisation, kappa(X) and width of the runs whose ends are read.
SETTINGS = (
    ("orthogonal", 25, 64),
    ("orthogonal", 64, 256),
    ("gaussian", 25, 128),
    ("gaussian", 64, 256),
)
_END = 1e-11
# Heavy ball's factor is accepted to 1e-6. The drift of the kernel may take a tenth of it: a
# recurrence moves by what its coefficients move by, times about sqrt(kappa).
_DRIFT = 1e-7
# Distances from a radius below this are not told apart: rounding has a say in them.
_RESOLVED = 5e-7


@dataclass(frozen=True)
class Counts:
    """Steps to an accuracy, as kappa grows.

    Args:
        conditions: cond(H_0), shape (levels, seeds).
        steps: Counts for each method, shape (levels, seeds).
    """

    conditions: torch.Tensor
    steps: Mapping[str, torch.Tensor]

    def exponents(self, name: str) -> list[float]:
        """Give the exponent of the counts in cond(H_0), for each draw by itself.

        Args:
            name: The method.

        Returns:
            One a draw.
        """
        pairs = zip(self.conditions.T, self.steps[name].T, strict=True)
        return [rates.scaling_exponent(x, y, rounded=True).value for x, y in pairs]


def counted(
    draw: Callable[[Any, Sequence[int]], Networks],
    levels: Sequence[int],
    seeds: Sequence[int],
    methods: Mapping[str, Tuning],
) -> Counts:
    """Train networks of growing kappa to 1e-6 of the start, and count.

    Args:
        draw: Gives networks of a level.
        levels: What makes kappa grow.
        seeds: One a draw.
        methods: Tunings, each taken at its own H_0.

    Returns:
        The counts.
    """
    conditions, steps = [], []
    for level in levels:
        networks = draw(level, seeds)
        run = grid(networks, method=methods, seed=seeds).train(
            lambda spectrum: int(30 * spectrum.kappa), tolerance=_ACCURACY
        )
        conditions.append([spectrum.kappa for spectrum in networks[0].spectra(networks[1])])
        steps.append(run.shaped(run.steps_to(_ACCURACY)))
    of_each = torch.stack(steps, 1)
    kappas = torch.tensor(conditions, dtype=torch.float64)
    return Counts(kappas, dict(zip(methods, of_each, strict=True)))


@measures("deep-linear/acceleration")
def acceleration(seeds: Sequence[int]) -> Evidence:
    """Fit how steps grow with the condition number of the kernel at the start.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """

    def networks(fill: str, width: int = WIDE) -> Callable[[Any, Sequence[int]], Networks]:
        return lambda kappa, seeds: drawn(fill, seeds, kappa, width)

    counts = {fill: counted(networks(fill), KAPPAS, seeds, METHODS) for fill in FILLS}
    measured = {
        f"{fill}_{name}": found.exponents(name)
        for fill, found in counts.items()
        for name in METHODS
    }
    short = KAPPAS[:-1]
    still = counted(networks("orthogonal"), short, seeds, _without_momentum())
    control = {f"orthogonal_{name}": still.exponents(name) for name in still.steps}
    narrow = counted(networks("orthogonal", NARROW), short, seeds, METHODS)
    shown = {"counts": counts, "narrow": narrow}
    return Evidence(
        measured,
        Control("momentum 0, the step unchanged", control),
        hypotheses=[_checked(seed) for seed in seeds],
        shown=shown,
    )


def _checked(seed: int) -> list[Report]:
    # What the theorem on Nesterov says of one draw at every kappa.
    problems = [(X, labels(X, [seed])[0]) for X in map(inputs, KAPPAS)]
    return [GaussianNesterov().check(DeepLinear(X, Y, WIDE, 3)) for X, Y in problems]


@measures("deep-linear/digits")
def digits(seeds: Sequence[int]) -> Evidence:
    """Fit the same exponents on subsets of the handwritten digits.

    Args:
        seeds: The seeds of the draws, of images and of weights.

    Returns:
        The evidence.
    """
    found = counted(_digits, COMPONENTS, seeds, METHODS)
    still = counted(_digits, COMPONENTS, seeds, _without_momentum())
    return Evidence(
        {name: found.exponents(name) for name in METHODS},
        Control(
            "momentum 0, the step unchanged", {name: still.exponents(name) for name in still.steps}
        ),
        shown={"counts": found},
    )


def _without_momentum() -> dict[str, Tuning]:
    def still(tuning: Tuning) -> Tuning:
        return lambda spectrum: gradient_descent(tuning(spectrum).step_size)

    return {name: still(METHODS[name]) for name in ("heavy_ball", "nesterov")}


def _digits(components: int, seeds: Sequence[int]) -> Networks:
    # Each draw has its own thousand images.
    images = datasets.load("digits", form="linear", components=components)
    subsets = [images.subsample(IMAGES, seed).reduced() for seed in seeds]
    X, Y = (torch.stack([getattr(one, name) for one in subsets]) for name in ("X", "Y"))
    networks, weights = own(sample_orthogonal(X[0], Y[0], WIDE, 3, seeds), Y)
    return relabelled(networks, Y, X), weights


@dataclass(frozen=True)
class Tails:
    """The ends of the runs of one setting, one a draw.

    Args:
        factor: As read by a recurrence with free coefficients.
        first: rho(H_0).
        last: rho(H) of the kernel at the end.
        root: sqrt(beta).
        kept: What is left of the least eigenvalue.
        opened: The residual at which the window opens, relative to the start.
    """

    factor: torch.Tensor
    first: torch.Tensor
    last: torch.Tensor
    root: torch.Tensor
    kept: torch.Tensor
    opened: torch.Tensor


@measures("deep-linear/hb-tail")
def hb_tail(seeds: Sequence[int]) -> Evidence:
    """Read the factor at the end of runs in which the kernel has moved.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """

    def largest(found: Sequence[Tails], reference: str) -> list[float]:
        misses = [(one.factor - getattr(one, reference)).abs() for one in found]
        return torch.stack(misses).amax(0).clamp(min=_RESOLVED).tolist()

    def ends(tuning: Tuning, momentum: bool = True) -> list[Tails]:
        return [tails(tuning, setting, seeds, momentum) for setting in SETTINGS]

    read = {name: ends(tuning, name != "gradient_descent") for name, tuning in METHODS.items()}
    edge = ends(optimizers.optimal_heavy_ball)
    return Evidence(
        {
            name: largest(found, "root" if name == "heavy_ball" else "last")
            for name, found in read.items()
        },
        Control(
            "heavy ball with the least momentum for $H_0$, whose spectrum has no slack",
            {"heavy_ball": largest(edge, "root")},
        ),
        shown={"tails": read, "edge": edge},
    )


def tails(
    tuning: Tuning, setting: tuple[str, int, int], seeds: Sequence[int], momentum: bool
) -> Tails:
    """Train networks to 1e-11 of the start, and read the factor once the kernel rests.

    Args:
        tuning: A tuning, taken at H_0.
        setting: Initialisation, kappa(X) and width.
        seeds: One a draw.
        momentum: Whether the method has momentum.

    Returns:
        The ends.
    """
    kappa = setting[1]
    every = int(math.sqrt(kappa)) if momentum else kappa // 2
    looks = range(0, 160 * every, every)
    networks = drawn(setting[0], seeds, kappa, setting[2])
    run = grid(networks, method=tuning, seed=seeds).train(
        looks[-1],
        tolerance=_END,
        keep_residuals=True,
        observers={"kernel": lambda now: now.model.tangent_kernel(now.weights)},
        observe_at=looks,
    )
    return _read(run, momentum, _DRIFT / math.sqrt(kappa))


def _read(run: Trajectory, momentum: bool, allowed: float) -> Tails:
    kernels = run.observed["kernel"]
    last = run.model.tangent_kernel(run.weights)
    rows = []
    for i, method in enumerate(run.methods):
        drift = method.step_size * (kernels[i] - last[i]).flatten(1).norm(dim=1)
        # NaN stands for what lies after the end.
        moving = torch.nonzero(drift > allowed).flatten()
        start = run.observed_at[int(moving[-1]) + 1 if len(moving) else 0]
        values, vectors = torch.linalg.eigh(last[i])
        factor = rates.free_factor(residuals(run)[i, start:], vectors[:, 0], momentum).factor
        before = torch.linalg.eigvalsh(kernels[i, 0])
        radii = [float(spectral_radius(method, each).max()) for each in (before, values)]
        opened = float(run.residual_norms[i, start] / run.residual_norms[i, 0])
        root = math.sqrt(method.coefficients(0)[1])
        rows.append([factor, *radii, root, float(values[0] / before[0]), opened])
    return Tails(*torch.tensor(rows, dtype=torch.float64).T)
