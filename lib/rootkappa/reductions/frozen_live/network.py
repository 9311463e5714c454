"""The reduced network: the shared numbers, the live pairs, and the steps of a method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rootkappa.optimizers import Method
from rootkappa.reductions.frozen_live.bounds import Bounds, slopes
from rootkappa.reductions.frozen_live.flips import Flips, match
from rootkappa.reductions.frozen_live.forecast import Flow, within_reach
from rootkappa.reductions.frozen_live.hot import Hot
from rootkappa.reductions.frozen_live.neurons import Neurons
from rootkappa.reductions.frozen_live.passes import collect
from rootkappa.reductions.frozen_live.recursion import (
    Products,
    Restarts,
    advance,
    numbers,
    stop,
)
from rootkappa.reductions.frozen_live.state import State
from rootkappa.reductions.frozen_live.warm import Warm

# Steps between two refreshes of the hot list.
_SOONEST, _LATEST = 4, 128
# How much farther than needed a new list of warm pairs reaches.
_FARTHER = 1.5


# A run that diverges is a result.
_diverging = np.errstate(over="ignore", invalid="ignore")


@dataclass
class Counts:
    """What a run has done so far.

    Args:
        passes: Loops over all neurons, the survey of the start included.
        refreshes: Loops over the warm pairs.
        warm: Warm pairs.
        hot: Hot pairs, in sum over the steps.
    """

    passes: int = 1
    refreshes: int = 0
    warm: int = 0
    hot: int = 0


class Start(NamedTuple):
    """The network at t = 0, as a survey of its neurons gives it.

    Args:
        neurons: The neurons.
        bounds: The inputs.
        scale: s.
        labels: y, shape (n, k).
        outputs: f, shape (n, k).
        kernel: The tangent kernel, shape (n k, n k).
    """

    neurons: Neurons
    bounds: Bounds
    scale: float
    labels: np.ndarray
    outputs: np.ndarray
    kernel: np.ndarray


class FrozenLive:
    """A two-layer ReLU network in training, step by step, at the cost of its live pairs.

    Its `residual` and `slope`, shape (n, k), are those at the evaluation point; the slope is the
    residual with the weights of the step's minibatch.

    Args:
        start: The network at t = 0.
        method: Any method of the family.
        within: The bound of warm pairs.
        shares: The weights of the samples at the steps 0, ..., T - 1, shape (T, n).
    """

    residual: np.ndarray
    slope: np.ndarray

    @_diverging
    def __init__(
        self,
        start: Start,
        method: Method,
        within: np.ndarray,
        shares: np.ndarray,
    ) -> None:
        self.start, self.method, self._shares = start, method, shares
        self._bounds, self._s = start.bounds, start.scale
        # Outputs and kernel with the reference bits; how outputs move with earlier flips.
        self._f, self._H, self._g = start.outputs, start.kernel, np.zeros_like(start.outputs)
        self.q, self._p = (np.zeros_like(start.outputs) for _ in range(2))
        self._hull = self._bounds.hull(self.q[None])
        self.counts, self._clock, self._within = Counts(), 0, within
        samples, outputs = start.labels.shape
        self._flips = Flips.none(samples, outputs, start.bounds.leak)
        self._warm = self._collect()
        self._hot = self._refreshed(0)
        self._evaluate(0)
        first = float(np.linalg.norm(self.residual))
        self._restarts = None if method.restart is None else Restarts(method.restart, first)

    @_diverging
    def advance(self, t: int) -> None:
        """Take the step to t.

        Args:
            t: One more than the steps taken so far.
        """
        now = numbers(self.method, self._clock)
        self.q, self._p = advance(self.q, self._p, self.slope, now)
        self._hot.advance(self.slope, now)
        self._clock += 1
        if self._restarts is not None and self._restarts.due(
            float(np.linalg.norm(self.residual)), self._products(), self._clock
        ):
            self.q, self._p = stop(self.q, self._p, now)
            self._hot.stop(now)
            self._clock = 1
        self._evaluate(t)

    def _evaluate(self, t: int) -> None:
        if not np.isfinite(self.q).all():  # diverged: nothing is left to certify
            self.residual = self.slope = np.full_like(self.q, np.nan)
            return
        # Numbers of earlier flips stay where q once was: with the hull of all that it ever was, few
        # of them count as excess.
        self._hull = self._hull.joined(self._bounds.hull(self.q[None]))
        if self._hot.escaped(self.q):
            self._retire()
            self._hot = self._refreshed(t)
        z = self._hot.evaluate(self.q)
        outputs = self._f + self._response(self.q, self._hot.c, self._hot.delta, z)
        self.residual = outputs - self.start.labels
        if t < len(self._shares):
            self.slope = self._shares[t][:, None] * self.residual
        self.counts.hot += len(z)

    def _response(self, x: np.ndarray, free: float, live: np.ndarray, z: np.ndarray) -> np.ndarray:
        # How outputs answer to shared, earlier and live numbers, and to pairs that are off.
        hot, s = self._hot, self._s
        out: np.ndarray = (self._H @ x.ravel()).reshape(x.shape) + free * self._g
        at = hot.ever
        if len(at):
            out += s**2 * hot.B[at].T @ (hot.a[at] * live[at][:, None])
            np.add.at(out, hot.i[at], s * hot.a[at] * (hot.turn * z)[at][:, None])
        return out

    def _products(self) -> Products:
        slope = (self.slope, 0.0, self._hot.drive(self.slope))
        velocity = (self._p, self._hot.cv, self._hot.u)
        return Products(
            self._inner(slope, slope), self._inner(slope, velocity), self._inner(velocity, velocity)
        )

    def _inner(self, one: _Field, two: _Field) -> float:
        # Of two fields of weights, s a (d0 x + earlier flips + live pairs) X^T.
        (x, free, live), (y, other_free, other_live) = one, two
        found = x.ravel() @ self._H @ y.ravel() + np.vdot(self._g, other_free * x + free * y)
        found += free * other_free * self._square
        crossed = live @ self._hot.shifts(y, other_free, other_live)
        crossed += other_live @ self._hot.shifts(x, free, 0 * live)
        return float(found + self._s**2 * crossed)

    def _retire(self) -> None:
        retired = self._retired()
        self._H, self._f, self._g, self._flips = retired[:4]
        self._warm.turn(retired.turned)

    def _refreshed(self, t: int) -> Hot:
        # All warm pairs evaluated, and the hot ones among them.
        skin, far = self._ahead(t)
        flips, bounds = self._flips, self._bounds
        excess = flips.excess(self.q, self._hull) + far * flips.speed()
        need = bounds.hull_reach(self._hull) + bounds.largest * excess + skin
        if not (need <= self._within).all():
            path = self.q + self._flow().path(self._shares[t:])[0]
            reach = within_reach(path, bounds, self._hull)
            self._within = np.maximum(np.maximum(self._within, _FARTHER * need), reach)
            self._warm = self._collect()
        self.counts.refreshes += 1
        warm, s = self._warm, self._s
        z = warm.z + s * (warm.shifts(self.q) + warm.coupled(flips, flips.delta))
        w = warm.coupled(flips, flips.u)
        reach = bounds.margin(skin, warm.a, warm.i, z >= 0) + far * np.abs(w)
        near = np.flatnonzero((np.abs(z) <= s * reach) | ((z >= 0) != warm.own()))
        self._square = 0.0 if self.method.restart is None else self._speed_of_flips()
        return Hot(warm, near, bounds, s, self.q, z, w, far, skin)

    def _ahead(self, t: int) -> tuple[np.ndarray, float]:
        # What the frozen flow does until the next refresh, and how far a velocity coasts meanwhile.
        # A list costs its warm pairs once and its hot ones, as many as it is long, at every step.
        flow, left, bounds = self._flow(), self._shares[t:], self._bounds
        pace = np.mean(bounds.reach(flow.path(left[:1], restarting=False)[0][-1]))
        best = np.nan_to_num(np.sqrt(self._within.mean() / pace)) if pace > 0 else _LATEST
        steps = int(np.clip(best, _SOONEST, _LATEST))
        path, far = flow.path(left[:steps], restarting=False)
        skin = bounds.hull_reach(bounds.hull(path))
        return 1.1 * skin + 0.1 * skin.mean() + 1e-6 * self._within.mean(), 1.01 * far

    def _flow(self) -> Flow:
        residual = self._f + (self._H @ self.q.ravel()).reshape(self.q.shape) - self.start.labels
        return Flow(self.method, residual, self._H, self._p, self._g, self._clock)

    def _collect(self) -> Warm:
        self.counts.passes += 1
        pairs = collect(self.start.neurons, self._bounds, self._s, self._within)
        self.counts.warm = len(pairs.r)
        return Warm(pairs, self._flips, self._bounds)

    def _retired(self) -> _Retired:
        # All live pairs handed over, with the bits of now as reference. Outputs, and their speed,
        # stay what they are.
        hot, q, p, n = self._hot, self.q, self._p, len(self.q)
        z = hot.evaluate(q)
        outputs = self._f + self._response(q, hot.c, hot.delta, z)
        speed = self._response(p, hot.cv, hot.u, self._s * hot.shifts(p, hot.cv, hot.u))
        key, ever, off = hot.r * n + hot.i, hot.ever, np.flatnonzero(hot.turn)
        flips = self._flips.coasted(hot.c, hot.cv)
        flips = flips.added(key[ever], hot.a[ever], hot.bit[ever], hot.delta[ever], hot.u[ever])
        kernel = self._H + self._kernel_of_turns(off)
        return _Retired(
            kernel,
            outputs - (kernel @ q.ravel()).reshape(q.shape),
            speed - (kernel @ p.ravel()).reshape(p.shape),
            flips.turned(key[off], q, p),
            key[off],
        )

    def _kernel_of_turns(self, off: np.ndarray) -> np.ndarray:
        # What the kernel gains if hot pairs take their bits of now as reference.
        hot, k = self._hot, self.q.shape[1]
        _, first, row = np.unique(hot.r[off], return_index=True, return_inverse=True)
        old = self._warm.rows(hot.places[off][first])
        new = old.copy()
        new[row, hot.i[off]] ^= True
        a = hot.a[off][first, None]
        gram = self._bounds.K.repeat(k, 0).repeat(k, 1)
        both = (slopes(bits, self._bounds.leak)[:, :, None] * a for bits in (old, new))
        before, after = (each.reshape(len(a), len(gram)) for each in both)
        found: np.ndarray = self._s**2 * gram * (after.T @ after - before.T @ before)
        return found

    def _speed_of_flips(self) -> float:
        # ||.||^2 of the velocities of earlier flips alone.
        flips = self._flips
        x, y = match(flips.r, flips.r)
        K = self._bounds.K[flips.j[x], flips.j[y]]
        return float(self._s**2 * (flips.u[x] * K) @ flips.u[y])

    @_diverging
    def state(self) -> State:
        """Give the network as it is now, for observers and for its weights.

        Returns:
            The state; later steps do not change it.
        """
        retired, start = self._retired(), self.start
        flips = retired.flips
        rows = self._warm.rows(self._warm.find(flips.key))
        changed = flips.key[flips.bit != flips.start]
        changed = np.setxor1d(changed, retired.turned)  # what the lists have as reference now
        at, which = match(flips.r, changed // len(self.q))
        rows[at, changed[which] % len(self.q)] ^= True
        return State(
            start.neurons,
            start.bounds,
            start.scale,
            self.q.copy(),
            start.kernel,
            retired.kernel,
            flips,
            rows,
        )

    @_diverging
    def slope_norm(self) -> float:
        """Give ||J^T xi||, of the gradient on all data.

        Returns:
            The norm; NaN if the run has diverged beyond numbers.
        """
        xi = self.residual.ravel()
        if not np.isfinite(xi).all():
            return np.nan
        return float(max(xi @ self._retired().kernel @ xi, 0.0) ** 0.5)


_Field = tuple[np.ndarray, float, np.ndarray]


class _Retired(NamedTuple):
    kernel: np.ndarray
    outputs: np.ndarray
    speed: np.ndarray
    flips: Flips
    turned: np.ndarray
