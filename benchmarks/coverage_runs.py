"""Runs whose asymptotic factor is known: plain iterations with a symmetric kernel, noise added."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch

from rootkappa.dynamics import spectral_radius
from rootkappa.optimizers import Method, heavy_ball, tunings
from rootkappa.optimizers import triple_momentum as triple

Array = npt.NDArray[np.float64]
Tuning = Callable[[float, float], Method]
Spectrum = Callable[[np.random.Generator, float], Array]


def log_spaced(modes: int) -> Spectrum:
    return lambda rng, kappa: np.geomspace(1 / kappa, 1.0, modes)


def random(modes: int) -> Spectrum:
    return lambda rng, kappa: kappa ** -np.r_[1.0, 0.0, rng.uniform(0, 1, modes - 2)]


def clustered(modes: int) -> Spectrum:
    """Half of the modes within 10 % of the slowest."""

    def draw(rng: np.random.Generator, kappa: float) -> Array:
        near = rng.uniform(1.0, 1.1, modes // 2) / kappa
        return np.r_[1 / kappa, near, kappa ** -rng.uniform(0, 1, modes - modes // 2 - 2), 1.0]

    return draw


def uniform(modes: int) -> Spectrum:
    return lambda rng, kappa: np.r_[1 / kappa, rng.uniform(1 / kappa, 1, modes - 2), 1.0]


def marchenko_pastur(modes: int) -> Spectrum:
    """Eigenvalues of a Wishart matrix of aspect ratio 2/3, largest 1: kappa is what it is."""

    def draw(rng: np.random.Generator, kappa: float) -> Array:
        values = np.linalg.svd(rng.standard_normal((modes, 3 * modes // 2)), compute_uv=False) ** 2
        return values / values.max()

    return draw


def real_slow(low: float, high: float) -> Method:
    """Nesterov tuned for 1.6 lambda_min: the slowest roots are real, all others complex."""
    return tunings.lazy_nesterov(1.6 * low, high)


def nearly_critical(low: float, high: float) -> Method:
    """Heavy ball whose double root lies 1 % above lambda_min."""
    return heavy_ball(1 / high, (1 - math.sqrt(1.01 * low / high)) ** 2)


def other_gamma(low: float, high: float) -> Method:
    return Method(0.7 / high, tunings.lazy_nesterov(low, high).momentum, 0.4)


def extrapolation_alone(low: float, high: float) -> Method:
    return Method(0.8 / high, 0.0, 0.5)


@dataclass(frozen=True)
class Setting:
    """What is drawn: a method, a spectrum, a length, and what disturbs the run.

    Args:
        name: The row of the table.
        tuning: The method from the extreme eigenvalues.
        spectrum: Eigenvalues in [1/kappa, 1].
        steps: Steps of the run; until it reaches 1e-12 if None.
        kappa: Condition number.
        floor: Noise of ||xi_t||, relative to ||xi_0||.
        drift: Kernel at the start over that in the end, less 1; it dies out as the residual does.
        slow: Whether it dies out more slowly: by half every tenth of the run.
        single: Whether the run is rounded to float32 at every step.
        told: Whether the residuals come in the precision of the run.
        momentum_error: The momentum that is named over that of the run, less 1.
        gradient_noise: Independent noise of each entry of the gradient, relative to it.
        skew: How far the kernel is from symmetric; its eigenvalues stay.
        seen: Share of the outputs that is seen.
        offset: A part of the residual that does not decay, relative to the start.
    """

    name: str
    tuning: Tuning
    spectrum: Spectrum
    steps: int | None = None
    kappa: float = 100.0
    floor: float = 0.0
    drift: float = 0.0
    slow: bool = False
    single: bool = False
    told: bool = True
    momentum_error: float = 0.0
    gradient_noise: float = 0.0
    skew: float = 0.0
    seen: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True)
class Run:
    """One drawn run.

    Args:
        method: The method.
        residuals: xi_t, shape (T + 1, N).
        factor: Its asymptotic factor.
        slowest: The eigenvector that decays slowest, shape (N,).
        iterated: The factor of the numbers and the kernel that were iterated, in float32 perhaps.
    """

    method: Method
    residuals: torch.Tensor
    factor: float
    slowest: torch.Tensor
    iterated: float


GD, LAZY, CLASSICAL = (
    tunings.classical_gradient_descent,
    tunings.lazy_nesterov,
    tunings.classical_nesterov,
)
HEAVY = tunings.modular_heavy_ball

# The estimator was built on these.
SEEN = (
    Setting("gradient descent, 30 log-spaced", GD, log_spaced(30)),
    Setting(
        "gradient descent, 2/(L + mu), 30 random", tunings.optimal_gradient_descent, random(30)
    ),
    Setting("gradient descent, floor 1e-9", GD, log_spaced(30), floor=1e-9),
    Setting("heavy ball, 30 log-spaced", HEAVY, log_spaced(30)),
    Setting("heavy ball, optimal, 60 clustered", tunings.optimal_heavy_ball, clustered(60)),
    Setting("near the critical damping", nearly_critical, log_spaced(30)),
    Setting("Nesterov, 1 mode", LAZY, lambda rng, kappa: np.array([1 / kappa])),
    Setting("Nesterov, 30 log-spaced", LAZY, log_spaced(30)),
    Setting("Nesterov, 30 random", LAZY, random(30)),
    Setting("Nesterov, 60 clustered", LAZY, clustered(60)),
    Setting("Nesterov, 400 random", LAZY, random(400)),
    Setting("Nesterov, double root", CLASSICAL, log_spaced(30)),
    Setting("Nesterov, real slow mode", real_slow, log_spaced(30)),
    Setting("Nesterov, 20 steps", LAZY, log_spaced(30), steps=20),
    Setting("Nesterov, 40 steps", LAZY, log_spaced(30), steps=40),
    Setting("Nesterov, floor 1e-12", LAZY, log_spaced(30), floor=1e-12),
    Setting("Nesterov, floor 1e-9", LAZY, log_spaced(30), floor=1e-9),
    Setting("Nesterov, floor 1e-6", LAZY, log_spaced(30), floor=1e-6),
    Setting("Nesterov, float32", LAZY, log_spaced(30), single=True),
    Setting("Nesterov, drift 10 %", LAZY, log_spaced(30), drift=0.1),
    Setting("gamma other than beta", other_gamma, random(30)),
    Setting("beta = 0, gamma = 1/2", extrapolation_alone, random(30)),
)

# These were first run when it was done.
FRESH = (
    Setting("2 modes", LAZY, random(2)),
    Setting("17 modes, kappa 300, 60 steps", CLASSICAL, random(17), steps=60, kappa=300),
    Setting("uniform spectrum, 100 modes", LAZY, uniform(100)),
    Setting("Marchenko-Pastur, 40 modes", LAZY, marchenko_pastur(40)),
    Setting("triple momentum, floor 1e-10", triple, random(25), kappa=50, floor=1e-10),
    Setting("200 modes, 30 steps", LAZY, random(200), steps=30),
    Setting("heavy ball, floor 1e-4", HEAVY, random(40), floor=1e-4),
    Setting("Nesterov, floor 1e-4", LAZY, clustered(20), floor=1e-4),
    Setting("gradient descent, 25 steps, kappa 5", GD, random(10), steps=25, kappa=5),
    Setting("heavy ball, drift 50 %", HEAVY, log_spaced(30), drift=0.5),
    Setting("Nesterov, drift 50 %", LAZY, random(15), drift=0.5),
    Setting("Nesterov, slow drift 20 %", LAZY, random(15), drift=0.2, slow=True),
    Setting("kappa 1e4", LAZY, log_spaced(40), kappa=1e4),
    Setting("float32, not told", HEAVY, random(30), single=True, told=False),
    Setting("Nesterov, float32, not told", CLASSICAL, random(12), single=True, told=False),
)

# These are not what the estimator assumes: it should say that it cannot tell.
BROKEN = (
    Setting("momentum named 5 % too large", LAZY, log_spaced(30), momentum_error=0.05),
    Setting("momentum named 1 % too large", LAZY, log_spaced(30), momentum_error=0.01),
    Setting("momentum named 0.1 % too large", LAZY, log_spaced(30), momentum_error=0.001),
    Setting("gradient noise of 2 %", LAZY, log_spaced(30), gradient_noise=0.02),
    Setting("a kernel that is not symmetric", LAZY, log_spaced(30), skew=0.3),
    Setting("half of the outputs seen", LAZY, log_spaced(30), seen=0.5),
    Setting("a constant offset of 1e-3", LAZY, log_spaced(30), offset=1e-3),
)


def draw(setting: Setting, repetition: int) -> Run:
    """Draw one run: the seed comes from the setting's name and the repetition."""
    rng = np.random.default_rng([zlib.crc32(setting.name.encode()), repetition])
    values = setting.spectrum(rng, setting.kappa)
    method = setting.tuning(float(values.min()), float(max(values.max(), 1.0)))
    radii = spectral_radius(method, torch.from_numpy(values)).numpy()
    factor = float(radii.max())
    basis = np.linalg.qr(rng.standard_normal((len(values), len(values))))[0]
    steps = setting.steps or math.ceil(math.log(max(1e-12, setting.floor / 10)) / math.log(factor))
    mixed = basis @ (
        np.eye(len(values)) + setting.skew * np.triu(rng.standard_normal(basis.shape), 1)
    )
    inverse = basis.T if setting.skew == 0 else np.linalg.inv(mixed)
    kernel = (mixed * values) @ inverse
    iterated = _rounded_factor(method, kernel) if setting.single else factor
    residuals = _iterate(setting, method, kernel, steps, rng)
    residuals += setting.offset * np.linalg.norm(residuals[0]) * basis[0]
    residuals = residuals[:, : max(1, round(setting.seen * len(values)))]
    noise = rng.standard_normal(residuals.shape) / math.sqrt(residuals.shape[1])
    residuals += setting.floor * np.linalg.norm(residuals[0]) * noise
    kind = torch.float32 if setting.single and setting.told else torch.float64
    slowest = torch.from_numpy(basis[:, int(radii.argmax())].copy())
    if setting.momentum_error:
        method = replace(method, momentum=method.momentum * (1 + setting.momentum_error))
    return Run(method, torch.from_numpy(residuals).to(kind), factor, slowest, iterated)


def _rounded_factor(method: Method, kernel: Array) -> float:
    # A rate that is read without the method is that of its rounded numbers.
    numbers = (float(np.float32(number)) for number in method.coefficients(0))
    values = np.linalg.eigvalsh(kernel.astype(np.float32).astype(np.float64))
    return float(spectral_radius(Method(*numbers), torch.from_numpy(values)).max())


def _iterate(
    setting: Setting, method: Method, kernel: Array, steps: int, rng: np.random.Generator
) -> Array:
    kind = np.float32 if setting.single else np.float64
    before = now = rng.standard_normal(len(kernel)).astype(kind)
    start, kernel = np.linalg.norm(now), kernel.astype(kind)
    eta, beta, gamma = (kind(number) for number in method.coefficients(0))
    read = []
    for t in range(steps + 1):
        point = now + gamma * (now - before)
        read.append(point)
        left = 0.5 ** (10 * t / steps) if setting.slow else np.linalg.norm(point) / start
        moved = kind(eta * (1 + setting.drift * min(left, 1.0)))
        noisy = kernel @ point
        if setting.gradient_noise:
            noisy = noisy * (1 + setting.gradient_noise * rng.standard_normal(len(noisy)))
        before, now = now, now + beta * (now - before) - moved * noisy
    return np.stack(read).astype(np.float64)
