"""Which architectures have a kernel, with which options, and whether kernels run on this machine.

numba is imported only when a kernel is made or tried.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import torch

from rootkappa.architectures import DeepLinear, DeepReLU, LinearResNet, Model, TwoLayerReLU
from rootkappa.optimizers import Method, nesterov
from rootkappa.training.batches import Batches
from rootkappa.training.stack import Stack

if TYPE_CHECKING:
    from rootkappa.training.compiled._layout import Program

# Beyond it large matrix products catch up with tiles: 2.2 times at 512, 3.5 at 256, 4 below.
_WIDEST_LINEAR = 512


@dataclass(frozen=True)
class _Kernel:
    # Its file and function, what it lacks for a model, what a step costs, and a tiny model.
    file: str
    lacks: Callable[[Any], str | None]
    operations: Callable[[Any], int]
    tiny: Callable[[torch.Tensor], Model]


def kind(model: Model) -> type[Model]:
    """Say which architecture's kernel a model asks for.

    A class that only gives each replica of another one data of its own names that one in
    `kernel_of`. It does so for itself alone: what is derived from it may compute something else.

    Args:
        model: The architecture.

    Returns:
        A class, which need not have a kernel.
    """
    named: type[Model] = vars(type(model)).get("kernel_of", type(model))
    return named


def program(model: Model) -> Program:
    """Lay a model out for its kernel.

    Args:
        model: One for which `unfit` and `unable` give no reason.

    Returns:
        The program.
    """
    name = _KERNELS[kind(model)].file
    module = import_module(f"rootkappa.training.compiled._{name}")
    made: Program = getattr(module, name)(model)
    return made


def operations(model: Model) -> int:
    """Count multiplications and additions of one step of one replica.

    Args:
        model: The architecture.

    Returns:
        Their number; 0 if it has no kernel.
    """
    kernel = _KERNELS.get(kind(model))
    return kernel.operations(model) if kernel else 0


def unfit(model: Model, methods: tuple[Method, ...], batches: Batches | None) -> str | None:
    """Say why no kernel computes a run.

    Args:
        model: The architecture.
        methods: The method of each replica.
        batches: Stochastic gradients, or None.

    Returns:
        The reason; None if one does.
    """
    if batches is not None:
        return "it takes minibatches"
    restarted = [method for method in methods if method.restart]
    if restarted:
        return f"{restarted[0].name} has a restart rule"
    if model.Y.device.type != "cpu" or model.Y.dtype != torch.float64:
        return f"its data are {model.Y.dtype} on {model.Y.device}, not float64 on the CPU"
    kernel = _KERNELS.get(kind(model))
    return kernel.lacks(model) if kernel else f"{type(model).__name__} has no kernel"


@functools.cache
def unable(kind: type[Model]) -> str | None:
    """Say why this machine does not run a kernel, after a try. Only what is broken gives a warning.

    Args:
        kind: The architecture.

    Returns:
        The reason; None if it runs.
    """
    if find_spec("numba") is None:
        return "numba is not installed: pip install 'rootkappa[compiled]'"
    try:
        from rootkappa.training.compiled._jit import lack

        lacking = lack()
        if lacking is None:
            _try(_KERNELS[kind].tiny(torch.ones(1, 1, dtype=torch.float64)))
        return lacking
    except Exception as error:  # compilers raise errors of many kinds
        return _broken(
            f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        )


@functools.cache
def _broken(reason: str) -> str:
    warnings.warn(
        f"numba cannot compile the kernels of rootkappa ({reason}), so torch takes the steps: "
        "repair numba, or name the engine with engine='torch' or ROOTKAPPA_ENGINE=torch.",
        RuntimeWarning,
        stacklevel=2,
    )
    return f"numba cannot compile it, {reason}"


def _try(model: Model) -> None:
    # Two steps of a tiny network, and the same in torch.
    from rootkappa.training.compiled._stack import CompiledStack

    weights = [torch.ones(1, *shape, dtype=torch.float64) for shape in model.shapes]
    given = (model, [nesterov(0.1, 0.5)], weights, [0])
    ours, theirs = (
        stack.products(stack.take(range(3)))
        for stack in (CompiledStack(program(model), *given, threads=1), Stack(*given, batches=None))
    )
    if not torch.allclose(ours, theirs):
        raise ArithmeticError("compiled steps differ from the same ones in torch")


def _two_layer_lacks(model: TwoLayerReLU) -> str | None:
    if model.train_output:
        return "its outer weights are trained"
    if model.leak:
        return f"its leak is {model.leak:g}, not 0"
    return None if len(model.Y) == 1 else f"it has {len(model.Y)} outputs, not one"


def _deep_relu_lacks(model: DeepReLU) -> str | None:
    if len(model.widths) != 2:
        return f"it has hidden layers {list(model.widths)}, not two"
    if model.frozen:
        return "it has frozen layers"
    return None if len(model.Y) == 1 else f"it has {len(model.Y)} outputs, not one"


def _linear_lacks(model: DeepLinear | LinearResNet) -> str | None:
    if model.width > _WIDEST_LINEAR:
        return f"its width {model.width} is above {_WIDEST_LINEAR}, where torch is as fast"
    return None


def _two_layer_operations(model: TwoLayerReLU) -> int:
    return (
        4 * model.Y.shape[1] * (model.width + sum(rows * cols for rows, cols in model.shapes[:1]))
    )


def _deep_relu_operations(model: DeepReLU) -> int:
    first, *others = (rows * cols for rows, cols in model.shapes)
    return model.Y.shape[1] * (4 * first + 6 * sum(others))


def _linear_operations(model: DeepLinear | LinearResNet) -> int:
    return 6 * len(model.Y) * sum(rows * cols for rows, cols in model.shapes)


# Exactly these classes: one that is derived from them may compute something else.
_KERNELS: dict[type[Model], _Kernel] = {
    TwoLayerReLU: _Kernel(
        "two_layer_relu",
        _two_layer_lacks,
        _two_layer_operations,
        lambda one: TwoLayerReLU(one, 2 * one, 1),
    ),
    DeepReLU: _Kernel(
        "deep_relu",
        _deep_relu_lacks,
        _deep_relu_operations,
        lambda one: DeepReLU(one, 2 * one, [1, 1]),
    ),
    DeepLinear: _Kernel(
        "deep_linear",
        _linear_lacks,
        _linear_operations,
        lambda one: DeepLinear(one, 2 * one, 1, 2),
    ),
    LinearResNet: _Kernel(
        "linear_resnet",
        _linear_lacks,
        _linear_operations,
        lambda one: LinearResNet(one, 2 * one, one, one, 2),
    ),
}
