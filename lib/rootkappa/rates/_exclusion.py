r"""Upper end: which modes cannot have been in the run.

A mode lambda in the direction v that held the share s of the energy E at the start of the window
would leave <v, xi_t> = c z_t(lambda) with c^2 >= s E and z known. For every combination w of steps

    sqrt(s E) |z.w| <= ||X'w|| + ||D w||,   hence   s E <= 2 / z'(X X' + D^2)^{-1} z,

a Christoffel function of the run, D its noise. Modes that break it are excluded.

The bounds of random-start Lanczos are its ancestors: Kuczynski and Wozniakowski (1992); van
Dorsselaer, Hochstenbach and van der Vorst, Computing probabilistic bounds for extreme eigenvalues
of symmetric matrices with the Lanczos method (1999), where a start that is random bounds the share
of what is not seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rootkappa.rates._recurrence import Recurrence
from rootkappa.rates._residuals import Array
from rootkappa.rates._window import Window

# Distances from the eigenvalues found, and places between two of them when one looks closer.
_COARSE = np.r_[0.0, np.geomspace(1e-15, 1, 60)]
_FINE = 12
# A dip is followed until its least value and those beside it are within this factor, or until the
# places are as close as numbers are.
_FLAT = 4.0
_LOOKS = 15


@dataclass(frozen=True)
class Christoffel:
    """A root of the form z'(X X' + D^2)^{-1} z of a run.

    Args:
        noise: D, shape (n,).
        rows: Right singular vectors of the run in units of D, shape (k, n).
        weights: 1/sqrt(1 + s^2) of its singular values, shape (k, 1).
    """

    noise: Array
    rows: Array
    weights: Array

    @classmethod
    def of(cls, xi: Array, noise: Array) -> Christoffel:
        """Decompose a run.

        Args:
            xi: Residuals, shape (n, N).
            noise: Noise of each, shape (n,).

        Returns:
            The form.
        """
        _, sizes, rows = np.linalg.svd((xi / noise[:, None]).T, full_matrices=False)
        return cls(noise, rows, (1 / np.hypot(1, sizes))[:, None])

    def root(self, answers: Array) -> Array:
        """Map z to a vector whose squared length is the form.

        Args:
            answers: Columns z, shape (n, m).

        Returns:
            Columns, shape (k + n, m).
        """
        scaled = answers / self.noise[:, None]
        inside = self.rows @ scaled
        return np.concatenate([self.weights * inside, scaled - self.rows.T @ inside])


def slowest_possible(
    method: Recurrence,
    window: Window,
    noise: Array,
    share: float,
    found: tuple[float, float],
    low: float,
) -> float:
    """Give the largest factor of a mode that the run does not exclude.

    Args:
        method: The recurrence.
        window: Where to look.
        noise: Noise of xi_t at `window.rows`, shape (n + 1,).
        share: Least share of energy of a mode at the start of the window.
        found: Eigenvalues beyond which to look: below the first, above the second.
        low: A factor that some mode has.

    Returns:
        The factor, at least `low`.
    """
    form = Christoffel.of(window.run.xi[window.rows], noise)
    energy = float((window.state(method.has_memory) ** 2).sum())

    def excess(eigenvalues: Array) -> Array:
        # Above 1 a mode is excluded.
        return share * energy * _seen(method, form, window, eigenvalues) / 2

    sides = (found[0] * (1 - _COARSE), found[1] + (method.limit - found[1]) * _COARSE)
    return max(_end(method, excess, side, low) for side in sides)


def _end(method: Recurrence, excess: Callable[[Array], Array], places: Array, low: float) -> float:
    # From the slowest place inwards; where the excess has a dip, a closer look into it.
    places = places[(places >= 0) & (places <= method.limit)]
    slower = places[method.radius(places) > low][::-1] if len(places) else places
    if not len(slower):
        return low
    values = excess(slower)
    around = np.r_[np.inf, values, np.inf]
    dips = (values <= around[:-2]) & (values <= around[2:])
    for i in np.flatnonzero(dips | (values <= 1)):
        place = _look_closer(excess, slower, int(i))
        if place is not None:
            return float(method.radius(np.array([place]))[0])
    return low


def _look_closer(excess: Callable[[Array], Array], places: Array, i: int) -> float | None:
    # The last place before the possible ones around i, or None if all are excluded.
    for _ in range(_LOOKS):
        before, after = places[max(i - 1, 0)], places[min(i + 1, len(places) - 1)]
        ends = np.array([before, places[i], after])
        places = np.interp(np.linspace(-1, 1, 2 * _FINE + 1), [-1, 0, 1], ends)
        values = excess(places)
        possible = np.flatnonzero(values <= 1)
        if len(possible):
            return float(places[max(possible[0] - 1, 0)])
        i = int(values.argmin())
        if values[max(i - 1, 0) : i + 2].max() < _FLAT * values[i]:
            return None
    return None


def _seen(method: Recurrence, form: Christoffel, window: Window, eigenvalues: Array) -> Array:
    times = (window.rows - window.first).astype(float)
    if method.has_memory and not window.at_rest:
        return _least_over_states(method, form, eigenvalues, times)
    answers = (
        method.from_rest(eigenvalues, times)
        if window.at_rest
        else method.responses(eigenvalues, times)[0]
    )
    return _square(form.root(answers))


def _least_over_states(
    method: Recurrence, form: Christoffel, eigenvalues: Array, times: Array
) -> Array:
    # The mode's state (x_a, x_{a-1}) is unknown: the one that is seen least.
    now, before = method.responses(eigenvalues, times)
    before = -method.determinants(eigenvalues) * before
    first, second = form.root(now), form.root(before)
    # Least singular value of the two columns, squared, by its determinant: no cancellation.
    whole = _square(first) + _square(second)
    determinant = _square(first) * _square(_rest(second, first))
    larger = (whole + np.sqrt(np.maximum(whole**2 - 4 * determinant, 0.0))) / 2
    seen = determinant / np.maximum(larger, 1e-300)
    larger_root, smaller_root = method.roots(eigenvalues)
    slow, fast = larger_root.real, smaller_root.real
    # Real roots: the part along the slower root, whatever there is along the faster.
    along = (first * slow + second) / np.hypot(1, slow)
    across = (first * fast + second) / np.hypot(1, fast)
    part = _square(_rest(along, across))
    both: Array = np.where(larger_root.imag == 0, np.maximum(seen, part), seen)
    return both


def _square(columns: Array) -> Array:
    squares: Array = (columns**2).sum(0)
    return squares


def _rest(columns: Array, others: Array) -> Array:
    # What is left of columns orthogonally to others.
    rest: Array = columns - others * (
        (columns * others).sum(0) / np.maximum(_square(others), 1e-300)
    )
    return rest
