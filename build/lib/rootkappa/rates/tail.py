r"""The factor a step by which a residual contracts in the long run.

A second-order recurrence $x_{t+1} = p x_t - q x_{t-1}$ has a Casoratian
$w_t = x_t x_{t-2} - x_{t-1}^2$, and $w_{t+1} = q w_t$ exactly:

    w_{t+1} = x_{t+1} x_{t-1} - x_t^2 = (p x_t - q x_{t-1}) x_{t-1} - x_t^2
            = x_t (p x_{t-1} - x_t) - q x_{t-1}^2 = x_t (q x_{t-2}) - q x_{t-1}^2 = q w_t.

Summed over the modes, $w_t = \langle\xi_t, \xi_{t-2}\rangle - \|\xi_{t-1}\|^2$ needs no basis. For
complex pairs every term is negative: $-w_t$ is a sum of decaying exponentials $q_i^t$ that does
not oscillate, and $\sqrt{q_i}$ is the modulus. For heavy ball all $q_i = \beta$, so one line is
exact whatever the number of modes. For gradient descent $w_t = 0$ and the norms do not oscillate.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch

from rootkappa.rates import _window
from rootkappa.rates._exponentials import slowest
from rootkappa.training.trajectory import Trajectory

Kind = Literal["complex", "real", "energy"]

# Products of norms below this are subnormal: their digits are gone.
_TINY = 1e-290
# Below this share of the norm the Casoratian is rounding.
_ROUNDING = 1e-13
# By how much log(-w/energy^2) must fall from one half of the window to the next for real roots.
_FALL = 1.5
_SLIGHT_FALL = 0.3


@dataclass(frozen=True)
class TailFactor:
    """A measured contraction factor.

    Args:
        factor: The factor a step.
        interval: Lower and upper end: the factors of the window and of three parts of it, widened
            on both sides by their spread and by two standard errors. Next to a double root, where
            the Casoratian decays slightly faster than the energy, it reaches to the energy's
            factor. It cannot know of a slow mode that the start hardly excites.
        window: First and last step used.
        kind: "complex", read from the Casoratian; "real", from the norms because the Casoratian
            decays faster; "energy", from the norms because no lagged products were given.
    """

    factor: float
    interval: tuple[float, float]
    window: tuple[int, int]
    kind: Kind


def tail_factor(
    norms: torch.Tensor,
    lag1: torch.Tensor | None = None,
    lag2: torch.Tensor | None = None,
    window: tuple[float, float] = (1e-4, 1e-11),
) -> TailFactor:
    r"""Measure the factor by which ||xi_t|| contracts in the long run.

    The window runs from the first step at which the energy ||(xi_t, xi_{t-1})|| lies below the
    upper level, to the last before the lower level or before a rounding floor. Without lagged
    products an oscillating residual is read from its energy, and the interval is wide. With them,
    the modulus of a complex pair is read from the Casoratian, without oscillation. Where several
    exponentials remain, the slowest is separated by a matrix pencil if the values are clean enough.

    Args:
        norms: ||xi_t||, shape (T + 1,); NaN after the end of the run is dropped.
        lag1: <xi_t, xi_{t-1}>, shape (T + 1,); only its shape is used, `Trajectory` carries it.
        lag2: <xi_t, xi_{t-2}>, shape (T + 1,); the first two entries are not read.
        window: Upper and lower level, relative to the start. The second may be as small as 1e-140
            where the fixed point is zero, so that there is no rounding floor.

    Returns:
        The factor with its interval, window and kind.

    Raises:
        ValueError: If a shape is wrong, an entry is NaN or infinite, the run never decays below the
            window, or too few steps lie in it.
        TypeError: If a dtype is not a floating-point one.

    Example:
        >>> t = torch.arange(200, dtype=torch.float64)
        >>> x = 0.8**t * torch.cos(0.3 * t)
        >>> lag2 = torch.full_like(x, torch.nan)
        >>> lag2[2:] = x[2:] * x[:-2]
        >>> round(tail_factor(x.abs(), lag2=lag2).factor, 10)
        0.8
    """
    values = _window.clean(norms)
    sizes = _window.energy(values)
    first, last = _window.choose(sizes, window)
    first = max(first, 2)
    steps = torch.arange(first, last + 1)
    by_energy = torch.log(sizes[steps])
    for name, lag in (("lag1", lag1), ("lag2", lag2)):
        _same_shape(name, lag, norms)
    if lag2 is None:
        return _read(steps, by_energy, "energy")
    lagged = lag2.detach().cpu().double()[: len(values)]
    casoratian, fall = _casoratian(values, lagged, sizes, steps)
    if casoratian is None:
        return _read(steps, by_energy, "real")
    others = [slowest(steps.double(), by_energy)[0]] if fall > _SLIGHT_FALL else []
    return _read(steps[: len(casoratian)], casoratian, "complex", others)


def mode_factor(series: torch.Tensor, window: tuple[float, float] = (1e-4, 1e-11)) -> TailFactor:
    """Measure the factor of one mode, such as the residual along an eigenvector.

    The norm of a residual mixes modes whose factors lie close together. A single mode obeys a
    second-order recurrence, so its Casoratian is exact.

    Args:
        series: x_t with its signs, shape (T + 1,); NaN after the end of the run is dropped.
        window: See `tail_factor`.

    Returns:
        The factor with its interval, window and kind.

    Raises:
        ValueError: As `tail_factor`.
        TypeError: If the dtype is not a floating-point one.

    Example:
        >>> t = torch.arange(200, dtype=torch.float64)
        >>> round(mode_factor(0.8**t * torch.cos(0.3 * t)).factor, 10)
        0.8
    """
    lag2 = torch.full_like(series, torch.nan, dtype=torch.float64)
    lag2[2:] = series[2:] * series[:-2]
    return tail_factor(series.abs(), lag2=lag2, window=window)


def tail_factors(
    trajectory: Trajectory, window: tuple[float, float] = (1e-4, 1e-11)
) -> list[TailFactor]:
    """Measure the tail factor of every replica.

    Args:
        trajectory: A training run.
        window: See `tail_factor`.

    Returns:
        A factor a replica.

    Raises:
        ValueError: As `tail_factor`, naming the replica.
    """
    found = []
    rows = zip(trajectory.residual_norms, trajectory.lag1, trajectory.lag2, strict=True)
    for replica, (norms, lag1, lag2) in enumerate(rows):
        try:
            found.append(tail_factor(norms, lag1, lag2, window))
        except ValueError as error:
            raise ValueError(f"replica {replica}: {error}") from None
    return found


def _casoratian(
    norms: torch.Tensor, lag2: torch.Tensor, sizes: torch.Tensor, steps: torch.Tensor
) -> tuple[torch.Tensor | None, float]:
    # log sqrt(-w_t) over a leading part of the window, and by how much log(-w/energy^2) falls
    # from one half of it to the other. None where -w is rounding, negative, or falls too fast:
    # then the roots are real.
    square = norms[steps - 1].square()
    negative = square - lag2[steps]
    scale = sizes[steps].square()
    clear = (negative > _ROUNDING * torch.maximum(square, scale)) & (scale > _TINY)
    usable = len(steps) if bool(clear.all()) else int(torch.nonzero(~clear)[0])
    within = int((scale > _TINY).sum())
    if usable < max(_window.MIN_POINTS, within // 2):
        return None, 0.0
    # At a peak of the energy -w is a sin^2 of the angle of it: constant for complex pairs. Real
    # roots z_2 < z_1 lose a factor z_2/z_1 a step. Troughs of the energy say nothing.
    share = torch.log(negative[:usable] / scale[:usable])
    half = usable // 2
    fall = float(share[:half].min() - share[half:].min())
    return (None if fall > _FALL else torch.log(negative[:usable]) / 2), fall


def _read(
    steps: torch.Tensor, logs: torch.Tensor, kind: Kind, others: Sequence[float] = ()
) -> TailFactor:
    times = steps.double()
    slope, error = slowest(times, logs)
    slopes = [slope]
    third = len(logs) // 3
    if third >= _window.MIN_POINTS:
        parts = (slice(0, 2 * third), slice(third // 2, -(third // 2)), slice(third, None))
        slopes += [slowest(times[part], logs[part])[0] for part in parts]
    margin = 2 * error + max(slopes) - min(slopes)
    low, high = min(slopes) - margin, max([*slopes, *others]) + margin
    window = (int(times[0]), int(times[-1]))
    return TailFactor(math.exp(slope), (math.exp(low), math.exp(high)), window, kind)


def _same_shape(name: str, lag: torch.Tensor | None, norms: torch.Tensor) -> None:
    if lag is not None and lag.shape != norms.shape:
        raise ValueError(
            f"{name} has shape {tuple(lag.shape)} and norms {tuple(norms.shape)}: pass both from "
            "the same replica."
        )
