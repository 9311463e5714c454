"""What the theory says of a network of one's own, before any training: how it is found out."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from rootkappa import _checks
from rootkappa.diagnosis import losses
from rootkappa.diagnosis.diagnosis import Diagnosis, Parts
from rootkappa.diagnosis.label_spectrum import LabelSpectrum
from rootkappa.diagnosis.laziness import Kernels
from rootkappa.diagnosis.linearised import Linearised
from rootkappa.diagnosis.measure import by_lanczos, exactly
from rootkappa.diagnosis.module import ModuleFunction
from rootkappa.diagnosis.network import Network
from rootkappa.diagnosis.products import Products

Loss = losses.Loss

# Products at most: forecasts that have not settled by then are told as such.
_PRODUCTS = 200
# Beyond this condition number float32 does not carry the small modes.
_FLOAT32 = 1e5
_BYTES = 8


class DiagnosisWarning(UserWarning):
    """A diagnosis whose numbers are less sure than they look."""


def diagnose(
    module: nn.Module,
    X: Any,
    Y: torch.Tensor | None = None,
    loss: Any = "mse",
    *,
    tolerance: float = 1e-2,
    spectrum: str = "krylov",
    headroom: float | None = None,
    memory: float = 2e9,
    progress: bool = False,
) -> Diagnosis:
    """Say what momentum can do for a network, and whether theory speaks for it, before training.

    Args:
        module: The network, in the mode in which it will be trained. It is not changed.
        X: What the module takes, shape (n, ...), on its device and of its precision; or a
            DataLoader, or another iterable, of pairs (X, Y), all of whose batches together are one
            step.
        Y: The labels, shape (n, ...); None with a DataLoader.
        loss: "mse" or "cross_entropy", as torch's means; "squares", half their sum; or a
            smooth convex function of outputs and labels, to one number, in which samples do not see
            each other.
        tolerance: The share of the removable loss at which training is meant to end.
        spectrum: "krylov" for products from the residual, "exact" for all eigenvalues. Losses other
            than squares need the whole kernel in any case.
        headroom: By which factor lambda_max may grow before a method diverges; as much as the
            linearised network asks for if None.
        memory: Bytes that Jacobian and kernel may take.
        progress: Whether to show bars.

    Returns:
        The diagnosis; print it.

    Raises:
        TypeError: If the module, the data or the labels are of a kind that cannot be diagnosed.
        ValueError: If two passes of the module differ, nothing is left to learn, the kernel does
            not fit, or an argument is out of range.

    Source: derived for this book from the frozen dynamics of its chapters.

    Example:
        >>> source = torch.Generator().manual_seed(0)
        >>> X = torch.randn(20, 3, generator=source, dtype=torch.float64)
        >>> found = diagnose(nn.Linear(3, 1).double(), X, X[:, :1] + X[:, 1:2], spectrum="exact")
        >>> found.laziness.drift < 1e-12
        True
    """
    goal = _checks.within("tolerance", tolerance, 0.0, 1.0, "use 1e-2, say")
    way = _checks.choice("spectrum", spectrum, ("krylov", "exact"))
    memory = _checks.positive("memory", memory)
    batches, labels = _data(X, Y)
    function = ModuleFunction(module, batches)
    if len(batches) > 1 and function.couples:
        raise ValueError(
            "samples of a batch see each other, by batch norm say, so batches do not add up to one "
            "step: call module.eval(), or pass one batch."
        )
    read = losses.read(loss, function.outputs, labels)
    start, residual = _residual(read, function.outputs)
    products = Products(function)
    if way == "exact" or not read.quadratic:
        _check_memory(function, memory, read.quadratic)
        modes, kernel = exactly(products, read, residual, memory, progress)
        linear = None if read.quadratic else Linearised(kernel, function.outputs.double(), read)
    else:
        modes, linear = by_lanczos(products, read, residual, goal, _PRODUCTS, progress), None
    _warn(modes.spectrum, function.dtype, goal)
    network = Network(products, read, modes, linear, Kernels(function, memory), goal)
    lazy, found = network.forecasts(headroom)
    return Diagnosis(
        name=type(module).__name__,
        size=function.size,
        outputs=function.outputs.numel(),
        tolerance=goal,
        loss_at_start=start,
        spectrum=modes.spectrum,
        forecasts=found,
        laziness=lazy,
        critical_batch=network.critical_batch(found),
        parts=Parts(function, read, linear),
    )


def _data(X: Any, Y: Any) -> tuple[list[torch.Tensor], torch.Tensor]:
    if isinstance(X, torch.Tensor):
        if Y is None:
            raise TypeError("Y is missing: give the labels.")
        if isinstance(Y, torch.Tensor) and (Y.ndim == 0 or len(X) != len(Y)):
            raise ValueError(
                f"X has {len(X)} samples and Y has shape {tuple(Y.shape)}: give one label a sample."
            )
        return [X], Y
    if Y is not None or not isinstance(X, Iterable):
        raise TypeError(
            f"X must be a tensor, or an iterable of pairs (X, Y) alone, got {type(X).__name__} "
            f"with Y = {type(Y).__name__}: give torch.as_tensor(X)."
        )
    pairs = list(X)
    if not pairs or not all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in pairs):
        raise TypeError("the batches must be pairs (X, Y), at least one: check the data loader.")
    return [pair[0] for pair in pairs], torch.cat([pair[1] for pair in pairs])


def _residual(loss: Loss, outputs: torch.Tensor) -> tuple[float, torch.Tensor]:
    leaf = outputs.detach().clone().requires_grad_()
    value = loss.value(leaf)
    (gradient,) = torch.autograd.grad(value, leaf)
    residual = loss.newton(gradient)
    if not float(residual.norm()) > 0:
        raise ValueError(
            "the residual is zero: the network fits its labels already, and nothing is left to "
            "forecast."
        )
    return float(value.detach()), residual


def _check_memory(function: ModuleFunction, memory: float, quadratic: bool) -> None:
    # The kernel, its curved form, eigenvectors, and work space.
    needed = 5 * _BYTES * function.outputs.numel() ** 2
    if needed > memory:
        remedy = "use spectrum='krylov'" if quadratic else "use squares"
        raise ValueError(
            f"the kernel of {function.outputs.numel()} outputs takes {needed / 1e9:.2g} GB, and "
            f"memory is {memory / 1e9:.2g} GB: {remedy}, fewer samples, or more memory."
        )


def _warn(spectrum: LabelSpectrum, dtype: torch.dtype, tolerance: float) -> None:
    if not spectrum.settled:
        warnings.warn(
            f"the forecasts have not settled after {spectrum.products} products: read them as "
            "orders of magnitude, or raise the tolerance.",
            DiagnosisWarning,
            stacklevel=3,
        )
    beyond = spectrum.effective_kappa(tolerance) > _FLOAT32 or spectrum.floor > tolerance / 2
    if dtype == torch.float32 and beyond:
        warnings.warn(
            "the labels see modes so far below the largest that float32 does not carry them, with "
            f"{spectrum.floor:.2g} of the loss along those that count as zero: use "
            "module.double().",
            DiagnosisWarning,
            stacklevel=3,
        )
