"""Quadratics: radii, powers, prefactors, step counts, a cycle, and torch.optim.SGD.

A draw is a spectrum of random condition number with its ends, and where it is trained also random
eigenvectors and a random start.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import torch

from rootkappa import draws, dynamics, optimizers, rates
from rootkappa.architectures import Quadratic
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import Method, gradient_descent, heavy_ball, nesterov, walk
from rootkappa.problems import Spectrum
from rootkappa.training import Trajectory, grid

Tuning = Callable[[Spectrum], Method]
Layers = list[torch.Tensor]

TUNINGS: dict[str, Tuning] = {
    "gradient descent": optimizers.classical_gradient_descent,
    "heavy ball": optimizers.modular_heavy_ball,
    "nesterov": optimizers.lazy_nesterov,
}
WITH_MOMENTUM = ("heavy ball", "nesterov")
KAPPAS = (1.0001, 1e6)
_MODES = 12
# Gradient descent takes 40 kappa steps.
_TRAINED = (4.0, 64.0)
_LARGE = (1e2, 4e2, 2e3, 1e4)
# An accuracy so small that the start hardly counts.
_ACCURACY = 1e-60


def even(kappa: float, modes: int = 60) -> Spectrum:
    """Give eigenvalues from 1/kappa to 1, even in their logarithm.

    Args:
        kappa: The condition number.
        modes: How many.

    Returns:
        The spectrum.
    """
    return Spectrum.of_values(torch.logspace(-math.log10(kappa), 0, modes, dtype=torch.float64))


def drawn(seed: int, least: float, largest: float) -> Spectrum:
    """Draw a condition number, uniform in its logarithm, and eigenvalues from 1/kappa to 1.

    Args:
        seed: The seed.
        least: The least kappa.
        largest: The largest one; that of the spectrum if the two are equal.

    Returns:
        The spectrum, of which both ends are known.
    """
    source = draws.generator(seed)
    height, *places = torch.rand(_MODES + 1, generator=source, dtype=torch.float64).tolist()
    low, high = min(places), max(places)
    kappa = least * (largest / least) ** height
    values = [kappa ** ((place - high) / (high - low)) for place in places]
    return Spectrum.of_values(torch.tensor(values, dtype=torch.float64))


def radius(method: Method, spectrum: Spectrum | torch.Tensor) -> torch.Tensor:
    """Give the radius of each mode by a numerical eigenvalue solver, not by the formula.

    Args:
        method: A method with constant numbers.
        spectrum: The spectrum, or eigenvalues.

    Returns:
        Radii, of the eigenvalues' shape.
    """
    moduli: torch.Tensor = torch.linalg.eigvals(dynamics.companion(method, spectrum)).abs()
    return moduli.amax(-1)


def slowest(method: Method, spectrum: Spectrum) -> float:
    """Give the largest radius of a spectrum, by the same solver.

    Args:
        method: A method with constant numbers.
        spectrum: The spectrum.

    Returns:
        The radius.
    """
    return float(radius(method, spectrum).max())


@measures("quadratics/gd-radius")
def gd_radius(seeds: Sequence[int]) -> Evidence:
    """Compare the slowest mode of gradient descent with 1 - 1/kappa, in eigenvalues and in runs.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """

    def formula(spectrum: Spectrum) -> float:
        return 1 - 1 / spectrum.kappa

    found, shown = _radii(seeds, TUNINGS["gradient descent"], formula)
    short, _ = _radii(seeds, lambda s: gradient_descent(0.5 / s.lambda_max), formula)
    return Evidence(found, Control("half the step, 1/(2 lambda_max)", short), shown=shown)


@measures("quadratics/hb-radius-flat")
def hb_radius_flat(seeds: Sequence[int]) -> Evidence:
    """Compare every mode of heavy ball with 1 - 1/(2 sqrt kappa), in eigenvalues and in runs.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """

    def formula(spectrum: Spectrum) -> float:
        return 1 - 0.5 / math.sqrt(spectrum.kappa)

    def low(spectrum: Spectrum) -> Method:
        return heavy_ball(1.0, 0.9 * (1 - math.sqrt(1 / spectrum.kappa)) ** 2)

    found, shown = _radii(seeds, TUNINGS["heavy ball"], formula, flat=True)
    bent, _ = _radii(seeds, low, formula, flat=True)
    what = "beta a tenth below (1 - sqrt(eta lambda_min))^2, where the slowest mode turns real"
    return Evidence(found, Control(what, bent), shown=shown)


@measures("quadratics/nag-radius")
def nag_radius(seeds: Sequence[int]) -> Evidence:
    """Compare Nesterov's radius with its formula and its bound, in eigenvalues and in runs.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """

    def formula(spectrum: Spectrum) -> float:
        _, beta, _ = optimizers.lazy_nesterov(spectrum).constants("its radius")
        return math.sqrt(beta * (1 - 0.5 / spectrum.kappa))

    def short(spectrum: Spectrum) -> Method:
        return nesterov(1 / 8, optimizers.lazy_nesterov(spectrum).momentum)

    def ends(tuning: Tuning) -> dict[str, float]:
        names = ("gap_at_kappa_1", "gap_at_kappa_1e6")
        return {name: _gap(tuning, even(kappa)) for name, kappa in zip(names, KAPPAS, strict=True)}

    found, shown = _radii(seeds, TUNINGS["nesterov"], formula, bound=2 / 3)
    slower, _ = _radii(seeds, short, formula, bound=2 / 3)
    control = Control("a quarter of the step, 1/(8 lambda_max)", slower | ends(short))
    return Evidence(found | ends(TUNINGS["nesterov"]), control, shown=shown)


@measures("quadratics/hb-power-constant")
def hb_power_constant(seeds: Sequence[int]) -> Evidence:
    """Compare the powers of heavy ball's companion matrices with the theorem's constant.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    tuning = TUNINGS["heavy ball"]

    def compare(share: float) -> dict[str, list[float]]:
        found = [_powers(tuning, drawn(seed, *KAPPAS), share) for seed in seeds]
        return {
            "ratio": [of.supremum / of.bound for of in found],
            "root_2_ratio": [of.supremum / of.bound * math.sqrt(2) for of in found],
            "crude_ratio": [of.bound / of.root / 4 for of in found],
        }

    once = {"sup_at_kappa_100": _powers(tuning, even(100), 1.0).supremum}
    return Evidence(compare(1.0) | once, Control(_LESS, compare(0.1)))


@measures("quadratics/nag-power-constant")
def nag_power_constant(seeds: Sequence[int]) -> Evidence:
    """Compare the powers of Nesterov's companion matrices with the theorem's constant.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    tuning = TUNINGS["nesterov"]

    def compare(share: float) -> dict[str, list[float]]:
        found = [_powers(tuning, drawn(seed, *KAPPAS), share) for seed in seeds]
        large = [_powers(tuning, drawn(seed, 4.0, KAPPAS[1]), share) for seed in seeds]
        return {
            "ratio": [of.supremum / of.bound for of in found],
            "crude_ratio": [of.bound / of.root / 12 for of in found],
            "attained": [of.supremum / of.bound for of in large],
        }

    ends = [_powers(tuning, even(kappa), 1.0) for kappa in KAPPAS]
    names = ("scaled_at_kappa_1", "scaled_at_kappa_1e6")
    once = {name: of.bound / of.root for name, of in zip(names, ends, strict=True)}
    return Evidence(compare(1.0) | once, Control(_LESS, compare(0.1)))


@measures("quadratics/prefactor-of-the-real-start")
def prefactor_of_the_real_start(seeds: Sequence[int]) -> Evidence:
    """Measure how far runs from rest may overshoot, and how far trained ones do.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """

    def largest(name: str, start: Any) -> list[float]:
        spectra = [drawn(seed, *KAPPAS) for seed in seeds]
        return [dynamics.prefactor(TUNINGS[name](s), s, start=start) for s in spectra]

    def prefactors(start: str) -> dict[str, Any]:
        return {name.replace(" ", "_"): largest(name, start) for name in WITH_MOMENTUM}

    runs = {f"{name.replace(' ', '_')}_run": _overshoots(seeds, name) for name in WITH_MOMENTUM}
    kappas = [drawn(seed, *KAPPAS).kappa for seed in seeds]
    found, worst = prefactors("rest"), prefactors("worst")
    shown = {"kappa": kappas, "rest": found, "worst": worst}
    return Evidence(found | runs, Control("the worst-case start", worst), shown=shown)


@measures("quadratics/step-counts")
def step_counts(seeds: Sequence[int]) -> Evidence:
    """Count steps on drawn spectra from Gaussian starts, and fit their growth with kappa.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """

    def still(tuning: Tuning) -> Tuning:
        return lambda spectrum: gradient_descent(tuning(spectrum).step_size)

    counts = {name: _counts(tuning, seeds) for name, tuning in TUNINGS.items()}
    without = {name: _counts(still(TUNINGS[name]), seeds) for name in WITH_MOMENTUM}
    root = math.sqrt(_LARGE[-1])
    ratios = {
        f"{name.replace(' ', '_')}_ratio": [
            slow[-1] / fast[-1] / (root / law)
            for slow, fast in zip(counts["gradient descent"], counts[name], strict=True)
        ]
        for name, law in (("heavy ball", 2.0), ("nesterov", 1.5))
    }
    return Evidence(_exponents(counts) | ratios, Control("beta = 0", _exponents(without)))


def lessard_slope(x: torch.Tensor) -> torch.Tensor:
    """Give the derivative of the function of Lessard, Recht and Packard, curvature 1 to 25.

    Args:
        x: Points.

    Returns:
        Slopes, of the same shape.
    """
    return torch.where(x < 1, 25 * x, torch.where(x < 2, x + 24, 25 * x - 24))


def visit(
    method: Method,
    slope: Callable[[torch.Tensor], torch.Tensor] = lessard_slope,
    start: Any = 3.3,
    steps: int = 300,
) -> torch.Tensor:
    """Follow a method on a function of one variable.

    Args:
        method: The method.
        slope: The derivative.
        start: Where it starts, a number or several.
        steps: T.

    Returns:
        Its points, shape (T + 1, ...).
    """
    begin = torch.as_tensor(start, dtype=torch.float64)
    path = walk(method, lambda layers: [slope(layers[0])], [begin], steps)
    return torch.stack([now.point[0] for now in path])


@measures("quadratics/heavy-ball-cycle")
def heavy_ball_cycle() -> Evidence:
    """Compare the end of a run with the cycle of period 3, which three linear equations give.

    Returns:
        The evidence.
    """
    # 9 x' = 13 x - 4 x_before - f'(x) at each corner: f' = 25 x - 24 at the first, 25 x below 1.
    equations = torch.tensor([[12.0, 9.0, 4.0], [4.0, 12.0, 9.0], [9.0, 4.0, 12.0]]).double()
    solved = torch.linalg.solve(equations, torch.tensor([24.0, 0.0, 0.0]).double())

    def compare(points: torch.Tensor) -> dict[str, float]:
        off = (corners(points) - solved).abs().max()
        return {"deviation": float(off), "period_error": period_error(points)}

    method = optimizers.optimal_heavy_ball(1, 25)
    points, straight = visit(method), visit(method, slope=lambda x: 25 * x)
    control = Control(
        "the same run with the flat stretch taken out, a quadratic", compare(straight)
    )
    return Evidence(compare(points), control, shown={"points": points, "cycle": solved})


def corners(points: torch.Tensor) -> torch.Tensor:
    """Give the last three points of a run, from the largest on.

    Args:
        points: The run, shape (T + 1,).

    Returns:
        Three points.
    """
    first = len(points) - 9 + int(points[-9:-6].argmax())
    return points[first : first + 3]


def period_error(points: torch.Tensor) -> float:
    """Give the largest |x_(k+3) - x_k| over the last 27 steps.

    Args:
        points: The run, shape (T + 1,).

    Returns:
        The difference.
    """
    return float((points[-30:-3] - points[-27:]).abs().max())


@measures("quadratics/torch-equivalence")
def torch_equivalence(seeds: Sequence[int], steps: int = 2000) -> Evidence:
    """Train ReLU networks by the walker and in PyTorch, and compare points and velocities.

    Args:
        seeds: The seeds of the draws.
        steps: How many steps to train.

    Returns:
        The evidence.
    """
    problem = _Network(seeds)
    schedule = optimizers.NesterovSchedule()
    pairs = {
        (make(1.0, 0.0).name, momentum): problem.differences(make(0.003, rule), steps)
        for momentum, rule in (("0.9", 0.9), ("(t - 1)/(t + 2)", schedule))
        for make in (heavy_ball, nesterov)
    }

    def largest(*keys: tuple[str, str]) -> dict[str, list[float]]:
        found = torch.stack([pairs[key] for key in keys]).amax(0)
        return dict(zip(("parameters", "buffers"), found.tolist(), strict=True))

    control = largest(("Nesterov", "(t - 1)/(t + 2)"))
    return Evidence(
        largest(("heavy ball", "0.9"), ("Nesterov", "0.9")),
        Control("Nesterov with momentum (t - 1)/(t + 2)", control),
        shown={"pairs": pairs},
    )


_LESS = "a tenth of the least eigenvalue tuned for"


def _radii(
    seeds: Sequence[int],
    tuning: Tuning,
    formula: Callable[[Spectrum], float],
    flat: bool = False,
    bound: float | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    # Deviations of the slowest mode, or of all; in eigenvalues and in runs.
    def choose(radii: torch.Tensor) -> torch.Tensor:
        return radii if flat else radii.max()

    wide = [drawn(seed, *KAPPAS) for seed in seeds]
    off = [float((choose(radius(tuning(s), s)) - formula(s)).abs().max()) for s in wide]
    runs, spectra, factors, misses = [], [], [], []
    for seed in seeds:
        run, spectrum = trained(seed, tuning)
        found = _factors(run, seed, spectrum, every=flat)
        misses.append(max(abs(factor - formula(spectrum)) for factor in found))
        runs.append(run)
        spectra.append(spectrum)
        factors.append(max(found))
    measured: dict[str, Any] = {"deviation": off, "run_deviation": misses}
    if bound is not None:
        measured["ratio"] = [bound / _gap(tuning, s) for s in wide]
    return measured, {"runs": runs, "spectra": spectra, "factor": factors}


def trained(seed: int, tuning: Tuning) -> tuple[Trajectory, Spectrum]:
    """Train a drawn quadratic, of random eigenvectors, from a random start.

    Args:
        seed: The seed of all of them.
        tuning: A tuning.

    Returns:
        The run with its residuals, and the spectrum.
    """
    spectrum = drawn(seed, *_TRAINED)
    vectors = _vectors(seed)
    model = Quadratic(vectors * spectrum.eigenvalues.sqrt() @ vectors.T)
    method = tuning(spectrum)
    steps = int(40 / (1 - slowest(method, spectrum)))
    return grid(model, method=method, seed=[seed]).train(steps, keep_residuals=True), spectrum


def _vectors(seed: int) -> torch.Tensor:
    return draws.haar(_MODES, _MODES, draws.generator(seed))


def _factors(run: Trajectory, seed: int, spectrum: Spectrum, every: bool) -> list[float]:
    # By a recurrence with free coefficients, along the slowest mode or along each.
    (method,) = run.methods
    radii = radius(method, spectrum)
    modes = range(len(radii)) if every else [int(radii.argmax())]
    residuals, vectors = run.residuals, _vectors(seed)
    if residuals is None:
        raise ValueError("the run kept no residuals: train with keep_residuals=True.")
    memory = method.momentum != 0
    return [rates.free_factor(residuals[0], vectors[:, i], memory).factor for i in modes]


def _gap(tuning: Tuning, spectrum: Spectrum) -> float:
    return (1 - slowest(tuning(spectrum), spectrum)) * math.sqrt(spectrum.kappa)


class _Powers(NamedTuple):
    supremum: float
    bound: float
    root: float


def _powers(tuning: Tuning, spectrum: Spectrum, share: float) -> _Powers:
    # Of ||M^k|| / rho^k with the rho of the tuning, where the least eigenvalue met is another.
    method, root = tuning(spectrum), math.sqrt(spectrum.kappa)
    least = spectrum.eigenvalues.new_tensor([share * spectrum.lambda_min])
    met = torch.cat([spectrum.eigenvalues, least])
    rho = float(dynamics.spectral_radius(method, spectrum).max())
    norms = dynamics.power_norms(method, met, min(int(20 * root) + 50, 20000), rho)
    return _Powers(float(norms.max()), dynamics.power_bound(method, spectrum), root)


def _overshoots(seeds: Sequence[int], name: str) -> list[float]:
    # Of trained pairs of residuals, over the prefactor of their spectrum, above rounding.
    found = []
    for seed in seeds:
        run, spectrum = trained(seed, TUNINGS[name])
        norms, method = run.residual_norms[0], run.methods[0]
        rho = float(dynamics.spectral_radius(method, spectrum).max())
        pairs = torch.hypot(norms[1:], norms[:-1]) / (math.sqrt(2) * norms[0])
        decay = rho ** torch.arange(1.0, len(norms), dtype=torch.float64)
        largest = float((pairs / decay)[decay > 1e-8].max())
        found.append(max(largest, 1.0) / dynamics.prefactor(method, spectrum))
    return found


def _counts(tuning: Tuning, seeds: Sequence[int]) -> list[list[int]]:
    # For each seed and each kappa, on one draw of eigenvalues and start.
    starts = [draws.normal((_MODES,), draws.generator(seed)) for seed in seeds]
    return [
        [
            dynamics.steps_to(tuning(spectrum), spectrum, start, _ACCURACY)
            for spectrum in (drawn(seed, kappa, kappa) for kappa in _LARGE)
        ]
        for seed, start in zip(seeds, starts, strict=True)
    ]


def _exponents(counts: Mapping[str, list[list[int]]]) -> dict[str, list[float]]:
    return {
        name.replace(" ", "_"): [
            rates.scaling_exponent(_LARGE, each, rounded=True).value for each in found
        ]
        for name, found in counts.items()
    }


class _Network:
    # A two-layer ReLU network of 32 hidden units on 20 samples for each seed, side by side.

    def __init__(self, seeds: Sequence[int]) -> None:
        sources = [draws.generator(seed) for seed in seeds]

        def stacked(*shape: int) -> torch.Tensor:
            return torch.stack([draws.normal(shape, source) for source in sources])

        X = stacked(20, 4)
        self.X, self.Y = X / X.norm(dim=-1, keepdim=True), stacked(20, 1)
        self.start = [stacked(32, 4) / 4, stacked(1, 32) / 4]

    def gradient(self, layers: Layers) -> Layers:
        # Of half the squared error, by hand.
        inner, outer = layers
        hidden = self.X @ inner.mT
        active = hidden.clamp(min=0)
        residual = active @ outer.mT - self.Y
        return [(residual @ outer * (hidden > 0)).mT @ self.X, residual.mT @ active]

    def in_torch(self, method: Method, steps: int) -> tuple[torch.Tensor, torch.Tensor]:
        # Points and buffers of torch.optim.SGD, whose momentum is set at each step.
        inner, outer = layers = [layer.clone().requires_grad_() for layer in self.start]
        extrapolates = method.coefficients(steps)[2] > 0
        sgd = torch.optim.SGD(layers, lr=method.step_size, momentum=0.9, nesterov=extrapolates)
        points, buffers = [_flat(layers)], []
        for t in range(steps):
            # Above 0: at momentum 0 PyTorch would forget the buffer.
            sgd.param_groups[0]["momentum"] = max(method.coefficients(t)[1], 1e-300)
            sgd.zero_grad()
            (((self.X @ inner.mT).relu() @ outer.mT - self.Y).square().sum() / 2).backward()
            sgd.step()
            points.append(_flat(layers))
            buffers.append(_flat([sgd.state[layer]["momentum_buffer"] for layer in layers]))
        return torch.stack(points), torch.stack(buffers)

    def differences(self, method: Method, steps: int) -> torch.Tensor:
        # The largest relative ones of points and of velocities, shape (2, seeds).
        ours = list(walk(method, self.gradient, self.start, steps))
        points = torch.stack([_flat(now.point) for now in ours])
        velocities = torch.stack([_flat(now.velocity) for now in ours[1:]])
        theirs, buffers = self.in_torch(method, steps)
        at_points = (points - theirs).norm(dim=-1) / theirs.norm(dim=-1)
        at_buffers = (velocities + method.step_size * buffers).norm(dim=-1).amax(0)
        return torch.stack([at_points.amax(0), at_buffers / velocities.norm(dim=-1).amax(0)])


def _flat(layers: Layers) -> torch.Tensor:
    return torch.cat([layer.detach().flatten(1) for layer in layers], -1)
