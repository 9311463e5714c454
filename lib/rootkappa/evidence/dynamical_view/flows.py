"""The flows of heavy ball and of Nesterov's schedule, on the limit kernels of drawn data."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import torch

from rootkappa import datasets, dynamics, kernels, rates
from rootkappa.dynamics import ConstantFriction, VanishingFriction
from rootkappa.dynamics.flow import Flow
from rootkappa.evidence.dynamical_view.laws import averages, line
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import nesterov
from rootkappa.problems import Spectrum
from rootkappa.theorems import HeavyBallFlowBound, NesterovFlowBound

# Of heavy ball, in units of sqrt(mu).
FRICTIONS = (1.0, 2.0, 4.0)
# r of Nesterov's flow.
POWERS = (2, 3, 4, 6, 8)
# With lambda_max = 1.
STEP_SIZES = tuple(1e-2 / 4**j for j in range(4))
_SAMPLES, _DIMENSION = 20, 10
_HORIZON = 20.0
# Equidistant times in windows of four periods of the slowest mode, in units of 1/sqrt(mu).
_WINDOW = 128
_LONG = 100 + math.pi / 16 * torch.arange(20 * _WINDOW, dtype=torch.float64)
_FAR = torch.linspace(350, 700, 351, dtype=torch.float64)
_SHORT = torch.linspace(0, 40, 4001, dtype=torch.float64)


class Draw(NamedTuple):
    """The limit kernel of a drawn data set, and the error of f = 0 along its eigenvectors."""

    spectrum: Spectrum
    weights: torch.Tensor

    def loss(self, flow: Flow, times: torch.Tensor) -> torch.Tensor:
        """Give the loss along a flow.

        Args:
            flow: The flow.
            times: Times, shape (S,).

        Returns:
            L, shape (S,).
        """
        response = flow.response(self.spectrum, times)
        return (self.weights[:, None] * response).square().sum(0) / 2


def drawn(seed: int, least: float | None = None, largest: float | None = None) -> Draw:
    """Draw 20 points on the sphere in 10 dimensions with labels, for a two-layer ReLU network.

    Args:
        seed: The seed.
        least: What to scale the least eigenvalue to, or None.
        largest: What to scale the largest one to, or None. A scale is a unit of time.

    Returns:
        The draw.
    """
    data = datasets.sphere(d=_DIMENSION, k=1, n=_SAMPLES, seed=seed)
    values, vectors = torch.linalg.eigh(kernels.relu_limit(data.X))
    values = values * (least / values[0] if least else largest / values[-1] if largest else 1.0)
    return Draw(Spectrum.of_values(values), vectors.T @ -data.Y[0])


@measures("dynamical-view/hb-flow")
def hb_flow(seeds: Sequence[int]) -> Evidence:
    """Compare the heavy-ball flow with an integrator, its exponents, and the theorem's bound.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    each = [drawn(seed, least=1.0) for seed in seeds]
    theorems = {b: HeavyBallFlowBound(b) for b in FRICTIONS}
    fitted = {b: [_exponent(of, ConstantFriction(b)) for of in each] for b in FRICTIONS}
    off = {
        b: [abs(found / ConstantFriction(b).exponent(1.0) - 1) for found in fitted[b]]
        for b in FRICTIONS
    }
    ratios = {b: [_over_bound(of, theorem) for of in each] for b, theorem in theorems.items()}
    deviations = [_deviations(ConstantFriction(b), each) for b in FRICTIONS]
    *inner, outer = FRICTIONS
    return Evidence(
        {
            "deviation": _largest(deviations),
            "exponent_error": _largest(list(off.values())),
            "bound_ratio": _largest([ratios[b] for b in inner]),
        },
        Control(r"friction $4\sqrt\mu$", {"bound_ratio": ratios[outer]}),
        hypotheses=[[theorems[b].check(of.spectrum) for b in inner] for of in each],
        shown={"exponent": fitted, "bound_ratio": ratios},
    )


@measures("dynamical-view/nag-flow")
def nag_flow(seeds: Sequence[int]) -> Evidence:
    """Measure the power and the constant of the loss along the flow with friction r/t.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    each = [drawn(seed, least=1.0) for seed in seeds]

    def powers(flow_of: Callable[[float], Flow]) -> dict[int, list[_Power]]:
        return {r: [_power(of, flow_of(r), r) for of in each] for r in POWERS}

    def errors(found: Mapping[int, list[_Power]]) -> dict[str, list[float]]:
        slopes = [[abs(of.slope + r) for of in powers] for r, powers in found.items()]
        heights = [[abs(of.height - 1) for of in powers] for powers in found.values()]
        return {"slope_error": _largest(slopes), "constant_error": _largest(heights)}

    found = powers(VanishingFriction)
    # r/t as it is at t = 50, before the first time that is looked at.
    steady = powers(lambda r: ConstantFriction(r / 50))
    return Evidence(
        errors(found),
        Control(r"friction $r\sqrt\mu/50$, which does not vanish", errors(steady)),
        hypotheses=[[NesterovFlowBound(r).check(of.spectrum) for r in POWERS] for of in each],
        shown={"powers": found},
    )


@measures("dynamical-view/discretisation-order")
def discretisation_order(seeds: Sequence[int]) -> Evidence:
    """Measure with what power of the step the methods come near their flows.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    each = [drawn(seed, largest=1.0) for seed in seeds]
    values = torch.stack([of.spectrum.eigenvalues for of in each])
    weights = torch.stack([of.weights / of.weights.norm() for of in each])

    def distances(kind: str, clock: float = 0.5) -> torch.Tensor:
        apart = [_apart(kind, values, eta, clock) for eta in STEP_SIZES]
        return torch.stack([_peak(weights, found) for found in apart])

    kinds = ("heavy_ball", "nesterov", "two_factor")
    apart = {kind: distances(kind) for kind in kinds}
    slow = {"nesterov_order": _orders(distances("nesterov", clock=1.0))}
    return Evidence(
        {f"{kind}_order": _orders(found) for kind, found in apart.items()},
        Control(r"the clock $t=k\eta$", slow),
        shown={"distances": apart},
    )


class _Power(NamedTuple):
    slope: float
    height: float


def _power(draw: Draw, flow: Flow, r: int) -> _Power:
    # Of t^-r in the loss, and its height in the last quarter over the theorem's constant.
    times, means = averages(_LONG, _LONG**r * draw.loss(flow, _LONG), _WINDOW)
    constant = VanishingFriction(r).loss_constant(draw.spectrum, draw.weights)
    return _Power(line(times.log(), means.log())[0] - r, float(means[-5:].mean()) / constant)


def _exponent(draw: Draw, flow: ConstantFriction) -> float:
    # Of the root of the energy. Squares would underflow: they are summed through logarithms.
    roots = draw.spectrum.eigenvalues.sqrt()[:, None]
    spectrum, shares = draw.spectrum, draw.weights.abs()[:, None]
    energy = torch.hypot(roots * flow.response(spectrum, _FAR), flow.velocity(spectrum, _FAR))
    heights = torch.logsumexp(2 * (shares.log() + energy.log()), 0) / 2
    return -line(_FAR, heights)[0]


def _over_bound(draw: Draw, theorem: HeavyBallFlowBound) -> float:
    loss = draw.loss(theorem.flow(draw.spectrum), _SHORT)
    return float((loss / loss[0] / theorem.bound(draw.spectrum, _SHORT)).max())


def _deviations(flow: Flow, each: Sequence[Draw]) -> list[float]:
    # Closed form against the integrator, all draws at once, relative to the start.
    values = torch.stack([of.spectrum.eigenvalues for of in each])
    times = torch.linspace(0, _HORIZON, 21, dtype=torch.float64)
    found = flow.integrate(lambda w: values * w, torch.ones_like(values), times)
    off = (flow.response(values, times).movedim(-1, 0) - found).abs()
    return [float(of) for of in off.amax((0, 2))]


def _apart(kind: str, values: torch.Tensor, eta: float, clock: float) -> torch.Tensor:
    # Each mode's distance from its limit at every step, for the step time eta^clock.
    count = int(_HORIZON / math.sqrt(eta))
    if kind == "two_factor":
        exact = dynamics.two_factor_response(3, eta * values, count)
    else:
        flow = ConstantFriction(0.5) if kind == "heavy_ball" else VanishingFriction(3)
        exact = flow.response(values, torch.arange(count + 1, dtype=torch.float64) * eta**clock)
    method = ConstantFriction(0.5).discretised(eta) if kind == "heavy_ball" else nesterov(eta)
    return dynamics.modal_response(method, values, count) - exact


def _peak(weights: torch.Tensor, apart: torch.Tensor) -> torch.Tensor:
    norms: torch.Tensor = (weights[..., None] * apart).norm(dim=1)
    return norms.amax(-1)


def _orders(distances: torch.Tensor) -> list[float]:
    roots = [math.sqrt(eta) for eta in STEP_SIZES]
    return [rates.scaling_exponent(roots, found).value for found in distances.T.tolist()]


def _largest(rows: Sequence[Sequence[float]]) -> list[float]:
    # Of each draw.
    return [max(of) for of in zip(*rows, strict=True)]
