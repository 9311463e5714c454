"""Runs beside their frozen kernels and beside the theorems' bounds, many widths at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import torch
from typing_extensions import override

from rootkappa import theorems
from rootkappa.architectures import DeepLinear, Model, vectorise
from rootkappa.architectures.model import Factors
from rootkappa.dynamics import spectral_radius
from rootkappa.evidence.deep_linear.networks import METHODS, inputs
from rootkappa.evidence.how_wide.networks import RELU, Networks, Setting, drawn
from rootkappa.optimizers import Method, gradient_descent
from rootkappa.problems import Spectrum
from rootkappa.theorems.theorem import Quantity
from rootkappa.training import Trajectory, train

# A run ends here, as a share of its start; its tail is what comes below the second number.
ACCURACY, TAIL = 1e-6, 1e-2
# A run that needs so many times the steps of its frozen kernel does not train.
PATIENCE = 3
# Every step up to the first number is looked at, and then so many an octave.
_DENSE, _LOOKS = 32, 48
# Theorems by kind and method.
BOUNDS: dict[tuple[str, str], Any] = {
    ("orthogonal", "gradient_descent"): theorems.OrthogonalGradientDescent(),
    ("orthogonal", "heavy_ball"): theorems.OrthogonalHeavyBall(),
    ("gaussian", "gradient_descent"): theorems.GaussianGradientDescent(),
    ("gaussian", "nesterov"): theorems.GaussianNesterov(),
    ("resnet", "nesterov"): theorems.ResNetNesterov(),
    (RELU, "nesterov"): theorems.ReluNesterov(),
}


class Frozen(Model):
    """Residuals with frozen kernels: its weights are xi, and their gradient is H_0 xi.

    Args:
        kernels: H_0, shape (R, N, N).
    """

    def __init__(self, kernels: torch.Tensor) -> None:
        super().__init__(kernels.new_zeros(kernels.shape[1], 1))
        self.kernels = kernels

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """Shape of xi, a column."""
        return [(self.kernels.shape[1], 1)]

    @property
    def replicas(self) -> int:
        """How many there are."""
        return len(self.kernels)

    @override
    def _draw(self, source: torch.Generator) -> list[torch.Tensor]:
        raise NotImplementedError("residuals start where networks do.")

    @override
    def select(self, rows: Sequence[int]) -> Self:
        return type(self)(self.kernels[self._rows(rows)])

    @override
    def predict(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        return weights[0]

    @override
    def tangent_kernel(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        return self.kernels

    @override
    def gradient_factors(self, weights: Sequence[torch.Tensor]) -> tuple[torch.Tensor, Factors]:
        ones = self.Y.new_ones(len(weights[0]), 1, 1)
        return weights[0], [(self.kernels @ weights[0], ones)]


@dataclass(frozen=True)
class Race:
    """How runs, tuned at their own H_0, compare with the recursion that keeps H_0.

    Args:
        arrived: Whether each came to a millionth of its start in three times the steps.
        tail: The rate of its tail over the rate of the frozen one's; NaN where it did not arrive.
        gap: The largest distance of the two residuals over the start, up to the frozen arrival;
            infinite where it did not arrive.
    """

    arrived: torch.Tensor
    tail: torch.Tensor
    gap: torch.Tensor


def race(setting: Setting, seeds: Sequence[int], widths: Sequence[int]) -> Race:
    """Train networks until they arrive, and compare each with its frozen kernel.

    Args:
        setting: What they are.
        seeds: One a network.
        widths: m of each.

    Returns:
        What was seen.
    """
    return compared(drawn(setting, seeds, widths), setting.method)


def compared(networks: Networks, method: str) -> Race:
    """Train networks until they arrive, and compare each with its frozen kernel.

    Args:
        networks: Networks with their weights.
        method: A name of `METHODS`, tuned at each network's own H_0.

    Returns:
        What was seen.
    """
    model, start = networks
    spectra = model.spectra(start)
    methods = [METHODS[method](spectrum) for spectrum in spectra]
    kernels, first = model.tangent_kernel(start), vectorise(model.residual(start))[:, :, None]
    most = max(long_enough(*pair) for pair in zip(methods, spectra, strict=True))
    looks = _looks(most)
    frozen = _trained(Frozen(kernels), methods, [first], most, looks)
    expected = frozen.steps_to(ACCURACY)
    patience = PATIENCE * int(expected.max())
    run = _trained(model, methods, start, patience, [look for look in looks if look <= patience])
    arrived = run.steps_to(ACCURACY) <= PATIENCE * expected
    tail = torch.where(arrived, _tails(run) / _tails(frozen), torch.nan)
    gap = torch.where(arrived, _gaps(run, frozen, expected), torch.inf)
    return Race(arrived, tail, gap)


def _trained(
    model: Model, methods: Sequence[Method], start: Any, steps: int, looks: Sequence[int]
) -> Trajectory:
    seen = {"residual": lambda now: vectorise(now.model.residual(now.weights))}
    return train(
        model,
        methods,
        start,
        steps,
        tolerance=ACCURACY,
        observers=seen,
        observe_at=looks,
        progress=False,
    )


def long_enough(method: Method, spectrum: Spectrum) -> int:
    """Say after how many steps a frozen run has arrived.

    Args:
        method: Its method.
        spectrum: Its kernel.

    Returns:
        Steps.
    """
    # The prefactor of no frozen run from rest is as large as 8 sqrt(kappa).
    radius = float(spectral_radius(method, spectrum).max())
    return math.ceil(math.log(ACCURACY / 8 / math.sqrt(spectrum.kappa)) / math.log(radius))


def _looks(steps: int) -> list[int]:
    # Dense at first, where the top of the spectrum moves, and then evenly in the logarithm: a grid
    # that depended on the longest run would be too coarse for all others of its stack.
    late = round(math.log2(max(steps, _DENSE) / _DENSE) * _LOOKS)
    grid = (round(_DENSE * 2 ** (i / _LOOKS)) for i in range(late + 1))
    return sorted({*range(min(_DENSE, steps)), *(look for look in grid if look <= steps)})


def _tails(run: Trajectory) -> torch.Tensor:
    return torch.tensor([tail_rate(norms) for norms in run.residual_norms], dtype=torch.float64)


def tail_rate(norms: torch.Tensor) -> float:
    """Fit the rate of a tail, by least squares: heavy ball's residual oscillates about its rate.

    Args:
        norms: ||xi_t||, shape (T + 1,).

    Returns:
        The slope of its logarithm; NaN if it does not arrive, or has no tail.
    """
    below = [norms < share * norms[0] for share in (TAIL, ACCURACY)]
    first, last = (int(one.double().argmax()) for one in below)
    if not bool(below[1].any()) or last - first < 2:
        return math.nan
    y = norms[first : last + 1].log()
    x = torch.arange(len(y)).double() - (len(y) - 1) / 2
    return float(x @ y / x.square().sum())


def _gaps(run: Trajectory, frozen: Trajectory, last: torch.Tensor) -> torch.Tensor:
    # What has stopped is at a millionth of its start; what diverged is not asked about.
    looks = len(run.observed_at)
    pair = (run.observed["residual"], frozen.observed["residual"][:, :looks])
    one, other = (seen.nan_to_num(0.0) for seen in pair)
    apart = (one - other).norm(dim=2) / frozen.residual_norms[:, :1]
    outside = torch.tensor(run.observed_at) > last[:, None]
    gaps: torch.Tensor = apart.masked_fill(outside, 0.0).amax(1)
    return gaps


def excess(
    setting: Setting, seeds: Sequence[int], widths: Sequence[int], momentum: bool = True
) -> torch.Tensor:
    """Train networks with a theorem's own numbers, and compare each with its bound.

    Args:
        setting: What they are; its kind and method name the theorem.
        seeds: One a network.
        widths: m of each.
        momentum: Whether to keep it, as a control may not.

    Returns:
        The largest measured value over the bound, until the run arrives or should have; shape (R,).
    """
    theorem = BOUNDS[setting.kind, setting.method]
    model, start = drawn(setting, seeds, widths)
    if setting.kind == "resnet":
        spectra = model.spectra(start)
    else:
        X = inputs(setting.kappa)
        one = DeepLinear(X, model.residual(start)[0], max(X.shape), setting.depth)
        spectra = [theorem.spectrum(one)] * len(seeds)
    rates = [theorem.rate(spectrum) for spectrum in spectra]
    steps = max(promised(theorem, *rate) for rate in rates)
    methods = [theorem.tuning(spectrum) for spectrum in spectra]
    if not momentum:
        methods = [gradient_descent(method.step_size) for method in methods]
    run = train(model, methods, start, steps, tolerance=ACCURACY, progress=False)
    return beyond(theorem, run, rates)


def beyond(theorem: Any, run: Trajectory, rates: Sequence[tuple[float, float]]) -> torch.Tensor:
    """Give the largest measured value over a theorem's bound, until a run ends.

    Args:
        theorem: The theorem.
        run: The run.
        rates: Prefactor and factor of the bound, one a replica.

    Returns:
        Ratios, shape (R,); infinite for a run that diverged.
    """
    steps = torch.arange(run.residual_norms.shape[1])
    bounds = torch.stack([C * q ** steps.double() for C, q in rates])
    ratios = (theorem.measured(run) / bounds).nan_to_num(torch.inf, torch.inf)
    after = steps > run.stopped_at[:, None]
    worst: torch.Tensor = ratios.masked_fill(after, 0.0)[:, 1:].amax(1)
    return worst


def promised(theorem: Any, prefactor: float, factor: float) -> int:
    """Say after how many steps a bound itself has arrived.

    Args:
        theorem: What it bounds.
        prefactor: Its prefactor.
        factor: Its factor a step.

    Returns:
        Steps.
    """
    goal = ACCURACY**2 if theorem.quantity is Quantity.LOSS else ACCURACY
    return math.ceil(math.log(goal / prefactor) / math.log(factor))
