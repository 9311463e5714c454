"""Which engine takes the steps: torch for everything, compiled kernels where one fits.

torch is the reference, on every device and for every model. A kernel takes the same steps with
another order of sums: its results agree with torch to rounding, and have the same bits on every
machine with a fused multiply-add, whatever its vector registers and the number of threads.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import torch

from rootkappa import _checks, devices
from rootkappa.architectures import Model
from rootkappa.optimizers import Method
from rootkappa.training._programs import kind, operations, program, unable, unfit
from rootkappa.training.batches import Batches
from rootkappa.training.chunks import replicas_together
from rootkappa.training.stack import Stack

if TYPE_CHECKING:
    from rootkappa.training.compiled._stack import CompiledStack

AnyStack: TypeAlias = "Stack | CompiledStack"

ENGINE_VARIABLE = "ROOTKAPPA_ENGINE"
ENGINES = ("auto", "compiled", "torch")

# Multiplications and additions from which a kernel is taken. Torch needs 0.02 seconds for them; a
# process needs half a second to load numba and a kernel, but only once for all its runs, and those
# of a measurement are many.
WORTH = 2e8
# What the calls of a step of torch cost whatever the sizes, in multiplications and additions.
_CALLS = 5e5
# A kernel goes through one replica after another: stacking only saves calls. Points, velocities and
# the residuals of a block of steps stay within these bytes.
_STACKED_BYTES = 16 << 20
_BLOCK_STEPS = 64


@dataclass(frozen=True)
class Engine:
    """What takes the steps of a run.

    Args:
        name: "torch" or "compiled".
        together: How many replicas to stack.
        stack: Makes the stack of some rows of the run.
    """

    name: str
    together: int
    stack: Callable[[Sequence[int]], AnyStack]


def choose(
    asked: str | None,
    model: Model,
    methods: tuple[Method, ...],
    weights: Sequence[torch.Tensor],
    steps: int,
    batches: Batches | None = None,
    chunk: int | None = None,
) -> Engine:
    """Choose the engine of a run, from the run and the machine alone.

    Args:
        asked: "torch"; "compiled"; or "auto", a kernel if one fits and the run is long enough to
            pay for loading it. If None, the variable ROOTKAPPA_ENGINE, or "auto" without it.
        model: The architecture.
        methods: The method of each replica.
        weights: Starting weights, a tensor (R, rows, cols) a layer.
        steps: T.
        batches: Stochastic gradients, or None.
        chunk: How many replicas to stack, or None.

    Returns:
        The engine.

    Raises:
        ValueError: If the name is unknown, or kernels were asked for and none runs this.
    """
    given = asked if asked is not None else os.environ.get(ENGINE_VARIABLE, "auto")
    name = _checks.choice("engine", given, ENGINES)
    if name == "compiled" or (name == "auto" and work(model, len(methods), steps) >= WORTH):
        why = unfit(model, methods, batches) or unable(kind(model))
        if why is None:
            return _compiled(model, methods, weights, chunk)
        if name == "compiled":
            raise ValueError(
                f"no kernel takes the steps of this run, {why}: use engine='auto', or 'torch'."
            )
    together = replicas_together(model, len(methods), chunk)
    return Engine("torch", together, lambda rows: Stack(model, methods, weights, rows, batches))


def work(model: Model, replicas: int, steps: int) -> float:
    """Estimate what a run costs torch.

    Args:
        model: The architecture.
        replicas: R.
        steps: T.

    Returns:
        Multiplications and additions, with what the calls cost; 0 if the model has no kernel.
    """
    each = operations(model)
    return steps * (replicas * each + _CALLS) if each else 0.0


def _compiled(
    model: Model, methods: tuple[Method, ...], weights: Sequence[torch.Tensor], chunk: int | None
) -> Engine:
    from rootkappa.training.compiled._stack import CompiledStack

    made, threads = program(model), devices.threads()
    each = 8 * (2 * made.layout.size + _BLOCK_STEPS * model.Y.numel())
    fitting = max(threads, _STACKED_BYTES // each)
    together = min(len(methods), fitting if chunk is None else _checks.count("chunk", chunk))
    return Engine(
        "compiled",
        together,
        lambda rows: CompiledStack(made, model, methods, weights, rows, threads),
    )
