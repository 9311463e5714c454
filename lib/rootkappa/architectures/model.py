"""What training, kernels and theorems need of an architecture with its data.

Every tensor has a leading replica axis R. Weights are a list of tensors (R, rows, cols), one a
layer. The loss is the sum of squares 1/2 ||U - Y||_F^2, without 1/n.
"""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Self, TypeVar, cast

import torch

from rootkappa import _checks
from rootkappa.draws import generator
from rootkappa.problems import Spectrum

Weights = list[torch.Tensor]
Factors = list[tuple[torch.Tensor, torch.Tensor]]

_Method = TypeVar("_Method", bound=Callable[..., Any])


def takes_weights(method: _Method) -> _Method:
    """Let a method of a model check the weights that it is given: `Model.fitting`.

    `gradient_factors` and what it calls go without: a step calls them, on weights that were checked
    when the run started.

    Args:
        method: Takes weights first.

    Returns:
        The same method, behind the check.
    """

    @functools.wraps(method)
    def checked(self: Model, weights: Sequence[torch.Tensor], *args: Any, **options: Any) -> Any:
        return method(self, self.fitting(weights), *args, **options)

    return cast(_Method, checked)


class Model(ABC):
    """An architecture together with the data that it is trained on.

    Args:
        labels: Y, shape (k, n). Device and dtype of everything follow it.
    """

    def __init__(self, labels: torch.Tensor) -> None:
        self.Y = labels

    @property
    @abstractmethod
    def shapes(self) -> list[tuple[int, int]]:
        """Shape (rows, cols) of every trained layer."""

    @abstractmethod
    def _draw(self, source: torch.Generator) -> list[torch.Tensor]:
        """Draw the layers of one replica in float64 on the CPU."""

    @abstractmethod
    def predict(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give the outputs U.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            Outputs, shape (R, k, n).
        """

    @abstractmethod
    def gradient_factors(self, weights: Sequence[torch.Tensor]) -> tuple[torch.Tensor, Factors]:
        """Give the residual and the loss gradient in factored form, by closed formulas.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            The residual U - Y, shape (R, k, n), and for every layer a pair (left, right) of
            shapes (R, rows, q) and (R, q, cols), whose product is the gradient.
        """

    @abstractmethod
    def tangent_kernel(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give the tangent kernel H = J J^T in closed form.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            Kernels on column-major vec(U), shape (R, k n, k n).
        """

    def jacobian(self, weights: Sequence[torch.Tensor]) -> torch.Tensor | None:
        """Give J, the derivative of column-major vec(U), where it is at hand.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            Jacobians, shape (R, k n, p) with p the number of weights; None where the kernel J J^T
            comes cheaper than J, as in every wide network.
        """
        return None

    def spectra(self, weights: Sequence[torch.Tensor]) -> list[Spectrum]:
        """Give the spectrum of the tangent kernel of every replica, each by itself.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            R spectra: from the singular values of J where it is at hand, which keep their digits
            down to a kappa of 1e31, else from the kernel.

        Raises:
            ValueError: If a kernel is zero.

        Example:
            >>> from rootkappa import Quadratic
            >>> model = Quadratic.with_spectrum([1.0, 4.0])
            >>> [spectrum.kappa for spectrum in model.spectra(model.initialise([0, 1]))]
            [4.0, 4.0]
        """
        jacobians = self.jacobian(weights)
        if jacobians is not None:
            return [Spectrum.of_jacobian(one) for one in jacobians]
        return [Spectrum.of(kernel) for kernel in self.tangent_kernel(weights)]

    def activation_patterns(self, weights: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Say which hidden unit is active on which sample.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Raises:
            TypeError: If the architecture has no activations that switch. One that has returns
                booleans, shape (R, m_l, n), a tensor a hidden layer.
        """
        raise TypeError(
            f"{type(self).__name__} has no activation patterns: ask a ReLU network for them."
        )

    @property
    def labels(self) -> torch.Tensor:
        """Y of each replica, shape (R, k, n); (1, k, n) where all share them."""
        return self.Y[None]

    @property
    def replicas(self) -> int | None:
        """How many replicas the model itself holds, such as draws of fixed maps; None for any."""
        return None

    @property
    def signals(self) -> int:
        """How many numbers a step of one replica writes beside its weights: the activations."""
        return 0

    def select(self, rows: Sequence[int]) -> Self:
        """Give the model of some replicas, in the order asked for; a row may come twice.

        Args:
            rows: Which replicas, such as [0].

        Returns:
            The model; itself where all replicas share everything but the weights.

        Raises:
            TypeError: If the rows are no sequence of whole numbers.
            ValueError: If there is no row, or one is not there.
        """
        self._rows(rows)
        return self

    def _rows(self, rows: Sequence[int]) -> list[int]:
        chosen = [_checks.count("row", row, 0) for row in _checks.sequence("rows", rows, "[0]")]
        _checks.count("number of rows", len(chosen))
        if self.replicas is not None and max(chosen) >= self.replicas:
            raise ValueError(
                f"row {max(chosen)} is not there, the model has replicas 0..{self.replicas - 1}: "
                "choose among them."
            )
        return chosen

    def fitting(self, weights: Any) -> Weights:
        """Give weights that fit this model: what is asked with weights asks this first.

        A step of training does not. NaN and infinity pass in tensors, so that a run that diverged
        can be looked at.

        Args:
            weights: One tensor (R, rows, cols) a layer; NumPy arrays and lists are converted.

        Returns:
            The tensors.

        Raises:
            TypeError: If a layer holds no numbers, or lies on another device or dtype.
            ValueError: If a shape or the number of layers or replicas does not fit.
        """
        layers = _checks.sequence("weights", weights, "model.initialise(seeds)")
        dense = [isinstance(w, torch.Tensor) and w.layout is torch.strided for w in layers]
        if not all(dense) or (
            [tuple(layer.shape[1:]) for layer in layers] != self.shapes
            or len({len(layer) for layer in layers}) != 1
        ):
            layers = _checks.layers(layers, self.shapes)
        for layer in layers:
            if layer.dtype != self.Y.dtype or layer.device != self.Y.device:
                raise TypeError(
                    f"weights are {layer.dtype} on {layer.device} and the data {self.Y.dtype} on "
                    f"{self.Y.device}: bring them together with .to(model.Y)."
                )
        if self.replicas not in (None, len(layers[0])):
            raise ValueError(
                f"got weights of {len(layers[0])} replicas for a model of {self.replicas}: choose "
                "the model of each with model.select(rows)."
            )
        return layers

    def arrange(self, weights: Sequence[torch.Tensor]) -> Weights:
        """Give the same weights in the order in memory in which a step is fastest.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            Tensors with the same entries; the same tensors where nothing is to be gained.
        """
        return list(weights)

    def batch_factors(
        self, weights: Sequence[torch.Tensor], shares: torch.Tensor
    ) -> tuple[torch.Tensor, Factors]:
        """Give the residual on all data and the gradient in which sample i counts shares_i times.

        Args:
            weights: One tensor (R, rows, cols) a layer.
            shares: Weights of the samples, shape (R, n).

        Raises:
            ValueError: If the architecture has no gradient on part of the data. One that has
                returns the residual, shape (R, k, n), and a pair of factors a layer.
        """
        raise ValueError(
            f"{type(self).__name__} has no gradient on minibatches: train it on all data, or give "
            "it a method batch_factors."
        )

    def initialise(self, seeds: Sequence[int]) -> Weights:
        """Draw starting weights, a replica a seed, the same on every device.

        Args:
            seeds: One seed a replica.

        Returns:
            One tensor (R, rows, cols) a layer.

        Raises:
            ValueError: If there is no seed, or their number is not that of the model's replicas.
        """
        given = _checks.seeds(seeds)
        if self.replicas not in (None, len(given)):
            raise ValueError(
                f"got {len(given)} seeds for a model of {self.replicas} replicas: give one seed a "
                "replica, or choose replicas with model.select(rows)."
            )
        draws = [self._draw(generator(seed)) for seed in given]
        return [torch.stack(layer).to(self.Y) for layer in zip(*draws, strict=True)]

    def residual(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give U - Y.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            Residuals, shape (R, k, n).
        """
        return self.predict(weights) - self.Y

    def gradient(self, weights: Sequence[torch.Tensor]) -> Weights:
        """Give the gradient of the loss.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            One tensor (R, rows, cols) a layer.
        """
        factors = self.gradient_factors(self.fitting(weights))[1]
        return [left @ right for left, right in factors]


def vectorise(matrices: torch.Tensor) -> torch.Tensor:
    """Stack the columns: the vec on which tangent kernels act.

    Args:
        matrices: Shape (R, k, n).

    Returns:
        Shape (R, k n), column after column.
    """
    return matrices.transpose(-1, -2).flatten(-2)


def kronecker(A: torch.Tensor, B: torch.Tensor) -> torch.Tensor:
    """Kronecker products of stacked square matrices.

    Args:
        A: Shape (R, a, a).
        B: Shape (R, b, b).

    Returns:
        Shape (R, a b, a b).
    """
    size = A.shape[-1] * B.shape[-1]
    return torch.einsum("rij,rkl->rikjl", A, B).reshape(-1, size, size)
