"""The constants of five tunings near a minimiser, and worst cases over all functions."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from rootkappa import devices, draws, dynamics, optimizers
from rootkappa.dynamics.worst_case import worst_case
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.evidence.quadratics.spectra import KAPPAS, drawn, slowest
from rootkappa.ledger import Control
from rootkappa.optimizers import Method
from rootkappa.problems import Spectrum

Tuning = Callable[[Spectrum], Method]

# The limit of (1 - rho) sqrt(kappa), by tuning.
LIMITS: dict[str, tuple[Tuning, float]] = {
    "heavy ball of Wang et al.": (optimizers.modular_heavy_ball, 1 / 2),
    "Nesterov of Liu et al.": (optimizers.lazy_nesterov, 2 / 3),
    "standard Nesterov": (optimizers.classical_nesterov, 1.0),
    "optimal Nesterov": (optimizers.optimal_nesterov, 2 / math.sqrt(3)),
    "optimal heavy ball": (optimizers.optimal_heavy_ball, 2.0),
}
HEAVY = ("heavy ball of Wang et al.", "optimal heavy ball")
_LARGE = 1e6
# A numerical solver knows half of the digits at a double root: below this it tells nothing apart.
_RESOLVED = 5e-5
# Ratios of certificates are rounded to so many digits, which the solver has.
_DIGITS = 3
_CERTIFIED, STEPS = (10.0, 60.0), 4
_STARTS, _DIMENSION = 40, 6


def formula(name: str, spectrum: Spectrum) -> float:
    """Give the radius of a tuning in closed form.

    Args:
        name: One of `LIMITS`.
        spectrum: The spectrum.

    Returns:
        rho.
    """
    kappa = spectrum.kappa
    root = math.sqrt(kappa)
    beta = (3 * root - 2) / (3 * root + 2)
    return {
        "heavy ball of Wang et al.": 1 - 1 / (2 * root),
        "Nesterov of Liu et al.": math.sqrt(beta * (1 - 1 / (2 * kappa))),
        "standard Nesterov": 1 - 1 / root,
        "optimal Nesterov": 1 - 2 / math.sqrt(3 * kappa + 1),
        "optimal heavy ball": (root - 1) / (root + 1),
    }[name]


@measures("local-global/constants")
def constants(seeds: Sequence[int]) -> Evidence:
    """Compare the radii of five tunings, by a numerical solver, with their formulas and limits.

    Args:
        seeds: The seeds of the spectra.

    Returns:
        The evidence.
    """

    def compare(share: float) -> dict[str, Any]:
        told = [
            (spectrum, _told(spectrum, share))
            for seed in seeds
            for spectrum in [drawn(seed, 4.0, KAPPAS[1])]
        ]
        off = [
            max(
                _RESOLVED,
                *(
                    abs((1 - slowest(tuning(wrong), spectrum)) / (1 - formula(name, spectrum)) - 1)
                    for name, (tuning, _) in LIMITS.items()
                ),
            )
            for spectrum, wrong in told
        ]
        ends = Spectrum(1 / _LARGE, 1.0)
        limits = {
            _slug(name): (1 - slowest(tuning(_told(ends, share)), ends)) * math.sqrt(_LARGE) / limit
            for name, (tuning, limit) in LIMITS.items()
        }
        return {"deviation": off, **limits}

    what = "a least eigenvalue of a tenth of the one tuned for"
    return Evidence(compare(1.0), Control(what, compare(10.0)))


def _slug(name: str) -> str:
    return name.lower().replace(" of ", "_").replace(" et al.", "").replace(" ", "_")


def _told(spectrum: Spectrum, share: float) -> Spectrum:
    return Spectrum(min(share * spectrum.lambda_min, 0.9), spectrum.lambda_max)


@measures("local-global/certificates")
def certificates(seeds: Sequence[int]) -> Evidence:
    """Compare certified worst cases with quadratics, and with runs on drawn functions.

    Args:
        seeds: The seeds of the condition numbers and functions.

    Returns:
        The evidence; `shown` has the certified ratios of each draw.
    """
    certified: list[dict[str, float]] = []
    found: dict[str, list[float]] = {"descent": [], "nesterov": [], "heavy_ball": []}
    for seed in seeds:
        bounds = _drawn(seed)
        worst = {name: worst_case(m, bounds, STEPS) for name, m in _methods(bounds).items()}
        over = {
            name: value / on_quadratics(_methods(bounds)[name], bounds, STEPS)
            for name, value in worst.items()
        }
        certified.append(worst)
        found["descent"].append(worst["gradient descent"] * (1 - 1 / bounds.kappa) ** (-2 * STEPS))
        plain = [over[name] for name in LIMITS if name not in HEAVY]
        found["nesterov"].append(max(plain, key=lambda ratio: abs(math.log(ratio))))
        found["heavy_ball"].append(over["heavy ball of Wang et al."])
    inside, outside = (_measured(seeds, certified, share) for share in (1.0, 0.1))
    control = Control("functions of a tenth of the strong convexity", {"measured": outside})
    rounded = {name: [round(ratio, _DIGITS) for ratio in each] for name, each in found.items()}
    return Evidence(rounded | {"measured": inside}, control, shown={"certified": certified})


def _methods(bounds: Spectrum) -> dict[str, Method]:
    # All but Polyak's, whose first steps leave more than there was.
    return {name: of for name, of in _all(bounds).items() if name != "optimal heavy ball"}


def _all(bounds: Spectrum) -> dict[str, Method]:
    plain = {"gradient descent": optimizers.classical_gradient_descent(bounds)}
    return plain | {name: tuning(bounds) for name, (tuning, _) in LIMITS.items()}


def _drawn(seed: int) -> Spectrum:
    source = draws.numpy_generator(devices.seed(what="certified", seed=seed))
    low, high = _CERTIFIED
    return Spectrum(1 / (low * (high / low) ** source.uniform()), 1.0)


def on_quadratics(method: Method, bounds: Spectrum, steps: int) -> float:
    """Give the largest f(w_T) / f(w_0) of a quadratic with all its curvature in one place.

    Args:
        method: A method with constant numbers.
        bounds: The least and the largest curvature.
        steps: T.

    Returns:
        The ratio.
    """
    values = torch.linspace(bounds.lambda_min, bounds.lambda_max, 2000, dtype=torch.float64)
    w, before = torch.ones_like(values), torch.ones_like(values)
    eta, beta, gamma = method.constants("a quadratic")
    for _ in range(steps):
        slope = values * (w + gamma * (w - before))
        before, w = w, w + beta * (w - before) - eta * slope
    return float(w.square().max())


def _measured(
    seeds: Sequence[int], certified: Sequence[Mapping[str, float]], share: float
) -> list[float]:
    # The largest measured ratio over the certified one, of all methods, functions and starts.
    worst = []
    for seed, ratios in zip(seeds, certified, strict=True):
        bounds = _drawn(seed)
        curved = Spectrum(share * bounds.lambda_min, bounds.lambda_max)
        f = _Curved(curved, seed)
        ratio = max(
            max(f.ratio(method), on_quadratics(method, curved, STEPS)) / ratios[name]
            for name, method in _methods(bounds).items()
        )
        worst.append(round(ratio, _DIGITS))
    return worst


class _Curved:
    # f(x) = mu/2 |x|^2 + (L - mu) sum_i log cosh(b_i x + c_i), |B| = 1, with its minimiser.

    def __init__(self, bounds: Spectrum, seed: int) -> None:
        source = draws.generator(devices.seed(what="curved", seed=seed))
        B = draws.normal((2 * _DIMENSION, _DIMENSION), source)
        self.B = B / torch.linalg.matrix_norm(B, 2)
        self.c = draws.normal((2 * _DIMENSION,), source)
        self.mu, self.bend = bounds.lambda_min, bounds.lambda_max - bounds.lambda_min
        self.starts = 10 * draws.normal((_STARTS, _DIMENSION), source)
        x = torch.zeros(1, _DIMENSION, dtype=torch.float64)
        for _ in range(60):  # Newton, damped by half: f is strongly convex
            inner = 1 - torch.tanh(x @ self.B.T + self.c).square()
            hessian = self.mu * torch.eye(_DIMENSION).to(x) + self.bend * self.B.T * inner @ self.B
            x = x - torch.linalg.solve(hessian, self.gradient(x)[0]) / 2
        self.least = self.value(x)

    def value(self, x: torch.Tensor) -> torch.Tensor:
        inner = (x @ self.B.T + self.c).abs()
        # log cosh without overflow.
        bent = (inner + torch.log1p(torch.exp(-2 * inner)) - math.log(2)).sum(1)
        total: torch.Tensor = self.mu / 2 * x.square().sum(1) + self.bend * bent
        return total

    def gradient(self, x: torch.Tensor) -> torch.Tensor:
        slope: torch.Tensor = self.mu * x + self.bend * torch.tanh(x @ self.B.T + self.c) @ self.B
        return slope

    def ratio(self, method: Method) -> float:
        eta, beta, gamma = method.constants("a run")
        w, before = self.starts, self.starts
        for _ in range(STEPS):
            slope = self.gradient(w + gamma * (w - before))
            before, w = w, w + beta * (w - before) - eta * slope
        ratios = (self.value(w) - self.least) / (self.value(self.starts) - self.least)
        return float(ratios.max())


def certified_rates(kappa: float, steps: Sequence[int]) -> dict[str, list[float]]:
    """Give the certified factor a step of the residual, (ratio)^(1 / 2T), by tuning.

    Args:
        kappa: The condition number.
        steps: The values of T.

    Returns:
        A list a tuning.
    """
    bounds = Spectrum(1 / kappa, 1.0)
    return {
        name: [worst_case(method, bounds, T) ** (1 / (2 * T)) for T in steps]
        for name, method in _all(bounds).items()
    }


def measured_rates(kappa: float, seeds: Sequence[int]) -> dict[str, float]:
    """Give the largest factor a step that four steps had on drawn functions, by tuning.

    Args:
        kappa: The condition number.
        seeds: The seeds of the functions and starts.

    Returns:
        A factor a tuning.
    """
    bounds = Spectrum(1 / kappa, 1.0)
    functions = [_Curved(bounds, seed) for seed in seeds]
    return {
        name: max(f.ratio(method) for f in functions) ** (1 / (2 * STEPS))
        for name, method in _all(bounds).items()
    }


def local_rates(kappa: float) -> dict[str, float]:
    """Give the exact radius on quadratics, by tuning.

    Args:
        kappa: The condition number.

    Returns:
        A radius a tuning.
    """
    bounds = Spectrum(1 / kappa, 1.0)
    return {
        name: float(dynamics.spectral_radius(method, bounds).max())
        for name, method in _all(bounds).items()
    }
