"""The deep ReLU network f(x) = W_L relu(W_{L-1} ... relu(W_1 x)), without biases.

Features are h_0 = X and h_l = relu(W_l h_{l-1}), outputs U = W_L h_{L-1}. With the pattern of signs
D_l = 1[h_l > 0] the gradient of layer l is B_l h_{l-1}^T, where B_L = U - Y and
B_l = (W_{l+1}^T B_{l+1}) o D_l: both factors have n columns whatever the widths. The derivative of
relu at 0 is taken as 0, as automatic differentiation does.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from itertools import pairwise

import torch

from rootkappa import _checks
from rootkappa.architectures.model import Factors, Model, Weights, takes_weights
from rootkappa.draws import normal


class DeepReLU(Model):
    """A fully connected ReLU network with the initialisation of Liao and Kyrillidis.

    Hidden layers have entries N(0, 1/d_{l-1}) and the last one N(0, d_{L-1}^{-3/2}), so that the
    outputs are small at the start. Its partition has x in the last layer and u in all others; see
    `RotatedReLU` for the part of the last layer in which the loss is strongly convex.

    Args:
        X: Inputs, shape (d, n).
        Y: Labels, shape (k, n).
        widths: The hidden widths d_1, ..., d_{L-1}, at least one.
        frozen: Layers that are not trained, counted from 0; a frozen layer has gradient zero and no
            share in the tangent kernel.

    Raises:
        ValueError: If a number or shape is out of range, data are not finite, or no layer is left
            to train.
        TypeError: If a dtype is not floating point or a width not whole.

    Example:
        >>> model = DeepReLU(torch.eye(2).double(), torch.ones(1, 2).double(), [8, 16])
        >>> model.shapes
        [(8, 2), (16, 8), (1, 16)]

    Source: Liao and Kyrillidis (2024), Section 4.2.
    """

    def __init__(
        self,
        X: torch.Tensor,
        Y: torch.Tensor,
        widths: Sequence[int],
        frozen: Collection[int] = (),
    ) -> None:
        X, Y = _checks.data(X, Y)
        super().__init__(Y)
        self.X = X
        named = _checks.sequence("widths", widths, "[64, 64]")
        if not named:
            raise ValueError(
                "a deep ReLU network needs at least one hidden layer, got widths []: name one "
                "width a hidden layer, or use Quadratic for a linear model."
            )
        self.widths = tuple(_checks.count("hidden width", width) for width in named)
        still = _checks.sequence("frozen", frozen, "[0]")
        self.frozen = frozenset(_checks.count("frozen layer", index, 0) for index in still)
        outside = sorted(self.frozen - set(range(self.depth)))
        if outside or len(self.frozen) == self.depth:
            raise ValueError(
                f"frozen layers must be some of 0..{self.depth - 1}, not all of them, got "
                f"{sorted(self.frozen)}: leave a layer to train."
            )

    @property
    def depth(self) -> int:
        """L, the number of weight matrices."""
        return len(self.widths) + 1

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """Shape (rows, cols) of W_1, ..., W_L."""
        sizes = [len(self.X), *self.widths, len(self.Y)]
        return [(rows, cols) for cols, rows in pairwise(sizes)]

    @property
    def x_layers(self) -> tuple[int, ...]:
        """The layers that make up the block x of the partition; u is the others."""
        return (self.depth - 1,)

    def with_frozen(self, frozen: Collection[int]) -> DeepReLU:
        """Give the same network with other layers frozen.

        Args:
            frozen: Layers that are not trained, counted from 0.

        Returns:
            The network.
        """
        return DeepReLU(self.X, self.Y, self.widths, frozen)

    def _draw(self, source: torch.Generator) -> list[torch.Tensor]:
        *hidden, last = self.shapes
        layers = [normal(shape, source) / math.sqrt(shape[1]) for shape in hidden]
        return [*layers, normal(last, source) * last[1] ** -0.75]

    def arrange(self, weights: Sequence[torch.Tensor]) -> Weights:
        """Give the same weights, stored column by column: with few samples products are faster.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            Tensors with the same entries.
        """
        return [layer.mT.contiguous().mT for layer in weights]

    @property
    def signals(self) -> int:
        """Activations and what is sent back: two numbers a neuron and sample."""
        return 2 * sum(self.widths) * self.Y.shape[1]

    @takes_weights
    def features(self, weights: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Give what every layer sees.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            h_0 = X, ..., h_{L-1}, of shapes (R, d, n), (R, d_1, n), ..., (R, d_{L-1}, n).
        """
        return self._features(weights)

    def _features(self, weights: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        seen = [self.X.mT.expand(len(weights[0]), -1, -1)]
        for layer in weights[:-1]:
            seen.append(torch.relu_(seen[-1] @ layer.mT))
        return [rows.mT for rows in seen]

    @takes_weights
    def predict(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give U = W_L h_{L-1}.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            Outputs, shape (R, k, n).
        """
        return weights[-1] @ self._features(weights)[-1]

    def gradient_factors(self, weights: Sequence[torch.Tensor]) -> tuple[torch.Tensor, Factors]:
        """Give the residual and the gradients B_l h_{l-1}^T.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            The residual, shape (R, k, n), and a pair (B_l, h_{l-1}^T) a layer; a frozen layer has
            factors of inner dimension 0, whose product is zero.
        """
        seen = self._features(weights)
        residual = weights[-1] @ seen[-1] - self.Y
        lowest = min(set(range(self.depth)) - self.frozen)
        factors: Factors = []
        backward = residual.mT
        for index in reversed(range(self.depth)):
            if index in self.frozen:
                layer = weights[index]
                factors.append((layer[:, :, :0], layer[:, :0]))
            else:
                factors.append((backward.mT, seen[index].mT))
            if index > lowest:
                backward = _sent_back(backward, weights[index], seen[index].mT)
        return residual, factors[::-1]

    @takes_weights
    def sensitivities(self, weights: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Give the derivatives of every output with respect to the input of every layer's relu.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            One tensor (R, n, k, d_l) for l = 1, ..., L, the last one the identity.
        """
        return self._backward(weights, self._features(weights))

    def _backward(
        self, weights: Sequence[torch.Tensor], seen: Sequence[torch.Tensor]
    ) -> list[torch.Tensor]:
        k, n = self.Y.shape
        eye = torch.eye(k, dtype=self.Y.dtype, device=self.Y.device)
        found = [eye.expand(len(weights[0]), n, k, k)]
        for layer, h in zip(reversed(weights[1:]), reversed(seen[1:]), strict=True):
            found.append((found[-1] @ layer[:, None]) * (h.mT > 0)[:, :, None])
        return found[::-1]

    @takes_weights
    def layer_kernels(self, weights: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Give each layer's share J_l J_l^T of the tangent kernel, frozen layers included.

        Entry ((i, a), (j, b)) is the product of <h_{l-1, i}, h_{l-1, j}> and of the inner product
        of the sensitivities of output a on sample i and output b on sample j.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            L tensors on column-major vec(U), shape (R, k n, k n); the last one is the last-layer
            kernel h_{L-1}^T h_{L-1} (x) I.
        """
        k = len(self.Y)
        seen = self._features(weights)
        shares = []
        for below, above in zip(seen, self._backward(weights, seen), strict=True):
            rows = above.flatten(1, 2)
            gram = (below.mT @ below).repeat_interleave(k, 1).repeat_interleave(k, 2)
            shares.append(gram * (rows @ rows.mT))
        return shares

    @takes_weights
    def tangent_kernel(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give the sum of the trained layers' kernels.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            Kernels, shape (R, k n, k n).
        """
        shares = self.layer_kernels(weights)
        return torch.stack([s for i, s in enumerate(shares) if i not in self.frozen]).sum(0)

    @takes_weights
    def last_layer_kernel(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give h_{L-1}^T h_{L-1} (x) I, the kernel of training the last layer alone.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            Kernels, shape (R, k n, k n).
        """
        return self.with_frozen(range(self.depth - 1)).tangent_kernel(weights)

    @takes_weights
    def activation_patterns(self, weights: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Say which hidden unit is active on which sample: [h_l > 0], relu'(0) being 0.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            Booleans, one tensor (R, d_l, n) a hidden layer.
        """
        return [h > 0 for h in self._features(weights)[1:]]


def _sent_back(backward: torch.Tensor, layer: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
    # One output: the product has inner dimension 1, and a plain one is many times faster than bmm.
    cotangent = backward * layer if layer.shape[1] == 1 else backward @ layer
    # One pass in place of a comparison and a product; zero where the features are zero.
    masked: torch.Tensor = torch.ops.aten.threshold_backward(cotangent, features, 0)
    return masked
