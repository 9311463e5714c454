"""Points of power laws and long runs whose exponent or law is known."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
X = np.array([4.0, 8.0, 16.0, 32.0, 64.0, 128.0])


@dataclass(frozen=True)
class Points:
    """Points of a law y = 3 sqrt(x) (1 + c x^-w) with disturbances of log y.

    Args:
        name: The row of the table.
        seeds: Columns; 0 for one column of no axis.
        noise: Independent disturbance of each point.
        tilt: Disturbance of each seed's slope, shared by all x.
        shift: Disturbance of each x, shared by all seeds.
        rounded: Whether y is rounded up to whole numbers.
        correction: c and w.
        options: Passed to the fit.
    """

    name: str
    seeds: int = 1
    noise: float = 0.0
    tilt: float = 0.0
    shift: float = 0.0
    rounded: bool = False
    correction: tuple[float, float] = (0.0, 1.0)
    options: dict[str, bool] = field(default_factory=dict)

    exponent = 0.5

    def draw(self, repetition: int) -> Array:
        rng = np.random.default_rng([zlib.crc32(self.name.encode()), repetition])
        share, power = self.correction
        law = 3 * np.exp(rng.uniform(0, 0.5)) * X**self.exponent * (1 + share * X**-power)
        logs = self.noise * rng.standard_normal((len(X), self.seeds))
        logs += self.tilt * np.log(X)[:, None] * rng.standard_normal(self.seeds)
        logs += self.shift * rng.standard_normal((len(X), 1))
        values = law[:, None] * np.exp(logs)
        return np.ceil(values) if self.rounded else values


ROUNDED = {"rounded": True}
POINTS = (
    Points("independent errors, 1 seed", noise=0.1),
    Points("independent errors, 8 seeds", seeds=8, noise=0.1),
    Points("seeds shared over x", seeds=6, noise=0.02, tilt=0.05),
    Points("an effect of each x", seeds=8, noise=0.02, shift=0.1),
    Points("both", seeds=5, noise=0.02, tilt=0.05, shift=0.05),
    Points("rounded counts", rounded=True, options=ROUNDED),
    Points("rounded counts, 4 seeds", seeds=4, noise=0.05, rounded=True, options=ROUNDED),
    Points(
        "a correction 1 + x^-1", noise=0.002, correction=(1.0, 1.0), options={"corrections": True}
    ),
    Points(
        "a correction 1 + x^-1/2, 5 seeds",
        seeds=5,
        noise=0.01,
        tilt=0.01,
        correction=(1.0, 0.5),
        options={"corrections": True},
    ),
)


@dataclass(frozen=True)
class Decay:
    """A long run of a known law.

    Args:
        name: The row of the table.
        law: "linear" or "sublinear".
        draw: Norms from a source of randomness.
    """

    name: str
    law: str
    draw: Callable[[np.random.Generator], Array]

    def norms(self, repetition: int) -> Array:
        return self.draw(np.random.default_rng([zlib.crc32(self.name.encode()), repetition]))


T = np.arange(2001.0)


def _floor(rng: np.random.Generator, level: float) -> Array:
    return level * np.abs(rng.standard_normal(len(T)))


def _modes(rng: np.random.Generator, kappa: float, steps: int, modes: int = 40) -> Array:
    rates = 1 - kappa ** -np.r_[1.0, 0.0, rng.uniform(0, 1, modes - 2)]
    weights = rng.standard_normal(modes)
    return np.sqrt(((weights * rates ** np.arange(steps + 1.0)[:, None]) ** 2).sum(1))


def _gradient_descent_on_x4(rng: np.random.Generator) -> Array:
    x, found, step = rng.uniform(0.5, 1.5), [], rng.uniform(0.02, 0.2)
    for _ in T:
        found.append(x)
        x -= step * x**3
    return np.array(found)


# The family of laws was chosen on these.
DECAYS = (
    Decay(
        "t^-1.5 exp(-t/2000)",
        "linear",
        lambda rng: (1 + T) ** -1.5 * np.exp(-T / rng.uniform(1900, 2100)),
    ),
    Decay("an exponential onto 1e-6", "linear", lambda rng: 0.98**T + _floor(rng, 1e-6)),
    Decay("(t + 2000)^-8", "sublinear", lambda rng: (T + rng.uniform(1900, 2100)) ** -8),
    Decay("exp(-t^0.8/30)", "sublinear", lambda rng: np.exp(-(T**0.8) / rng.uniform(29, 31))),
    Decay("40 modes, kappa the run", "linear", lambda rng: _modes(rng, 2000, 2000)),
    Decay("40 modes, 5 kappa steps", "linear", lambda rng: _modes(rng, 400, 2000)),
    Decay("0.995^t", "linear", lambda rng: rng.uniform(0.993, 0.997) ** T),
    Decay("1/t", "sublinear", lambda rng: (rng.uniform(0.5, 2) + T) ** -1.0),
    Decay("1/t, 10 % noise", "sublinear", lambda rng: _noisy(rng, (1 + T) ** -1.0)),
    Decay("x^4", "sublinear", _gradient_descent_on_x4),
)

# These were first run when it was done.
FRESH_DECAYS = (
    Decay("t^-2", "sublinear", lambda rng: (rng.uniform(1, 5) + T) ** -2.0),
    Decay(
        "t^-0.7 exp(-t/300)",
        "linear",
        lambda rng: (1 + T) ** -0.7 * np.exp(-T / rng.uniform(250, 350)),
    ),
    Decay("(t + 300)^-3", "sublinear", lambda rng: (T + rng.uniform(200, 400)) ** -3.0),
    Decay("exp(-t^0.6/5)", "sublinear", lambda rng: np.exp(-(T**0.6) / rng.uniform(4, 6))),
    Decay("an exponential, then t^-1", "sublinear", lambda rng: _handed_over(rng)),
    Decay("0.99^t, 10 % noise", "linear", lambda rng: _noisy(rng, 0.99**T)),
    Decay(
        "an oscillation", "linear", lambda rng: 0.99**T * np.abs(np.cos(rng.uniform(0.05, 1) * T))
    ),
    Decay("1/t onto 1e-2", "sublinear", lambda rng: np.hypot(1 / (1 + T), _floor(rng, 1e-2))),
)


def _noisy(rng: np.random.Generator, norms: Array) -> Array:
    return norms * np.exp(0.1 * rng.standard_normal(len(norms)))


def _handed_over(rng: np.random.Generator) -> Array:
    return rng.uniform(0.9, 0.98) ** T + 1e-3 / (1 + T)
