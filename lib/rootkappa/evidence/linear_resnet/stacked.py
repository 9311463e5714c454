"""Linear residual networks on drawn data, a draw beside the other in one stack."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self, cast

import torch
from typing_extensions import override

from rootkappa import datasets, devices, draws, optimizers
from rootkappa.architectures import LinearResNet, Weights
from rootkappa.datasets import Dataset
from rootkappa.optimizers import Method
from rootkappa.problems import Spectrum
from rootkappa.reductions import sample_linear_resnet
from rootkappa.training import Trajectory, train

Tuning = Callable[[Spectrum], Method]

TUNINGS: dict[str, Tuning] = {
    "gradient descent": optimizers.classical_gradient_descent,
    "heavy ball": optimizers.modular_heavy_ball,
    "Nesterov": optimizers.lazy_nesterov,
}


class Stacked(LinearResNet):
    """Networks of one shape on data of their own, side by side.

    Replicas of a model share inputs and labels. So A X stands for the input map and the columns of
    the identity for the inputs, and the labels, which a map of its own takes off the outputs, are
    zero. Residuals, gradients and kernels are those of the networks.

    Args:
        features: A X, shape (R, m, n).
        B: Output maps, shape (R, k, m).
        labels: Y, shape (R, k, n).
        depth: L.
    """

    kernel_of = LinearResNet

    def __init__(
        self, features: torch.Tensor, B: torch.Tensor, labels: torch.Tensor, depth: int
    ) -> None:
        inputs = torch.eye(features.shape[2]).to(features)
        super().__init__(inputs, torch.zeros_like(labels[0]), features, B, depth)
        self._labels = labels

    @classmethod
    def of(cls, models: Sequence[LinearResNet]) -> Self:
        """Put networks side by side.

        Args:
            models: Networks of the same width, depth and size of data, with one replica each.

        Returns:
            The stack, a replica a network.
        """
        features = torch.cat([model.A @ model.X for model in models])
        B = torch.cat([model.B for model in models])
        return cls(features, B, torch.stack([model.Y for model in models]), models[0].depth)

    @property
    @override
    def labels(self) -> torch.Tensor:
        """Y of each network, shape (R, k, n)."""
        return self._labels

    @override
    def select(self, rows: Sequence[int]) -> Self:
        """Give the networks of some replicas.

        Args:
            rows: Which, in order; a row may come twice.

        Returns:
            The stack of these.
        """
        chosen = self._rows(rows)
        if self.replicas is None:
            return self
        return type(self)(self.A[chosen], self.B[chosen], self._labels[chosen], self.depth)

    @override
    def products_above(self, weights: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Give the products of the layers above each layer; the last one takes off the labels.

        Args:
            weights: One tensor (R, m, m) a layer.

        Returns:
            The end-to-end map on the data minus the labels, and S_1, ..., S_L.
        """
        outputs, *above = super().products_above(weights)
        return [outputs - self._labels, *above]


def maps_seed(seed: int) -> int:
    """Give the seed of a draw's maps, so that they do not repeat the numbers of its data.

    Args:
        seed: The seed of the draw.

    Returns:
        Another seed.
    """
    return devices.seed(purpose="maps", seed=seed)


def hidden(seeds: Sequence[int], width: int, depth: int, scale: float) -> Weights:
    """Draw hidden weights N(0, s^2/m), where the theorems want zero.

    Args:
        seeds: The seeds of the draws.
        width: m.
        depth: L.
        scale: s.

    Returns:
        The weights.
    """
    sources = [draws.generator(devices.seed(purpose="hidden", seed=seed)) for seed in seeds]
    size = scale / math.sqrt(width)
    return [
        torch.stack([size * draws.normal((width, width), source) for source in sources])
        for _ in range(depth)
    ]


def data(seed: int, kappa: float = 25.0, noise: float = 0.0) -> Dataset:
    """Draw data of 10 inputs, 3 outputs and 50 samples, reduced to rank size.

    Args:
        seed: The seed.
        kappa: kappa(X).
        noise: Standard deviation of noise on the labels.

    Returns:
        The data.
    """
    return datasets.gaussian(d=10, k=3, n=50, kappa=kappa, noise=noise, seed=seed).reduced()


def modified(problem: Dataset, depth: int, scale: float) -> LinearResNet:
    """Give the modified identity of the least width, d + k.

    Args:
        problem: The data.
        depth: L.
        scale: s_A and s_B.

    Returns:
        The network.
    """
    X, Y = problem.X, problem.Y
    return LinearResNet.modified_identity(X, Y, len(X) + len(Y), depth, scale, scale)


def sampled(
    problem: Dataset, width: int, depth: int, seed: int, scale: float = 1.0
) -> LinearResNet:
    """Draw Gaussian maps of any width, in reduced form.

    Args:
        problem: The data.
        width: m of the network that is meant.
        depth: L.
        seed: The seed of the draw.
        scale: s_A and s_B.

    Returns:
        The network, d + k wide.
    """
    seeds = [maps_seed(seed)]
    drawn = sample_linear_resnet(problem.X, problem.Y, width, depth, seeds, scale, scale)
    return cast(LinearResNet, drawn.model)


def tuned(stack: Stacked) -> list[list[Method]]:
    """Tune the three methods to the kernels at zero hidden weights.

    Args:
        stack: The networks.

    Returns:
        For each method of `TUNINGS` a list, one a replica.
    """
    spectra = stack.spectra(start(stack))
    return [[tuning(spectrum) for spectrum in spectra] for tuning in TUNINGS.values()]


def start(stack: Stacked) -> Weights:
    """Give hidden weights of zero.

    Args:
        stack: The networks.

    Returns:
        The weights.
    """
    return stack.initialise(range(len(stack.A)))


def trained(
    stack: Stacked,
    methods: Sequence[Sequence[Method]],
    steps: int,
    weights: Weights | None = None,
    **options: Any,
) -> Trajectory:
    """Train every network with several methods, all side by side.

    Args:
        stack: The networks.
        methods: For each method a list, one a replica.
        steps: T.
        weights: Where the networks start; at zero if None.
        **options: As for `train`.

    Returns:
        The trajectory: all replicas of the first method, then those of the next.
    """
    rows = [row for each in methods for row in range(len(each))]
    begin = [layer[rows] for layer in weights or start(stack)]
    listed = [method for each in methods for method in each]
    return train(stack.select(rows), listed, begin, steps, progress=False, **options)


def by_method(values: Iterable[Sequence[float]]) -> dict[str, list[float]]:
    """Name numbers after the methods, as claims do.

    Args:
        values: For each method of `TUNINGS` the numbers, one a draw.

    Returns:
        The numbers by name.
    """
    names = (name.lower().replace(" ", "_") for name in TUNINGS)
    return {name: list(each) for name, each in zip(names, values, strict=True)}


def of_draws(table: torch.Tensor) -> dict[str, torch.Tensor]:
    """Lay out a table as figures take it.

    Args:
        table: Shape (n, methods, R).

    Returns:
        For each method shape (R, n).
    """
    return {name: table[:, row].T for row, name in enumerate(TUNINGS)}


def residuals(run: Trajectory, methods: int) -> torch.Tensor:
    """Give the residuals of a run of several methods.

    Args:
        run: What `trained` returned, with residuals kept.
        methods: How many methods.

    Returns:
        Shape (methods, R, T + 1, k n).

    Raises:
        ValueError: If the run kept none.
    """
    if run.residuals is None:
        raise ValueError("the run kept no residuals: train with keep_residuals=True.")
    return run.residuals.reshape(methods, -1, *run.residuals.shape[1:])
