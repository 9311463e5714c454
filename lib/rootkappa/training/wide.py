"""Very wide two-layer ReLU networks: the loop's own result, at the cost of the pairs that flip.

The loop runs; what takes the steps is the reduced network of `reductions.frozen_live` in the place
of a stack of weights. So statuses, tolerances and records are those of `train`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import torch

from rootkappa import _checks
from rootkappa.architectures import Factors, TwoLayerReLU, Weights
from rootkappa.optimizers import Method
from rootkappa.reductions import CountedNeurons
from rootkappa.reductions.frozen_live.bounds import Bounds
from rootkappa.reductions.frozen_live.forecast import Flow, Forecast, check_memory, within_reach
from rootkappa.reductions.frozen_live.network import Counts, FrozenLive, Start
from rootkappa.reductions.frozen_live.neurons import Neurons, StoredNeurons, separate, together
from rootkappa.reductions.frozen_live.passes import survey
from rootkappa.reductions.reduction import check_optimizer
from rootkappa.training import engines, loop
from rootkappa.training.batches import Batches
from rootkappa.training.chunks import bytes_per_replica
from rootkappa.training.lifted import Lifted, WideSnapshot, ready_made
from rootkappa.training.record import Record
from rootkappa.training.run import Run
from rootkappa.training.snapshot import Observer, Snapshot
from rootkappa.training.stack import Stepper
from rootkappa.training.trajectory import Trajectory

# What int64 indexes.
_PAIRS = 2**63 - 1
# Up to this share of warm pairs the reduction is faster than the direct loop of an engine. Measured
# from m = 16384 on (n = 64, 100 steps): compiled .05 to .08, torch .13 and more on a busy machine.
# At m = 2048 the quarter of a millisecond decides that any reduced step takes; it is little.
PAYS = {"compiled": 0.05, "torch": 0.1}


@dataclass(frozen=True)
class Work:
    """How the steps of one replica were taken.

    Args:
        reduced: Whether by the reduced network; if not, it was handed over to the direct loop: more
            pairs were expected to be warm than `PAYS` says for its engine.
        forecast: What was expected of the reduction.
        counts: What it did; None if it was handed over.
    """

    reduced: bool
    forecast: Forecast
    counts: Counts | None = None


@dataclass(frozen=True, eq=False)
class WideTrajectory(Trajectory):
    """A trajectory of `train_wide`: weights are lifted when they are asked for.

    Args:
        axes: The labels of every axis.
        runs: One run a replica.
        rows: Which replica each of them is.
        work: How the steps of each replica were taken.
    """

    work: tuple[Work, ...] = ()


@torch.no_grad()
def train_wide(
    model: TwoLayerReLU,
    methods: Method | Sequence[Method],
    weights: CountedNeurons | Sequence[torch.Tensor],
    steps: int,
    *,
    batches: Batches | None = None,
    tolerance: float = 0.0,
    observers: Mapping[str, Observer] | None = None,
    observe_at: Sequence[int] = (),
    keep_residuals: bool = False,
    hand_over: bool = True,
) -> WideTrajectory:
    """Train a two-layer ReLU network, leaky or not, exactly, at a cost that grows like sqrt(m).

    The residuals are those of `train`, up to rounding: `reductions.frozen_live` says why. The time
    is two passes over the neurons, and n sqrt(m) for the steps; the memory is that of the pairs
    that may flip. Replicas run one after the other.

    Args:
        model: The network, in float64 on the CPU, with fixed outer weights.
        methods: One method for all replicas, or one each.
        weights: Starting weights as for `train`; or counted neurons, of which none is stored.
        steps: T, the most steps to take, at least 1.
        batches: Stochastic gradients on part of the samples; all samples at every step if None.
        tolerance: Stop when ||xi_t|| < tolerance ||xi_0||; below 1, and 0 for never.
        observers: What to look at, by name. The methods of `Snapshot` are cheap; any other observer
            has all weights lifted.
        observe_at: The steps at which to look, within 0..T.
        keep_residuals: Whether to keep the residual vectors of all steps.
        hand_over: Whether a replica goes to the direct loop where the reduction is not expected to
            pay: where the share of warm pairs would be above that of `training.wide.PAYS`, a number
            for each engine that could take the direct steps.

    Returns:
        The trajectory. Its weights are lifted when they are asked for, or block by block with
        `run.runs[0].weights.blocks()`; `work` says what was expected and done.

    Raises:
        ValueError: If outer weights are trained, a method leaves the span of its gradients, weights
            do not fit, or a number is out of range.
        TypeError: If something is of another kind.
        MemoryError: If the run is expected to take more memory than there is.

    Source: derived for this book.

    Example:
        >>> from rootkappa import datasets, nesterov
        >>> data = datasets.sphere(d=5, n=8)
        >>> model = TwoLayerReLU(data.X, 0.1 * data.Y, 100_000, "antisymmetric")
        >>> run = train_wide(model, nesterov(0.3, 0.5), CountedNeurons([0]), 50)
        >>> run.work[0].reduced, bool(run.residual_norms[0, -1] < 0.1 * run.residual_norms[0, 0])
        (True, True)
    """
    _check_network(model)
    alone = isinstance(methods, str) or not isinstance(methods, Sequence)
    given: Sequence[Any] = [methods] if alone else cast(Sequence[Any], methods)
    for method in given:
        check_optimizer(method) if _is_optimizer(method) else loop.check_method(method)
    steps = _checks.count("steps", steps)
    starts = _starts(model, weights)
    each = loop._methods(methods, len(starts))
    options = {
        "tolerance": _checks.fraction("tolerance", tolerance),
        "observers": dict(observers or {}),
        "observe_at": loop._looks(observers or {}, observe_at, steps),
        "keep_residuals": keep_residuals,
    }
    loop._flags(keep_residuals=keep_residuals, hand_over=hand_over)
    if batches is not None:
        loop._batches(batches).fit(model.Y.shape[1], len(each))
    runs, work = [], []
    # Methods that begin at the same counted neurons share what was read off these.
    surveyed = {neurons: _surveyed(model, neurons) for neurons in dict.fromkeys(starts)}
    for row, (method, neurons) in enumerate(zip(each, starts, strict=True)):
        own = batches and replace(batches, seeds=[batches.seeds[row]])
        replica = _Replica(model, method, surveyed[neurons], steps, own)
        run, done = replica.run(hand_over, **options)
        runs.append(run)
        work.append(done)
    rows = tuple((row,) for row in range(len(runs)))
    return WideTrajectory({"replica": tuple(range(len(runs)))}, tuple(runs), rows, tuple(work))


def _check_network(model: Any) -> None:
    if not isinstance(model, TwoLayerReLU):
        raise TypeError(
            f"model must be a TwoLayerReLU, got a {type(model).__name__}: the live pairs are those "
            "of one hidden layer of ReLUs; use rootkappa.train."
        )
    if model.train_output:
        raise ValueError(
            "the model trains its outer weights, so that neurons share no recursion and no "
            "reduction is exact: use rootkappa.train, or train_output=False."
        )
    if model.Y.dtype != torch.float64 or model.Y.device.type != "cpu":
        raise ValueError(
            f"the model is in {model.Y.dtype} on {model.Y.device}, and certificates need float64 "
            "on the CPU: bring X and Y there, or use rootkappa.train."
        )
    n = model.Y.shape[1]
    if model.width * n > _PAIRS:
        raise ValueError(
            f"width m = {model.width} with n = {n} samples has more pairs than int64 indexes, "
            f"2^63 - 1: lower the width to {_PAIRS // n} or less."
        )


def _is_optimizer(method: Any) -> bool:
    kind = method if isinstance(method, type) else type(method)
    return issubclass(kind, torch.optim.Optimizer)


def _starts(model: TwoLayerReLU, weights: Any) -> list[Neurons]:
    if isinstance(weights, CountedNeurons):
        drawn = {seed: weights.of(model, row) for row, seed in enumerate(weights.seeds)}
        return [drawn[seed] for seed in weights.seeds]
    return [StoredNeurons(*layers) for layers in zip(*loop._start(model, weights), strict=True)]


def _surveyed(model: TwoLayerReLU, neurons: Neurons) -> Start:
    bounds, labels = Bounds(model.inputs.numpy(), model.leak), model.Y.numpy().T.copy()
    return Start(neurons, bounds, model.factor, labels, *survey(neurons, bounds, model.factor))


class _Replica:
    # One replica, and which way it goes.

    def __init__(
        self,
        model: TwoLayerReLU,
        method: Method,
        start: Start,
        steps: int,
        batches: Batches | None,
    ) -> None:
        self.model, self.method, self.start = model, method, start
        self.steps, self.batches, self.neurons = steps, batches, start.neurons
        self.shares = _shares(batches, steps, len(start.labels))
        flow = Flow.resting(method, start.outputs - start.labels, start.kernel)
        self.within = within_reach(flow.path(self.shares)[0], start.bounds)
        self.forecast = Forecast.of(start.neurons, start.bounds, start.scale, self.within)

    def run(self, hand_over: bool, **options: Any) -> tuple[Run, Work]:
        if hand_over and not self._pays():
            return self._direct(**options), Work(False, self.forecast)
        check_memory(
            self.forecast.bytes,
            f"the lists of an expected {self.forecast.pairs} warm pairs",
            "lower the width, or the labels",
        )
        network = FrozenLive(self.start, self.method, self.within, self.shares)
        return self._reduced(network, **options), Work(True, self.forecast, network.counts)

    def _pays(self) -> bool:
        # Kernels are loaded for an answer only where it depends on them.
        share, low, high = self.forecast.warm_share, *sorted(PAYS.values())
        if not low < share <= high:
            return share <= low
        try:
            name = engines.choose(
                None, self.model, (self.method,), (), self.steps, self.batches
            ).name
        except ValueError:  # a kernel was asked for that there is not: the direct loop would refuse
            return True
        return share <= PAYS[name]

    def _direct(self, **options: Any) -> Run:
        check_memory(bytes_per_replica(self.model), "the direct loop", "lower the width")
        weights = [layer[None] for layer in together(separate(self.neurons), self.model)]
        run = loop.train(
            self.model,
            self.method,
            weights,
            self.steps,
            batches=self.batches,
            progress=False,
            **options,
        )
        return run.runs[0]

    def _reduced(
        self,
        network: FrozenLive,
        tolerance: float,
        observers: Mapping[str, Observer],
        observe_at: Sequence[int],
        keep_residuals: bool,
    ) -> Run:
        engine = _Engine(self.model, network)
        looking = {name: engine.looking(observer) for name, observer in observers.items()}
        record = Record(
            self.model, [self.method], [], self.steps, looking, observe_at, keep_residuals
        )
        for _ in loop._run(cast(Any, engine), record, self.steps, tolerance):
            pass
        end = Lifted(self.model, self.neurons, network.state())
        start = Lifted(self.model, self.neurons)
        return replace(record.run(), start=cast(Weights, start), weights=cast(Weights, end))


def _shares(batches: Batches | None, steps: int, n: int) -> np.ndarray:
    if batches is None:
        return np.broadcast_to(1.0, (steps, n))
    drawn = batches.shares(n, [0])
    return np.stack([drawn(t)[0].numpy() for t in range(steps)])


class _Engine(Stepper):
    # What the loop and its record ask of a stack, answered by one reduced network. It has no layers
    # for them to keep.

    def __init__(self, model: TwoLayerReLU, network: FrozenLive) -> None:
        self.model, self._network = model, network
        self.rows, self.points, self.start = [0], (), ()

        self._look()

    def _look(self) -> None:
        self.residual = torch.from_numpy(self._network.residual.T[None].copy())

    def advance(self, t: int) -> None:
        self._network.advance(t)
        self._look()

    def on_all_data(self) -> tuple[torch.Tensor, Factors]:
        # The record asks for the norm of the gradient, so that one number stands for all layers.
        norm = torch.full((1, 1, 1), self._network.slope_norm(), dtype=torch.float64)
        return self.residual, [(norm, torch.ones_like(norm))]

    def looking(self, observer: Observer) -> Observer:
        own = ready_made(observer)

        def look(now: Snapshot) -> torch.Tensor:
            return own(WideSnapshot(self.model, now.step, self._network.state()))

        return look
