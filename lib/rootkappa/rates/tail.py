r"""The asymptotic factor of a run, from its residual vectors.

The method is known, so a mode has one unknown, its eigenvalue, and the factor is the largest
companion radius r over the modes in the run. The radius falls and then rises with the eigenvalue:
the two extreme modes decide. Ritz values bound them from inside, what the run would have shown of
a mode beyond them from outside.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import torch

from rootkappa import _checks
from rootkappa.optimizers import Method
from rootkappa.rates._consensus import (
    Believed,
    believed,
    misfits_everywhere,
    rests_on_a_plateau,
)
from rootkappa.rates._reading import Reading, read_window
from rootkappa.rates._recurrence import Recurrence, recurrence
from rootkappa.rates._residuals import ArrayLike, Residuals, read
from rootkappa.rates._window import windows
from rootkappa.rates.free import FreeFactor, cannot_tell, free_factor
from rootkappa.rates.status import RateStatus
from rootkappa.training.trajectory import Trajectory

# A Gaussian start gives a mode less than this over N of its energy in one of forty draws.
_SHARE = 1e-3
# The upper end says nothing once it comes this near to 1, relative to 1 - factor.
_OPEN = 1e-3
# The free recurrence disagrees if it lies this many of its widths outside the interval.
_DISAGREE = 3.0


@dataclass(frozen=True)
class TailFactor:
    """The factor a step by which a residual contracts in the long run.

    Args:
        factor: The largest companion radius of the modes found; NaN if it cannot be told.
        interval: The lower end, which some mode reaches, and the upper end, above which no mode
            lies that held `share` of the energy at the start of the window.
        status: How sure it is.
        reason: What stood in the way.
        window: First and last step used.
        share: Slower modes of a smaller share of the energy are not excluded.
        noise: Noise found at the window's end, relative to ||xi_0||.
        drift: How far the factor moved from the window before.
        eigenvalues: Least and greatest Ritz value of the kernel.
        direction: The residual's slowest direction, a Ritz vector of shape (N,).
        free: The factor along that direction by a recurrence with fitted coefficients: it does not
            take the companion radius for granted. Its interval is wider by what `interval` says of
            slower modes. The direction comes from H U = V: on a run not longer than its modes are
            many, it obeys the assumed recurrence by construction, and tests nothing.
            It cannot be told where the factor cannot: `free_factor` along `direction` can be tried.
    """

    factor: float
    interval: tuple[float, float]
    status: RateStatus
    reason: str
    window: tuple[int, int]
    share: float
    noise: float
    drift: float
    eigenvalues: tuple[float, float]
    direction: torch.Tensor = field(repr=False, compare=False)
    free: FreeFactor

    def contains(self, factor: float) -> bool:
        """Say whether a factor lies in the interval.

        Args:
            factor: The factor in question.

        Returns:
            Whether it does, ends included; never, if the factor cannot be told.
        """
        return self.interval[0] <= factor <= self.interval[1]


def tail_factor(
    residuals: ArrayLike,
    method: Method,
    noise: float | None = None,
    share: float | None = None,
    tolerance: float = 0.1,
    from_rest: bool = True,
) -> TailFactor:
    """Measure the factor by which a residual contracts in the long run.

    It takes the companion radius for granted: on a symmetric kernel that stands still it reads the
    slowest eigenvalue and gives its radius. Where a claim tests that formula, or that a network
    follows its frozen kernel, read `free`, or `effective_factor`, and say so. Kernels that never
    settle (two-layer ReLU networks flip activations at every step), noisy gradients, other
    constants and outputs that do not decay are noticed, and not read. The constants have to be
    exact: a momentum wrong by 1 % is noticed, one wrong by 0.1 % often not.

    Args:
        residuals: xi_t at the evaluation points, shape (T + 1, N), or (T + 1,) for one component;
            NaN after the end of the run.
        method: The method that was run, with constant numbers.
        noise: Known noise of ||xi_t||; rounding in the precision of the residuals if None. It is
            raised until the run agrees with a frozen kernel.
        share: Least share of the energy, at the start of the window, of a mode that the upper end
            has to exclude; 1e-3/N if None, below which a Gaussian start falls in 1 of 40 draws.
        tolerance: Width of the interval, relative to 1 - factor, that counts as resolved.
        from_rest: Whether the run starts with w_{-1} = w_0; False for a part of a run.

    Returns:
        The factor with its interval and status.

    Raises:
        ValueError: If the method has a schedule or a restart rule, a shape is wrong, a residual
            inside the run is not finite, or the residual starts at zero.
        TypeError: If the residuals are not floating-point numbers.

    Source: derived for this book. Ancestors: Kuczynski and Wozniakowski (1992); van Dorsselaer,
    Hochstenbach and van der Vorst (1999); Fletcher (2012).

    Example:
        >>> from rootkappa.dynamics import frozen_residuals
        >>> from rootkappa.optimizers import nesterov
        >>> spectrum, start = torch.tensor([0.01, 0.1, 1.0]).double(), torch.ones(3).double()
        >>> kernel = (spectrum, torch.eye(3).double())
        >>> run = frozen_residuals(nesterov(1.0, 0.9), kernel, start, 300)
        >>> found = tail_factor(run, nesterov(1.0, 0.9))
        >>> print(found.status, round(found.factor, 9), round(math.sqrt(0.9 * 0.99), 9))
        resolved 0.943927963 0.943927963
    """
    _checks.positive("tolerance", tolerance)
    known, run = recurrence(method), read(residuals, noise)
    share = _SHARE / run.xi.shape[1] if share is None else _checks.positive("share", share)
    readings = _readings(known, run, share, from_rest)
    if not readings:
        return _unreadable(run, share)
    choice = believed(readings)
    reading = choice.reading
    free = free_factor(run.xi[reading.window.first :], reading.direction, known.has_memory)
    trouble = _trouble(run, readings, choice, free)
    status, reason = (RateStatus.CANNOT_TELL, trouble) if trouble else _judge(choice, tolerance)
    told = status != RateStatus.CANNOT_TELL
    if not told:
        free = cannot_tell(reason)
    elif free.status != RateStatus.CANNOT_TELL:
        free = _of_slowest(free, choice, status, tolerance)
    return TailFactor(
        factor=reading.factor if told else math.nan,
        interval=(choice.low, choice.high) if told else (math.nan, math.nan),
        status=status,
        reason=reason,
        window=(reading.window.first, reading.window.last),
        share=reading.share,
        noise=reading.noise,
        drift=choice.drift,
        eigenvalues=reading.eigenvalues,
        direction=torch.from_numpy(reading.direction),
        free=free,
    )


def tail_factors(trajectory: Trajectory, tolerance: float = 0.1) -> list[TailFactor]:
    """Measure the tail factor of every replica.

    Args:
        trajectory: A training run with its residuals.
        tolerance: See `tail_factor`.

    Returns:
        A factor a replica.

    Raises:
        ValueError: If the residuals were not kept; or as `tail_factor`, naming the replica.
        TypeError: If it is no run.
    """
    if not hasattr(trajectory, "residuals"):
        raise TypeError(
            f"got {type(trajectory).__name__} as a run: give a Trajectory, as train does."
        )
    if trajectory.residuals is None:
        raise ValueError(
            "the run kept no residuals, and a tail factor is read from the vectors: train with "
            "keep_residuals=True."
        )
    found = []
    for replica, residuals in enumerate(trajectory.residuals):
        try:
            method = trajectory.methods[replica]
            found.append(tail_factor(residuals, method, tolerance=tolerance))
        except ValueError as error:
            raise ValueError(f"replica {replica}: {error}") from None
    return found


def _readings(method: Recurrence, run: Residuals, share: float, from_rest: bool) -> list[Reading]:
    found: list[Reading] = []
    for window in windows(run, from_rest):
        reading = read_window(method, window, share)
        if reading is not None:
            found.append(reading)
        elif found:
            break
    return found


def _unreadable(run: Residuals, share: float) -> TailFactor:
    nan = math.nan
    reason = f"too few of the {len(run.xi) - 1} steps stand above the noise"
    return TailFactor(
        factor=nan,
        interval=(nan, nan),
        status=RateStatus.CANNOT_TELL,
        reason=reason,
        window=(0, 0),
        share=share,
        noise=nan,
        drift=nan,
        eigenvalues=(nan, nan),
        direction=torch.full((run.xi.shape[1],), nan, dtype=torch.float64),
        free=cannot_tell(reason),
    )


def _trouble(
    run: Residuals,
    readings: list[Reading],
    choice: Believed,
    free: FreeFactor,
) -> str:
    reading = choice.reading
    if reading.low > 1 + 1e-9:
        return "the residual grows: lower the step size"
    if reading.low >= 1 - 1e-12 or rests_on_a_plateau(run):
        return (
            "a part of the residual does not decay, such as labels out of reach: take differences "
            "of the residuals, or project that part out"
        )
    if misfits_everywhere(readings):
        return (
            "the run follows no frozen symmetric kernel, by a constant share of the residual: "
            "activations that flip, noisy gradients, other constants, or outputs left out"
        )
    low, high = free.interval
    if max(choice.low - high, low - choice.high) > _DISAGREE * (high - low):
        return (
            "a free recurrence along the slowest direction gives another factor: the constants "
            "are not those of the run, or change in it"
        )
    return ""


def _of_slowest(
    free: FreeFactor, choice: Believed, status: RateStatus, tolerance: float
) -> FreeFactor:
    # The direction's factor is that of the slowest mode up to what the interval leaves open.
    factor = choice.reading.factor
    low, high = free.interval[0] - factor + choice.low, free.interval[1] - factor + choice.high
    if status == RateStatus.LOWER_BOUND_ONLY or high >= 1:
        return replace(free, interval=(low, 1.0), status=RateStatus.LOWER_BOUND_ONLY)
    narrow = high - low <= tolerance * (1 - free.factor)
    status = RateStatus.RESOLVED if narrow else RateStatus.BRACKETED
    return replace(free, interval=(low, high), status=status)


def _judge(choice: Believed, tolerance: float) -> tuple[RateStatus, str]:
    gap = 1 - choice.reading.factor
    if choice.high >= 1 - _OPEN * gap:
        return RateStatus.LOWER_BOUND_ONLY, (
            "the run is too short or too noisy to exclude slower modes of this share"
        )
    if choice.width <= tolerance * gap:
        return RateStatus.RESOLVED, ""
    drifts = 4 * choice.drift > choice.width
    return RateStatus.BRACKETED, "the kernel moves" if drifts else "few steps above the noise"
