"""The one loop: any architecture, any method, all replicas stacked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from tqdm import tqdm

from rootkappa import _checks
from rootkappa.architectures import Factors, Model, vectorise
from rootkappa.optimizers import Method, StepView
from rootkappa.training.batches import Batches
from rootkappa.training.chunks import replicas_together
from rootkappa.training.iterates import Coefficients, Iterates, Number
from rootkappa.training.observers import Observer, Snapshot
from rootkappa.training.trajectory import Status, Trajectory

# Residuals are examined a block of steps at a time: one reduction instead of a hundred small ones,
# and on a GPU one wait instead of a hundred.
_BLOCK_STEPS = 64
_BLOCK_BYTES = 1 << 21
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
) -> Trajectory:
    """Train R replicas together.

    A replica stops at the first check after its residual fell below the tolerance, or after it
    grew 1e8-fold or stopped being a number. Checks come every 64 steps, more often if residuals
    are large. Divergence is a status, not an error.

    Args:
        model: The architecture with its data.
        methods: One method for all replicas, or one each.
        weights: Starting weights, a tensor (R, rows, cols) a layer; left as they are.
        steps: T, the most steps to take, at least 1.
        batches: Stochastic gradients on part of the samples; all samples at every step if None.
        tolerance: Stop when ||xi_t|| < tolerance ||xi_0||; 0 for never.
        observers: What to look at, by name.
        observe_at: The steps at which to look, within 0..T.
        keep_residuals: Whether to keep the residual vectors of all steps, R (T + 1) k n numbers.
        chunk: How many replicas to run together; chosen from bytes and device if None.
        progress: Whether to draw a progress bar, which appears on a terminal only.

    Returns:
        The trajectory of all replicas, in the order given.

    Raises:
        ValueError: If weights do not fit the model or the methods, or a number is out of range.
        TypeError: If a number is not whole.

    Example:
        >>> from rootkappa import DeepLinear, datasets, gradient_descent
        >>> data = datasets.gaussian(kappa=4)
        >>> model = DeepLinear(data.X, data.Y, width=32, depth=3)
        >>> run = train(model, gradient_descent(0.3), model.initialise([0]), 500, tolerance=1e-6)
        >>> run.status[0].name
        'CONVERGED'
    """
    _checks.count("steps", steps)
    replicas = _replicas(model, weights)
    each = (methods,) * replicas if isinstance(methods, Method) else tuple(methods)
    if len(each) != replicas:
        raise ValueError(
            f"got {len(each)} methods for {replicas} replicas: give one method, or one each."
        )
    if batches is not None:
        batches.fit(model.Y.shape[1], replicas)
    outside = [step for step in observe_at if not 0 <= step <= steps]
    if outside:
        raise ValueError(f"observe_at must lie within 0..{steps}, got {outside}: drop those.")
    looks = tuple(sorted(set(observe_at)))
    record = _Record(model, each, weights, steps, looks, observers or {}, keep_residuals)
    with tqdm(total=replicas * steps, disable=None if progress else True, leave=False) as bar:
        for rows in _chunks(each, replicas_together(model, replicas, chunk)):
            stack = _Stack(model, each, weights, rows, batches)
            for advanced in _run(stack, record, steps, tolerance):
                bar.update(advanced)
    return record.trajectory()


def _replicas(model: Model, weights: Sequence[torch.Tensor]) -> int:
    shapes = [tuple(layer.shape[1:]) for layer in weights]
    if shapes != model.shapes or len({len(layer) for layer in weights}) != 1:
        raise ValueError(
            f"weights have shapes {[tuple(layer.shape) for layer in weights]}, the model wants "
            f"(R, rows, cols) with {model.shapes}: use model.initialise(seeds)."
        )
    if model.replicas not in (None, len(weights[0])):
        raise ValueError(
            f"weights have {len(weights[0])} replicas and the model {model.replicas}: choose the "
            "model of each replica with model.select(rows)."
        )
    return _checks.count("number of replicas", len(weights[0]))


def _chunks(methods: Sequence[Method], size: int) -> Iterator[list[int]]:
    # Replicas of one method side by side: a chunk with one set of numbers needs fewer passes.
    order = sorted(range(len(methods)), key=lambda row: repr(methods[row]))
    for start in range(0, len(order), size):
        yield order[start : start + size]


class _Stack:
    """The replicas that run together: their iterates and their methods."""

    def __init__(
        self,
        model: Model,
        methods: Sequence[Method],
        weights: Sequence[torch.Tensor],
        rows: Sequence[int],
        batches: Batches | None,
    ) -> None:
        self.model = model.select(rows)
        self.shares = batches.shares(model.Y.shape[1], rows) if batches else None
        self.rows = list(rows)
        self.methods = [methods[row] for row in rows]
        start = self.model.arrange([layer[self.rows].to(model.Y) for layer in weights])
        self.start = [layer.clone() for layer in start]
        numbers = [number for m in self.methods for number in (m.momentum, m.extrapolation)]
        moving = any(callable(number) or number > 0 for number in numbers)
        self.iterates = Iterates(start, moving)
        self.clocks = [0] * len(self.rows)
        self.last: dict[str, torch.Tensor] = {}
        self._refresh()

    @property
    def points(self) -> Sequence[torch.Tensor]:
        return self.iterates.points

    def _refresh(self) -> None:
        constant = all(method.is_constant for method in self.methods)
        self._fixed = self._coefficients() if constant else None

    def keep(self, kept: list[int]) -> None:
        self.model = self.model.select(kept)
        if self.shares is not None:
            self.shares.keep(kept)
        self.rows = [self.rows[index] for index in kept]
        self.methods = [self.methods[index] for index in kept]
        self.iterates.keep(kept)
        self.start = [layer[kept] for layer in self.start]
        self.clocks = [self.clocks[index] for index in kept]
        self.last = {name: values[kept] for name, values in self.last.items()}
        self._refresh()

    def factors(self, t: int) -> tuple[torch.Tensor, Factors]:
        if self.shares is None:
            return self.model.gradient_factors(self.points)
        return self.model.batch_factors(self.points, self.shares(t).to(self.model.Y))

    def advance(self, residual: torch.Tensor, factors: Factors) -> None:
        numbers = self._fixed or self._coefficients()
        self.iterates.advance(factors, numbers)
        self.clocks = [clock + 1 for clock in self.clocks]
        if any(method.restart for method in self.methods):
            self._restart(residual, factors, numbers)

    def _restart(self, residual: torch.Tensor, factors: Factors, numbers: Coefficients) -> None:
        rules = [method.restart for method in self.methods]
        view = self._view(residual, factors)
        stop = torch.zeros(len(rules), dtype=torch.bool, device=residual.device)
        for rule in {rule for rule in rules if rule}:
            own = torch.tensor([other == rule for other in rules], device=stop.device)
            stop |= rule(view) & own
        self.iterates.stop(stop, numbers)
        self.last["norms"], self.last["speeds"] = view.residual_norms, view.speeds * ~stop
        for index in torch.nonzero(stop).flatten().tolist():
            self.clocks[index] = 1

    def _view(self, residual: torch.Tensor, factors: Factors) -> StepView:
        velocities = self.iterates.velocities
        norms = torch.linalg.vector_norm(residual, dim=(1, 2))
        squares = [velocity.square().sum((1, 2)) for velocity in velocities]
        if not self.last:
            never = torch.full_like(norms, torch.inf)
            self.last = {"first": norms, "norms": never, "speeds": torch.zeros_like(norms)}
        return StepView(
            [left @ right for left, right in factors],
            velocities,
            norms,
            self.last["norms"],
            self.last["first"],
            torch.stack(squares).sum(0).sqrt(),
            self.last["speeds"],
            torch.tensor(self.clocks, device=norms.device),
        )

    def _coefficients(self) -> Coefficients:
        each = list(zip(self.methods, self.clocks, strict=True))
        eta, beta, gamma = zip(*(method.coefficients(t) for method, t in each), strict=True)
        back = [-number for number in gamma]
        ahead = [1 + method.coefficients(t + 1)[2] for method, t in each]
        return Coefficients(*(self._number(values) for values in (eta, beta, back, ahead)))

    def _number(self, values: Sequence[float]) -> Number:
        if len(set(values)) == 1:
            return values[0]
        return torch.tensor(values, dtype=self.model.Y.dtype, device=self.model.Y.device)[
            :, None, None
        ]


@dataclass
class _Record:
    """Collects what the chunks produce, row by row of the whole run."""

    model: Model
    methods: tuple[Method, ...]
    first: Sequence[torch.Tensor]
    steps: int
    observe_at: tuple[int, ...]
    observers: Mapping[str, Observer]
    keep_residuals: bool
    observed: dict[str, torch.Tensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shape = (len(self.methods), self.steps + 1)
        self.norms, self.lag1, self.lag2 = (
            torch.full(shape, torch.nan, dtype=torch.float64) for _ in range(3)
        )
        self.residuals: torch.Tensor | None = None
        self.weights = [torch.empty_like(layer).to(self.model.Y) for layer in self.first]
        self.status = [Status.RUNNING] * shape[0]
        self.stopped_at = torch.zeros(shape[0], dtype=torch.int64)

    def observe(self, stack: _Stack, step: int) -> None:
        column = self.observe_at.index(step)
        snapshot = Snapshot(stack.model, step, stack.points, stack.start)
        for name, observer in self.observers.items():
            seen = observer(snapshot).cpu()
            if name not in self.observed:
                shape = (len(self.methods), len(self.observe_at), *seen.shape[1:])
                self.observed[name] = torch.full(shape, torch.nan, dtype=seen.dtype)
            self.observed[name][stack.rows, column] = seen

    def add(self, rows: list[int], first: int, block: torch.Tensor) -> torch.Tensor:
        # The block holds the steps first, first + 1, ... after the two residuals before them.
        now, last = block[2:], first + len(block) - 2
        norms: torch.Tensor = torch.linalg.vector_norm(now, dim=2).mT.double().cpu()
        self.norms[rows, first:last] = norms
        for lag, record in ((1, self.lag1), (2, self.lag2)):
            products = (now * block[2 - lag : len(block) - lag]).sum(2).mT.double().cpu()
            record[rows, first:last] = products
        if self.keep_residuals:
            if self.residuals is None:
                size = (*self.norms.shape, now.shape[2])
                self.residuals = torch.full(size, torch.nan, dtype=now.dtype)
            columns = vectorise(now.unflatten(2, self.model.Y.shape))
            self.residuals[rows, first:last] = columns.transpose(0, 1).cpu()
        return norms

    def finish(self, stack: _Stack, index: int, step: int, status: Status) -> None:
        row = stack.rows[index]
        self.status[row], self.stopped_at[row] = status, step
        for whole, layer in zip(self.weights, stack.points, strict=True):
            whole[row] = layer[index]

    def trajectory(self) -> Trajectory:
        return Trajectory(
            self.methods,
            self.norms,
            self.lag1,
            self.lag2,
            self.stopped_at,
            tuple(self.status),
            self.weights,
            self.observe_at,
            self.observed,
            self.residuals,
        )


def _run(stack: _Stack, record: _Record, steps: int, tolerance: float) -> Iterator[int]:
    # One chunk, a block of steps at a time; yields the replica-steps done.
    residual, factors = stack.factors(0)
    history = residual.new_full((2, len(stack.rows), residual[0].numel()), torch.nan)
    size = max(1, min(_BLOCK_STEPS, _BLOCK_BYTES // (history.nbytes // 2)))
    t = 0
    while t <= steps:
        last = min(t + size, steps + 1)
        block = history.new_empty(last - t + 2, *history.shape[1:])
        block[:2] = history
        for step in range(t, last):
            if step > 0:
                stack.advance(residual, factors)
                residual, factors = stack.factors(step)
            block[step - t + 2] = residual.flatten(1)
            if step in record.observe_at:
                record.observe(stack, step)
        norms = record.add(stack.rows, t, block)
        yield (last - t) * len(stack.rows)
        kept = _settle(stack, record, norms, last - 1, steps, tolerance)
        if not kept:
            return
        history = block[-2:][:, kept]
        if len(kept) < len(stack.rows):
            stack.keep(kept)
            residual, factors = residual[kept], [(a[kept], b[kept]) for a, b in factors]
        t = last


def _settle(
    stack: _Stack,
    record: _Record,
    norms: torch.Tensor,
    step: int,
    steps: int,
    tolerance: float,
) -> list[int]:
    # The replicas of the stack that go on; the others are stored with their status.
    first = record.norms[stack.rows, 0]
    done = (norms < tolerance * first[:, None]).any(1).tolist()
    lost = (~torch.isfinite(norms).all(1) | (norms[:, -1] > _DIVERGED * first)).tolist()
    kept = []
    for index in range(len(stack.rows)):
        if lost[index]:
            record.finish(stack, index, step, Status.DIVERGED)
        elif done[index]:
            record.finish(stack, index, step, Status.CONVERGED)
        elif step == steps:
            record.finish(stack, index, step, Status.RUNNING)
        else:
            kept.append(index)
    return kept
