"""Drawn two-layer ReLU networks under four methods, against the laws of their frozen kernel."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import median

import torch

from rootkappa import datasets, dynamics, optimizers, rates
from rootkappa.architectures import TwoLayerReLU
from rootkappa.dynamics import VanishingFriction
from rootkappa.evidence.dynamical_view.laws import envelope, line
from rootkappa.evidence.dynamical_view.runs import by_method, kept
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import Method, gradient_descent, nesterov
from rootkappa.problems import Spectrum
from rootkappa.theorems import NesterovFlowBound, ReluNesterov
from rootkappa.training import Trajectory, grid

FLOW = VanishingFriction(3)
TWIN, SCHEDULE, CONSTANT = "heavy-ball twin", "schedule 3/k", "constant momentum"
METHODS: dict[str, Callable[[Spectrum], Method]] = {
    TWIN: lambda spectrum: FLOW.discretised(1 / spectrum.lambda_max),
    SCHEDULE: lambda spectrum: nesterov(1 / spectrum.lambda_max),
    CONSTANT: optimizers.lazy_nesterov,
    "gradient descent": lambda spectrum: gradient_descent(1 / spectrum.lambda_max),
}
IN_TIME = "flow 3/t"
# The four that the contradiction is about.
FOUR = (IN_TIME, TWIN, SCHEDULE, CONSTANT)
# Small labels keep the kernel where it is.
_LABELS = 1e-3
_WIDTH, _STEPS, _FLOW_STEPS = 256, 800, 120
# Up to this step whole trajectories are compared.
_COMPARED = 60
# Weights and data come from different draws.
_OF_DATA = 10_000


def network(seed: int, width: int = _WIDTH, labels: float = _LABELS) -> TwoLayerReLU:
    """Draw the data of a network: 20 points on the sphere in 10 dimensions.

    Args:
        seed: The seed.
        width: m.
        labels: What the labels are multiplied by.

    Returns:
        The network, whose start is antisymmetric.
    """
    data = datasets.sphere(d=10, k=1, n=20, seed=_OF_DATA + seed)
    return TwoLayerReLU(data.X, labels * data.Y, width, "antisymmetric")


@dataclass(frozen=True)
class Trained:
    """A drawn network: what it did, and what the frozen kernel of its start says.

    Args:
        kernel: Eigenvalues and eigenvectors at the start.
        methods: The discrete methods.
        residuals: Residuals of each method at every step, shape (T + 1, n).
        laws: The same with the kernel of the start.
        least: Least eigenvalue of the kernel at each method's end.
        slowest: Its eigenvector.
        flips: How many activations changed their sign in the discrete runs.
    """

    kernel: tuple[torch.Tensor, torch.Tensor]
    methods: dict[str, Method]
    residuals: dict[str, torch.Tensor]
    laws: dict[str, torch.Tensor]
    least: dict[str, float]
    slowest: dict[str, torch.Tensor]
    flips: int

    @property
    def spectrum(self) -> Spectrum:
        """The kernel's spectrum at the start."""
        return Spectrum.of_values(self.kernel[0])

    def norms(self, name: str) -> torch.Tensor:
        """Give the residual of a method, relative to the start.

        Args:
            name: The method.

        Returns:
            Norms, shape (T + 1,).
        """
        found = self.residuals[name]
        norms: torch.Tensor = found.norm(dim=1) / found[0].norm()
        return norms

    def apart(self, name: str, law: str) -> float:
        """Compare the trajectory of one method with the law of another, up to step 60.

        Args:
            name: The method.
            law: The other.

        Returns:
            The largest distance, over the length of the start.
        """
        found, exact = (of[: _COMPARED + 1] for of in (self.residuals[name], self.laws[law]))
        return float((found - exact).norm(dim=1).max() / found[0].norm())

    def slope(self, name: str) -> float:
        """Fit a power law to the residual, after the first turn of the slowest mode.

        Args:
            name: The method.

        Returns:
            The exponent.
        """
        norms, window = self.norms(name), 2 * self.half_turn
        k = torch.arange(window, len(norms), dtype=torch.float64)
        times, logs = envelope(k, norms[window:], 1.5, window)
        return line(times.log(), logs)[0] - 1.5

    def late_factor(self, name: str) -> float:
        """Fit the factor a step along the slowest eigenvector of the end, with k^-1.5 taken out.

        Args:
            name: The method.

        Returns:
            The factor, after 6 kappa steps, down to 1e-11.
        """
        found = self.residuals[name]
        along = (found @ self.slowest[name]).abs() / found[0].norm()
        stop = int(torch.nonzero(along > 1e-11)[-1])
        first = min(round(6 * self.spectrum.kappa), stop // 4)
        k = torch.arange(first, stop, dtype=torch.float64)
        return math.exp(line(*envelope(k, along[first:stop], 1.5, 2 * self.half_turn))[0])

    def law(self, name: str) -> float:
        """Give the factor a step of schedule or constant momentum, by the kernel at the end.

        Args:
            name: The method.

        Returns:
            The square root of beta (1 - eta mu), with beta = 1 for the schedule.
        """
        method = self.methods[name]
        beta = method.coefficients(0)[1] if name == CONSTANT else 1.0
        return math.sqrt(beta * (1 - method.step_size * self.least[name]))

    @property
    def half_turn(self) -> int:
        """Steps in which the slowest mode makes half a turn."""
        return round(math.pi / math.asin(self.spectrum.kappa**-0.5))


def trained(seeds: Sequence[int], flow: bool = True) -> list[Trained]:
    """Train a network for each seed with every method.

    Args:
        seeds: The seeds of data and weights.
        flow: Whether to integrate the flow on the networks too.

    Returns:
        The trained networks.
    """
    found = _discrete(seeds, _LABELS, _STEPS)
    paths = _flows(seeds) if flow else ()
    return [_with_flow(of, path) for of, path in zip(found, paths, strict=True)] if flow else found


@measures("dynamical-view/discrete-is-linear")
def discrete_is_linear(seeds: Sequence[int], networks: Sequence[Trained] | None = None) -> Evidence:
    """Fit the factor of the schedule, and the power of its heavy-ball twin, on networks.

    Args:
        seeds: The seeds of data and weights.
        networks: The trained networks, if they are at hand.

    Returns:
        The evidence.
    """
    each = networks or trained(seeds, flow=False)

    def ratios(name: str) -> list[float]:
        return [of.late_factor(name) / of.law(SCHEDULE) for of in each]

    return Evidence(
        {"factor_ratio": ratios(SCHEDULE), "slope": [of.slope(TWIN) for of in each]},
        Control("momentum that is constant", {"factor_ratio": ratios(CONSTANT)}),
    )


@measures("dynamical-view/contradiction")
def contradiction(seeds: Sequence[int], networks: Sequence[Trained] | None = None) -> Evidence:
    """Compare four methods on one network with four laws, and with each other's.

    Args:
        seeds: The seeds of data and weights.
        networks: The trained networks with their flows, if they are at hand.

    Returns:
        The evidence.
    """
    each = networks or trained(seeds)
    found = {
        IN_TIME: [of.slope(IN_TIME) for of in each],
        TWIN: [of.slope(TWIN) for of in each],
        SCHEDULE: [of.late_factor(SCHEDULE) for of in each],
        CONSTANT: [_free_factor(of) for of in each],
    }
    laws = {IN_TIME: [-1.5] * len(each), TWIN: [-1.5] * len(each)}
    laws |= {name: [of.law(name) for of in each] for name in (SCHEDULE, CONSTANT)}

    def ratios(name: str) -> list[float]:
        return [value / law for value, law in zip(found[name], laws[name], strict=True)]

    moving = _discrete(seeds, 1.0, _COMPARED)
    return Evidence(
        {
            "flow_slope": found[IN_TIME],
            "heavy_ball_slope": found[TWIN],
            "schedule_factor_ratio": ratios(SCHEDULE),
            "constant_factor_ratio": median(ratios(CONSTANT)),
            "separation": [_separation(of, FOUR) for of in each],
        },
        Control("labels of order 1", {"separation": [_separation(of, FOUR[1:]) for of in moving]}),
        hypotheses=[
            [NesterovFlowBound().check(of.spectrum), ReluNesterov().check(network(seed))]
            for of, seed in zip(each, seeds, strict=True)
        ],
        shown={"laws": laws, "found": found},
    )


def _free_factor(of: Trained) -> float:
    # It knows neither step size nor momentum, so that it tests their formula.
    found = rates.free_factor(of.residuals[CONSTANT], of.slowest[CONSTANT]).factor
    return found if math.isfinite(found) else math.inf


def _separation(of: Trained, names: Sequence[str]) -> float:
    # By how much a method's own law is nearer than the closest law of another, over the distance of
    # that: 1 on its own law, 0 half-way.
    return min(
        1 - of.apart(name, name) / min(of.apart(name, law) for law in names if law != name)
        for name in names
    )


def _discrete(seeds: Sequence[int], labels: float, steps: int) -> list[Trained]:
    runs = grid(lambda seed: network(seed, labels=labels), method=METHODS, seed=seeds)
    found = runs.train(steps, keep_residuals=True)
    return [_read(found.at(seed=seed), steps) for seed in seeds]


def _read(run: Trajectory, steps: int) -> Trained:
    model, runs = run.model, by_method(run)
    values, vectors = torch.linalg.eigh(model.tangent_kernel(run.start)[0])
    kernel = (values, vectors)
    methods = {name: of.methods[0] for name, of in runs.items()}
    residuals = {name: kept(of)[0] for name, of in runs.items()}
    laws = {
        name: dynamics.frozen_residuals(method, kernel, residuals[name][0], steps)
        for name, method in methods.items()
    }
    before, after = (model.activation_patterns(layers)[0] for layers in (run.start, run.weights))
    # Where the last activation has flipped, the kernel is that of the end.
    ends, directions = torch.linalg.eigh(model.tangent_kernel(run.weights))
    least = dict(zip(runs, ends[:, 0].tolist(), strict=True))
    slowest = dict(zip(runs, directions[:, :, 0], strict=True))
    flips = int((before != after).sum())
    return Trained(kernel, methods, residuals, laws, least, slowest, flips)


def _flows(seeds: Sequence[int], steps: int = _FLOW_STEPS) -> torch.Tensor:
    # Residuals along the flow on the networks, all draws at once, with a step as the unit of time:
    # shape (seeds, T + 1, n).
    models = [network(seed) for seed in seeds]
    starts = [model.initialise([seed]) for model, seed in zip(models, seeds, strict=True)]
    etas = [1 / m.spectra(w)[0].lambda_max for m, w in zip(models, starts, strict=True)]
    X, Y = (torch.stack([getattr(model, name) for model in models]) for name in "XY")
    hidden, outer = (torch.cat(layers) for layers in zip(*starts, strict=True))
    outer, sizes = outer * models[0].factor, torch.tensor(etas).double()[:, None, None]

    def residual(W: torch.Tensor) -> torch.Tensor:
        return outer @ (W @ X).clamp(min=0) - Y

    def gradient(W: torch.Tensor) -> torch.Tensor:
        active = (W @ X >= 0).double()
        return sizes * (active * (outer.mT @ residual(W))) @ X.mT

    times = torch.arange(steps + 1, dtype=torch.float64)
    path = FLOW.integrate(gradient, hidden, times, tolerance=1e-8)
    return torch.stack([residual(W)[:, 0] for W in path], 1)


def _with_flow(of: Trained, path: torch.Tensor) -> Trained:
    eta, (values, vectors) = of.methods[SCHEDULE].step_size, of.kernel
    times = torch.arange(len(path), dtype=torch.float64)
    law = FLOW.residuals((eta * values, vectors), path[0], times)
    residuals, laws = {IN_TIME: path} | of.residuals, {IN_TIME: law} | of.laws
    return replace(of, residuals=residuals, laws=laws)
