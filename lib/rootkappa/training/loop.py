"""The one loop: any architecture, any method, all replicas stacked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import torch

from rootkappa import _checks
from rootkappa.architectures import Model
from rootkappa.optimizers import Method
from rootkappa.training.batches import Batches
from rootkappa.training.engines import AnyStack, choose
from rootkappa.training.record import Record
from rootkappa.training.snapshot import Observer
from rootkappa.training.status import Status
from rootkappa.training.trajectory import Trajectory, unlabelled

# Whether a replica has ended is examined so often, whatever runs beside it.
_CHECK_STEPS = 64
_DIVERGED = 1e8


@torch.no_grad()
def train(
    model: Model,
    methods: Method | Sequence[Method],
    weights: Sequence[torch.Tensor],
    steps: int,
    *,
    batches: Batches | None = None,
    tolerance: float = 0.0,
    observers: Mapping[str, Observer] | None = None,
    observe_at: Sequence[int] = (),
    keep_residuals: bool = False,
    chunk: int | None = None,
    progress: bool = True,
    engine: str | None = None,
) -> Trajectory:
    """Train R replicas together. `training.grid` does so from starts and tunings with labels.

    A replica stops at the first check after its residual fell below the tolerance, or after it
    grew 1e8-fold or stopped being a number. Checks come every 64 steps. A replica that starts at
    the optimum stops there. Divergence is a status, not an error.

    Args:
        model: The architecture with its data.
        methods: One method for all replicas, or one each.
        weights: Starting weights, a tensor (R, rows, cols) a layer; left as they are.
        steps: T, the most steps to take, at least 1.
        batches: Stochastic gradients on part of the samples; all samples at every step if None.
        tolerance: Stop when ||xi_t|| < tolerance ||xi_0||; below 1, and 0 for never.
        observers: What to look at, by name.
        observe_at: The steps at which to look, within 0..T.
        keep_residuals: Whether to keep the residual vectors of all steps, R (T + 1) k n numbers.
        chunk: How many replicas to run together; chosen from bytes and device if None.
        progress: Whether to draw a progress bar, which appears on a terminal only.
        engine: What takes the steps: "torch", the reference, which runs everything; "compiled",
            kernels that numba compiles, in float64 on the CPU, for networks of type DeepLinear, and
            for two-layer ReLU networks with fixed outer weights and deep ones with two hidden
            layers, of one output, without minibatches and restart rules; "auto", a kernel where one
            fits and the run is long enough to pay for loading it, else torch. If None, the variable
            ROOTKAPPA_ENGINE, or "auto" without it. Engines agree to rounding.

    Returns:
        The trajectory of all replicas, in the order given.

    Raises:
        ValueError: If weights do not fit the model or the methods, a number is out of range, or
            kernels are asked for where none fits.
        TypeError: If something is of another kind.

    Example:
        >>> from rootkappa import DeepLinear, datasets, gradient_descent
        >>> data = datasets.gaussian(kappa=4)
        >>> model = DeepLinear(data.X, data.Y, width=32, depth=3)
        >>> run = train(model, gradient_descent(0.3), model.initialise([0]), 500, tolerance=1e-6)
        >>> run.status[0].name
        'CONVERGED'
    """
    steps = _checks.count("steps", steps)
    start = _start(model, weights)
    each = _methods(methods, len(start[0]))
    tolerance = _checks.fraction("tolerance", tolerance)
    looks = _looks(observers or {}, observe_at, steps)
    _flags(keep_residuals=keep_residuals, progress=progress)
    if batches is not None:
        _batches(batches).fit(model.Y.shape[1], len(each))
    chosen = choose(engine, model, each, start, steps, batches, chunk)
    record = Record(model, each, start, steps, observers or {}, looks, keep_residuals)
    from tqdm import tqdm  # only here: importing the library does not load it

    with tqdm(total=len(each) * steps, disable=None if progress else True, leave=False) as bar:
        for rows in _chunks(each, chosen.together):
            for advanced in _run(chosen.stack(rows), record, steps, tolerance):
                bar.update(advanced)
    return unlabelled(record.run())


def _start(model: Model, weights: Any) -> list[torch.Tensor]:
    if not isinstance(model, Model):
        raise TypeError(
            f"model must be one of rootkappa.architectures with its data, got a "
            f"{type(model).__name__}: make one, such as DeepLinear(X, Y, width, depth)."
        )
    start = _checks.layers(weights, model.shapes)
    if model.replicas not in (None, len(start[0])):
        raise ValueError(
            f"weights have {len(start[0])} replicas and the model {model.replicas}: choose the "
            "model of each replica with model.select(rows)."
        )
    _checks.count("number of replicas", len(start[0]))
    return start


def _methods(methods: Any, replicas: int) -> tuple[Method, ...]:
    several = isinstance(methods, Iterable) and not isinstance(methods, str)
    each = tuple(methods) if several else (methods,) * replicas
    for method in each:
        check_method(method)
    if len(each) != replicas:
        raise ValueError(
            f"got {len(each)} methods for {replicas} replicas: give one method, or one each."
        )
    return each


def check_method(method: Any) -> Method:
    """Check that something is a method that the loop can run.

    Args:
        method: Anything.

    Returns:
        The method.

    Raises:
        TypeError: If it is none.
    """
    if not isinstance(method, Method):
        named = method if isinstance(method, type) else type(method)
        shown = repr(method) if isinstance(method, str | int | float) else named.__name__
        raise TypeError(
            f"methods must be of the family of three numbers, got {shown}: make one with "
            "gradient_descent, heavy_ball, nesterov or Method(step_size, momentum, extrapolation)."
        )
    return method


def _looks(observers: Any, observe_at: Any, steps: int) -> tuple[int, ...]:
    if not isinstance(observers, Mapping) or not all(map(callable, observers.values())):
        raise TypeError(
            "observers must be a mapping of names to functions of a snapshot, got "
            f"{observers!r}: give a dict, such as {{'drift': Snapshot.kernel_drift}}."
        )
    given = _checks.sequence("observe_at", observe_at, "a list of steps")
    looks = sorted({_checks.count("a step of observe_at", step, 0) for step in given})
    outside = [step for step in looks if step > steps]
    if outside:
        raise ValueError(f"observe_at must lie within 0..{steps}, got {outside}: drop those.")
    if bool(looks) != bool(observers):
        there, missing = ("observers", "observe_at") if observers else ("observe_at", "observers")
        raise ValueError(f"got {there} without {missing}, so nothing is seen: give both, or none.")
    return tuple(looks)


def _flags(**flags: Any) -> None:
    for name, value in flags.items():
        if not isinstance(value, bool):
            raise TypeError(f"{name} must be True or False, got {value!r}: choose one.")


def _batches(batches: Any) -> Batches:
    if not isinstance(batches, Batches):
        raise TypeError(
            f"batches must be Batches(size, seeds), got {batches!r}: make them, or give None."
        )
    return batches


def _chunks(methods: Sequence[Method], size: int) -> Iterator[list[int]]:
    # Replicas of one method side by side: a chunk with one set of numbers needs fewer passes.
    order = sorted(range(len(methods)), key=lambda row: repr(methods[row]))
    for start in range(0, len(order), size):
        yield order[start : start + size]


def _run(stack: AnyStack, record: Record, steps: int, tolerance: float) -> Iterator[int]:
    # One chunk, a block of steps at a time; yields the replica-steps done, or no longer needed.
    record.begin(stack)
    outputs = stack.model.Y
    history = outputs.new_full((2, len(stack.rows), outputs.numel()), torch.nan)
    size, t, checked = stack.together(_CHECK_STEPS), 0, 0
    while t <= steps:
        # The start is a block of its own: it may be the optimum.
        last = min((t // size + 1) * size, steps + 1) if t else 1
        history = _block(stack, record, history, range(t, last))
        yield (last - max(t, 1)) * len(stack.rows)
        t = last
        if last == 1 or last % _CHECK_STEPS == 0 or last > steps:
            kept = _settle(stack, record, range(checked, last), steps, tolerance)
            yield (steps + 1 - last) * (len(stack.rows) - len(kept))
            if not kept:
                return
            if len(kept) < len(stack.rows):
                history = history[:, kept]
                stack.keep(kept)
            checked = last


def _block(stack: AnyStack, record: Record, history: torch.Tensor, steps: range) -> torch.Tensor:
    # Residuals of a block of steps after the two before them; gives the last two.
    block = history.new_empty(len(steps) + 2, *history.shape[1:])
    block[:2] = history
    for part in record.parts(steps):
        at = part.start - steps.start + 2
        block[at : at + len(part)] = stack.take(part)
        record.observe(stack, part[-1])
    record.add(stack, steps.start, block)
    return block[-2:]


def _settle(
    stack: AnyStack, record: Record, since: range, steps: int, tolerance: float
) -> list[int]:
    # The replicas of the stack that go on; the others are stored with their status.
    norms, first = record.norms[stack.rows, since.start : since.stop], record.norms[stack.rows, 0]
    done = (norms < tolerance * first[:, None]).any(1) | (first == 0)
    lost = ~torch.isfinite(norms).all(1) | (norms[:, -1] > _DIVERGED * first)
    over = since.stop > steps
    late: list[Status | None] = [*record.unfinished(stack)] if over else [None] * len(stack.rows)
    ended: dict[int, Status] = {}
    for index, unfinished in enumerate(late):
        reached = Status.CONVERGED if done[index] else unfinished
        status = Status.DIVERGED if lost[index] else reached
        if status is not None:
            ended[index] = status
    points = stack.points if ended else []
    for index, status in ended.items():
        record.finish(stack.rows[index], [layer[index] for layer in points], since[-1], status)
    return [index for index in range(len(late)) if index not in ended]
