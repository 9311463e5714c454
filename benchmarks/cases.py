"""The table of cases. A new one is one entry: data, architecture, forward function, runs, steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from rootkappa import DeepLinear, datasets, nesterov
from rootkappa.architectures import Model, Weights
from rootkappa.optimizers import Method
from rootkappa.reductions import reduce_orthogonal

Array = Any  # a torch.Tensor or a jax.Array: a forward function is written for both
Forward = Callable[[Sequence[Array], Array], Array]
Narrowed = tuple[Model, Weights]


@dataclass(frozen=True)
class Problem:
    """What every peer solves: the same data, start, step sizes and momenta, one of each a run."""

    model: Model
    weights: Weights
    step_sizes: list[float]
    momenta: list[float]
    steps: int
    forward: Forward
    reduce: Callable[[Model, Weights], Narrowed] | None = None

    @property
    def methods(self) -> list[Method]:
        pairs = zip(self.step_sizes, self.momenta, strict=True)
        return [nesterov(eta, beta) for eta, beta in pairs]


@dataclass(frozen=True)
class Case:
    """A sweep over step sizes and momenta, a run a pair, each from a start of its own.

    Args:
        name: How the table and --cases call it.
        data: Inputs and labels.
        architecture: Makes the model from the data.
        forward: Makes the forward function of the peers, for the weights of one run.
        largest_eigenvalue: Of the tangent kernel at the start; it sets the step sizes.
        operations: (ours, textbook): additions and multiplications of one step of one run.
        runs: How many runs the sweep has.
        steps: How many steps each takes.
        reduce: Gives a narrow model with the same losses, where there is one.
    """

    name: str
    data: datasets.Dataset
    architecture: Callable[[datasets.Dataset], Model]
    forward: Callable[[Model], Forward]
    largest_eigenvalue: Callable[[Model], float]
    operations: Callable[[Model], tuple[int, int]]
    runs: int
    steps: int
    reduce: Callable[[Model, Weights], Narrowed] | None = None

    def problem(self) -> Problem:
        model = self.architecture(self.data)
        largest = 1 / self.largest_eigenvalue(model)
        return Problem(
            model,
            model.initialise(range(self.runs)),
            np.linspace(0.25 * largest, 0.5 * largest, self.runs).tolist(),
            np.linspace(0.95, 0.8, self.runs).tolist(),
            self.steps,
            self.forward(model),
            self.reduce,
        )


def deep_linear(
    d: int, k: int, n: int, width: int, runs: int, steps: int, initialisation: str = "gaussian"
) -> Case:
    """A deep linear network of depth 3."""

    def architecture(data: datasets.Dataset) -> DeepLinear:
        return DeepLinear(data.X, data.Y, width, 3, initialisation)

    orthogonal = initialisation == "orthogonal"
    return Case(
        f"deep linear, {'orthogonal, ' * orthogonal}m = {width}, {runs} runs",
        datasets.gaussian(d, k, n, kappa=100.0),
        architecture,
        _deep_linear_forward,
        _deep_linear_eigenvalue,
        _deep_linear_operations,
        runs,
        steps,
        _narrow if orthogonal else None,
    )


def _deep_linear_forward(model: DeepLinear) -> Forward:
    scale = (model.scale_width ** (model.depth - 1) * len(model.Y)) ** -0.5

    def forward(weights: Sequence[Array], inputs: Array) -> Array:
        for layer in weights:
            inputs = layer @ inputs
        return scale * inputs

    return forward


def _deep_linear_eigenvalue(model: DeepLinear) -> float:
    # That of the infinitely wide network at its start: L sigma_max(X)^2 / k.
    return model.depth * float(torch.linalg.matrix_norm(model.X, 2)) ** 2 / len(model.Y)


def _deep_linear_operations(model: DeepLinear) -> tuple[int, int]:
    # An entry of a weight matrix takes part in three products (forward, backward, gradient). The
    # textbook carries n samples through each, the closed form k rows.
    entries = sum(rows * cols for rows, cols in model.shapes)
    return 6 * len(model.Y) * entries, 6 * model.Y.shape[1] * entries


def _narrow(model: DeepLinear, weights: Weights) -> Narrowed:
    reduction = reduce_orthogonal(model, weights)
    return reduction.model, reduction.weights


CASES = (
    deep_linear(d=20, k=5, n=100, width=32, runs=30, steps=60),
    deep_linear(d=20, k=5, n=100, width=128, runs=15, steps=60),
    deep_linear(d=20, k=5, n=100, width=256, runs=15, steps=20),
    deep_linear(d=10, k=3, n=50, width=512, runs=6, steps=20),
    deep_linear(d=20, k=5, n=100, width=256, runs=15, steps=20, initialisation="orthogonal"),
)
TINY = deep_linear(d=4, k=2, n=6, width=8, runs=3, steps=10, initialisation="orthogonal")
