"""Losses as gradient descent sees them through the outputs: gradient, and curvature A.

With A the Hessian of the loss in the outputs, gradient descent on the linearised network contracts
along the eigenvectors of A^(1/2) J J^T A^(1/2). For squares A is a number: 2/N for their mean.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import nn

LossFunction = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
# Curvature below this share of the largest counts as none.
_FLAT = 1e-12


class Loss(Protocol):
    """What a diagnosis needs of a loss."""

    quadratic: bool

    def value(self, outputs: torch.Tensor) -> torch.Tensor:
        """Give the loss.

        Args:
            outputs: Shape (n, ...), of any precision.
        """
        ...

    def root(self, v: torch.Tensor) -> torch.Tensor:
        """Give A^(1/2) v, A at the start.

        Args:
            v: Shape of the outputs.
        """
        ...

    def newton(self, gradient: torch.Tensor) -> torch.Tensor:
        """Give A^(-1/2) times a gradient in the outputs: the residual that contracts.

        Args:
            gradient: Shape of the outputs.
        """
        ...


class Squares:
    """A multiple of the sum of (f - Y)^2 over all N outputs.

    Args:
        outputs: The outputs at the start.
        Y: The labels, of the same shape.
        curvature: A, twice the multiple: 2/N for torch.nn.MSELoss, 1 for this library's models.

    Raises:
        ValueError: If the shapes differ.
        TypeError: If the labels are no floating-point numbers.
    """

    quadratic = True

    def __init__(self, outputs: torch.Tensor, Y: torch.Tensor, curvature: float) -> None:
        if outputs.shape != Y.shape:
            raise ValueError(
                f"the outputs have shape {tuple(outputs.shape)} and Y {tuple(Y.shape)}, which "
                "squares would broadcast: give Y the outputs' shape."
            )
        if not Y.is_floating_point():
            raise TypeError(
                f"Y is {Y.dtype}, and squares need numbers: call Y.to({outputs.dtype})."
            )
        self._Y, self._curvature = Y, curvature

    def value(self, outputs: torch.Tensor) -> torch.Tensor:
        """Give the loss.

        Args:
            outputs: Of the labels' shape.

        Returns:
            A scalar.
        """
        found: torch.Tensor = (outputs - self._Y.to(outputs)).square().sum()
        return self._curvature / 2 * found

    def root(self, v: torch.Tensor) -> torch.Tensor:
        """Give A^(1/2) v.

        Args:
            v: Shape of the outputs.

        Returns:
            sqrt(A) v.
        """
        return v * math.sqrt(self._curvature)

    def newton(self, gradient: torch.Tensor) -> torch.Tensor:
        """Give A^(-1/2) times a gradient.

        Args:
            gradient: Shape of the outputs.

        Returns:
            sqrt(A) (f - Y).
        """
        return gradient / math.sqrt(self._curvature)


class Convex:
    """A smooth convex loss whose samples do not see each other.

    Args:
        function: Of outputs and labels, to a scalar.
        outputs: The outputs at the start, shape (n, ...).
        Y: The labels.

    Raises:
        ValueError: If it is not a scalar, not finite, or has no curvature in the outputs.
        TypeError: If it does not take these labels.
    """

    quadratic = False

    def __init__(self, function: LossFunction, outputs: torch.Tensor, Y: torch.Tensor) -> None:
        self._function, self._Y = function, Y
        start = outputs.detach().double()
        value = self.value(start)
        if not isinstance(value, torch.Tensor) or value.ndim:
            raise ValueError(
                f"the loss returns {getattr(value, 'shape', value)}, not one number: let it "
                "reduce, by reduction='mean', say."
            )
        values, vectors = torch.linalg.eigh(self._curvature(start))
        largest = float(values.max())
        if not largest > 0:
            raise ValueError(
                "the loss has no curvature in the outputs, so no step size follows from it: take a "
                "smooth convex one, such as Huber's in place of L1."
            )
        kept = values > _FLAT * largest
        self._root = _assemble(vectors, torch.where(kept, values, 0.0).sqrt())
        inverse = torch.where(kept, torch.where(kept, values, 1.0).rsqrt(), 0.0)
        self._inverse = _assemble(vectors, inverse)

    def value(self, outputs: torch.Tensor) -> torch.Tensor:
        """Give the loss.

        Args:
            outputs: Shape (n, ...).

        Returns:
            A scalar.
        """
        Y = self._Y.to(outputs) if self._Y.is_floating_point() else self._Y
        return self._function(outputs, Y)

    def root(self, v: torch.Tensor) -> torch.Tensor:
        """Give A^(1/2) v.

        Args:
            v: Shape of the outputs.

        Returns:
            The same shape.
        """
        return _blocks(self._root, v)

    def newton(self, gradient: torch.Tensor) -> torch.Tensor:
        """Give A^(-1/2) times a gradient, on the directions that have curvature.

        Args:
            gradient: Shape of the outputs.

        Returns:
            The same shape.
        """
        return _blocks(self._inverse, gradient)

    def _curvature(self, outputs: torch.Tensor) -> torch.Tensor:
        # One block a sample, row by row: a sum over samples differentiates all of them at once.
        leaf = outputs.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(self.value(leaf), leaf, create_graph=True)
        if not gradient.requires_grad:
            return outputs.new_zeros(len(outputs), outputs[0].numel(), outputs[0].numel())
        rows = [
            torch.autograd.grad(part.sum(), leaf, retain_graph=True)[0].flatten(1)
            for part in gradient.flatten(1).unbind(1)
        ]
        blocks = torch.stack(rows, 1)
        return (blocks + blocks.mT) / 2


def read(loss: Any, outputs: torch.Tensor, Y: torch.Tensor) -> Loss:
    """Read a loss by its name, its module, or as a function.

    Args:
        loss: "mse" or "cross_entropy"; torch.nn.MSELoss() or torch.nn.CrossEntropyLoss();
            "squares" for this library's 1/2 sum (f - Y)^2; or a function of outputs
            and labels that returns one number.
        outputs: The outputs at the start.
        Y: The labels.

    Returns:
        The loss.

    Raises:
        ValueError: If the loss is unknown, or labels are out of range.
        TypeError: If it is of no such kind.
    """
    if not isinstance(Y, torch.Tensor):
        raise TypeError(f"Y must be a tensor, got {type(Y).__name__}: give torch.as_tensor(Y).")
    if Y.device != outputs.device:
        raise ValueError(
            f"Y is on {Y.device} and the outputs are on {outputs.device}: call "
            f"Y.to({str(outputs.device)!r})."
        )
    if Y.is_floating_point() and not bool(torch.isfinite(Y).all()):
        raise ValueError("Y holds NaN or infinity: clean the data.")
    if loss == "squares":
        return Squares(outputs, Y, 1.0)
    summed = isinstance(loss, nn.MSELoss) and loss.reduction == "sum"
    mean = isinstance(loss, nn.MSELoss) and loss.reduction == "mean"
    if loss == "mse" or mean or summed or loss is nn.functional.mse_loss:
        return Squares(outputs, Y, 2.0 if summed else 2 / outputs.numel())
    crossed = isinstance(loss, nn.CrossEntropyLoss)
    if loss == "cross_entropy" or crossed or loss is nn.functional.cross_entropy:
        _check_classes(outputs, Y, loss.ignore_index if crossed else -100)
        return Convex(loss if crossed else nn.functional.cross_entropy, outputs, Y)
    if isinstance(loss, str | type) or not callable(loss):
        raise ValueError(
            f"unknown loss {loss!r}: use 'mse', 'cross_entropy', 'squares', or a function of "
            "outputs and labels."
        )
    return Convex(loss, outputs, Y)


def _check_classes(outputs: torch.Tensor, Y: torch.Tensor, ignored: int) -> None:
    if outputs.ndim < 2:
        raise ValueError(
            f"cross-entropy needs outputs (n, classes), got {tuple(outputs.shape)}: let the module "
            "return one score a class."
        )
    if Y.is_floating_point():
        if Y.shape != outputs.shape:
            raise ValueError(
                f"Y holds numbers of shape {tuple(Y.shape)} for outputs {tuple(outputs.shape)}: "
                "give class indices, or probabilities of the outputs' shape."
            )
        return
    wanted = (len(outputs), *outputs.shape[2:])
    if tuple(Y.shape) != wanted:
        raise ValueError(
            f"class indices have shape {tuple(Y.shape)}, and outputs {tuple(outputs.shape)} need "
            f"{wanted}: give one index an output."
        )
    if Y.dtype != torch.long:
        raise TypeError(f"class indices are {Y.dtype}: call Y.long().")
    strange = Y[Y.ne(ignored) & (Y.lt(0) | Y.ge(outputs.shape[1]))]
    if strange.numel():
        raise ValueError(
            f"Y holds the class {int(strange[0])}, and the outputs have {outputs.shape[1]} "
            f"classes, 0 to {outputs.shape[1] - 1}: relabel, or widen the last layer."
        )


def _assemble(vectors: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    return (vectors * values.unsqueeze(-2)) @ vectors.mT


def _blocks(matrices: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    found = torch.einsum("nij,nj->ni", matrices, v.to(matrices).flatten(1))
    return found.view_as(v).to(v)
