"""The table of cases. A new one is one entry: data, architecture, forward function, runs, steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from rootkappa import DeepLinear, DeepReLU, LinearResNet, TwoLayerReLU, datasets, nesterov, training
from rootkappa.architectures import Model, Weights
from rootkappa.optimizers import Method
from rootkappa.reductions import CountedNeurons, reduce, sample_linear_resnet
from rootkappa.training import train_wide

Array = Any  # a torch.Tensor or a jax.Array: a forward function is written for both
# Outputs from the trained layers, the constants and the inputs, for one run.
Forward = Callable[[Sequence[Array], Sequence[Array], Array], Array]
# A narrow model with its weights; or a wide one with neurons that are only counted.
Narrowed = tuple[Model, Any]
Sweep = list[tuple[float, float]]
# Takes model, methods, weights and steps.
Simulator = Callable[[Any, Sequence[Method], Any, int], training.Trajectory]

ALONE = {"torch_vmap": "one run leaves nothing to stack"}


def simulate(
    model: Model, methods: Sequence[Method], weights: Weights, steps: int
) -> training.Trajectory:
    """The library's loop, which draws no bar."""
    return training.train(model, methods, weights, steps, progress=False)


@dataclass(frozen=True)
class Problem:
    """What every peer solves: the same data, start, step sizes and momenta, one of each a run.

    The library takes `model` and `weights`. The peers take `trained` and `constants`, a tensor
    with a leading axis of runs each: what moves, and what their forward function needs besides.
    """

    model: Model
    weights: Weights
    trained: Weights
    constants: Weights
    step_sizes: list[float]
    momenta: list[float]
    steps: int
    forward: Forward
    at_rank_size: Callable[[Model], Model] | None = None
    reduce: Callable[[Model, Weights], Narrowed] | None = None
    simulator: Simulator = simulate

    @property
    def methods(self) -> list[Method]:
        pairs = zip(self.step_sizes, self.momenta, strict=True)
        return [nesterov(eta, beta) for eta, beta in pairs]

    def our_model(self) -> Model:
        """The model on data of rank size where it is linear, which is the library's first step."""
        return self.at_rank_size(self.model) if self.at_rank_size else self.model


def short(width: int) -> str:
    """A width as tables write it."""
    return f"{width:.0e}".replace("e+0", "e") if width % 10**5 == 0 else str(width)


def _all_trained(model: Model, weights: Weights) -> tuple[Weights, Weights]:
    return weights, []


@dataclass(frozen=True)
class Case:
    """A sweep over step sizes and momenta, a run a pair, each from a start of its own.

    Args:
        name: How the table and --cases call it.
        data: Inputs and labels.
        architecture: Makes the model from the data.
        forward: Makes the forward function of the peers, for one run.
        sweep: The (step size, momentum) of every run.
        operations: (ours, textbook): additions and multiplications of one step of one run.
        runs: How many runs the sweep has.
        steps: How many steps each takes.
        split: Gives what the peers train, and what they keep fixed.
        at_rank_size: Gives the model on rank-size data with the same losses, where it is linear.
        reduce: Gives a narrow model with the same losses, where there is one.
        simulator: Trains what `reduce` and `sample` give.
        reduced_within: How far losses of the narrow model may be from those of the direct loop.
        compared_steps: Over how many steps these two are compared; as many as are timed if 0.
        sample: Draws the narrow model of any width directly.
        widths: For which widths.
        left_out: The peers that do not take part, with the reason.
        neurons: Gives the number of neurons of a run, where there are any.
        tried: What was tried, where a peer stays ahead.
    """

    name: str
    data: datasets.Dataset
    architecture: Callable[[datasets.Dataset], Model]
    forward: Callable[[Any], Forward]
    sweep: Callable[[Any, Weights], Sweep]
    operations: Callable[[Any], tuple[int, int]]
    runs: int
    steps: int
    split: Callable[[Any, Weights], tuple[Weights, Weights]] = _all_trained
    at_rank_size: Callable[[Any], Model] | None = None
    reduce: Callable[[Any, Weights], Narrowed] | None = None
    simulator: Simulator = simulate
    reduced_within: float = 1e-9
    compared_steps: int = 0
    sample: Callable[[int], Narrowed] | None = None
    widths: tuple[int, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    neurons: Callable[[Any], int] | None = None
    tried: str = ""

    def problem(self) -> Problem:
        model = self.architecture(self.data)
        weights = model.initialise(range(self.runs))
        trained, constants = self.split(model, weights)
        pairs = self.sweep(model, weights)
        return Problem(
            model,
            weights,
            # Row by row, as a user of the peers has them.
            [layer.contiguous() for layer in trained],
            constants,
            [eta for eta, _ in pairs],
            [beta for _, beta in pairs],
            self.steps,
            self.forward(model),
            self.at_rank_size,
            self.reduce,
            self.simulator,
        )


def _pairs(largest_eigenvalue: float, runs: int) -> Sweep:
    step_sizes = np.linspace(0.25, 0.5, runs) / largest_eigenvalue
    return list(zip(step_sizes.tolist(), np.linspace(0.95, 0.8, runs).tolist(), strict=True))


def _by_kernel(model: Model, weights: Weights) -> Sweep:
    # The tangent kernel of the first run stands for all: they differ little.
    kernel = model.tangent_kernel([layer[:1] for layer in weights])
    return _pairs(float(torch.linalg.eigvalsh(kernel).max()), len(weights[0]))


def _relu(hidden: Array) -> Array:
    # Each library's own; both take the derivative at 0 as 0.
    if isinstance(hidden, torch.Tensor):
        return torch.relu(hidden)
    import jax

    return jax.nn.relu(hidden)


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
        _deep_linear_sweep,
        _linear_operations,
        runs,
        steps,
        at_rank_size=_deep_linear_at_rank_size,
        reduce=_narrow_orthogonal if orthogonal else None,
    )


def _deep_linear_forward(model: DeepLinear) -> Forward:
    scale = (model.scale_width ** (model.depth - 1) * len(model.Y)) ** -0.5

    def forward(weights: Sequence[Array], _: Sequence[Array], inputs: Array) -> Array:
        for layer in weights:
            inputs = layer @ inputs
        return scale * inputs

    return forward


def _deep_linear_sweep(model: DeepLinear, weights: Weights) -> Sweep:
    # The kernel of the infinitely wide network at its start: L sigma_max(X)^2 / k.
    largest = model.depth * float(torch.linalg.matrix_norm(model.X, 2)) ** 2 / len(model.Y)
    return _pairs(largest, len(weights[0]))


def _deep_linear_at_rank_size(model: DeepLinear) -> DeepLinear:
    X, Y = _rank_size(model)
    return DeepLinear(X, Y, model.width, model.depth, model.initialisation)


def _rank_size(model: DeepLinear | LinearResNet) -> tuple[torch.Tensor, torch.Tensor]:
    # Some linear map fits all labels here, so no constant is missing from the losses.
    small = datasets.Dataset(model.X, model.Y).reduced()
    return small.X, small.Y


def _linear_operations(model: DeepLinear | LinearResNet) -> tuple[int, int]:
    # An entry of a weight matrix takes part in three products (forward, backward, gradient). The
    # textbook carries n samples through each, the closed form k rows.
    entries = sum(rows * cols for rows, cols in model.shapes)
    return 6 * len(model.Y) * entries, 6 * model.Y.shape[1] * entries


def _narrow_orthogonal(model: DeepLinear, weights: Weights) -> Narrowed:
    reduction = reduce(model, weights)
    return reduction.model, reduction.weights


def linear_resnet(
    d: int,
    k: int,
    n: int,
    width: int,
    depth: int,
    runs: int,
    steps: int,
    compared_steps: int,
    widths: tuple[int, ...] = (),
    left_out: Mapping[str, str] | None = None,
) -> Case:
    """A linear residual network from zero hidden weights; all runs share one pair of maps."""
    data = datasets.gaussian(d, k, n)

    def architecture(data: datasets.Dataset) -> LinearResNet:
        return LinearResNet.gaussian(data.X, data.Y, width, depth, seeds=[0])

    def sample(width: int) -> Narrowed:
        small = data.reduced()
        model = sample_linear_resnet(small.X, small.Y, width, depth, seeds=[0]).model
        return model, model.initialise(range(runs))

    return Case(
        f"linear ResNet, L = {depth}, m = {width}, {runs} run{'s' * (runs > 1)}",
        data,
        architecture,
        _linear_resnet_forward,
        _by_kernel,
        _linear_operations,
        runs,
        steps,
        split=_linear_resnet_split,
        at_rank_size=_linear_resnet_at_rank_size,
        reduce=_narrow_resnet,
        reduced_within=1e-12,
        compared_steps=compared_steps,
        sample=sample,
        widths=widths,
        left_out=left_out or {},
    )


def _linear_resnet_forward(_: LinearResNet) -> Forward:
    def forward(weights: Sequence[Array], constants: Sequence[Array], inputs: Array) -> Array:
        A, B = constants
        hidden = A @ inputs
        for layer in weights:
            hidden = hidden + layer @ hidden
        return B @ hidden

    return forward


def _linear_resnet_split(model: LinearResNet, weights: Weights) -> tuple[Weights, Weights]:
    runs = len(weights[0])
    return weights, [model.A.expand(runs, -1, -1), model.B.expand(runs, -1, -1)]


def _linear_resnet_at_rank_size(model: LinearResNet) -> LinearResNet:
    return LinearResNet(*_rank_size(model), model.A, model.B, model.depth, maps=model.maps)


def _narrow_resnet(model: LinearResNet, weights: Weights) -> Narrowed:
    reduction = reduce(model, weights)
    return reduction.model, reduction.weights


def two_layer_relu(
    d: int,
    n: int,
    width: int,
    runs: int,
    steps: int,
    labels: float = 1.0,
    initialisation: str = "gaussian",
    **options: Any,
) -> Case:
    """A two-layer ReLU network, of which the hidden layer is trained; options as for a case."""
    sphere = datasets.sphere(d, 1, n)

    def architecture(data: datasets.Dataset) -> TwoLayerReLU:
        return TwoLayerReLU(data.X, data.Y, width, initialisation)

    return Case(
        f"two-layer ReLU, m = {short(width)}, {runs} run{'s' * (runs > 1)}",
        datasets.Dataset(sphere.X, labels * sphere.Y, sphere.description),
        architecture,
        _two_layer_forward,
        _by_kernel,
        _two_layer_operations,
        runs,
        steps,
        split=_two_layer_split,
        neurons=lambda model: model.width,
        **options,
    )


def wide_relu(d: int, n: int, width: int, steps: int, **options: Any) -> Case:
    """One two-layer ReLU network with labels of 0.1, so wide that few of its pairs ever flip."""

    def sample(width: int) -> tuple[TwoLayerReLU, CountedNeurons]:
        data = case.data
        return TwoLayerReLU(data.X, data.Y, width, "antisymmetric"), CountedNeurons([0])

    case = two_layer_relu(
        d,
        n,
        width,
        runs=1,
        steps=steps,
        labels=0.1,
        initialisation="antisymmetric",
        # What is frozen is found by the simulator itself.
        reduce=lambda model, weights: (model, weights),
        simulator=train_wide,
        sample=sample,
        left_out=ALONE,
        **options,
    )
    return case


def _two_layer_forward(model: TwoLayerReLU) -> Forward:
    def forward(weights: Sequence[Array], constants: Sequence[Array], inputs: Array) -> Array:
        return model.factor * (constants[0] @ _relu(weights[0] @ inputs))

    return forward


def _two_layer_split(_: TwoLayerReLU, weights: Weights) -> tuple[Weights, Weights]:
    return weights[:1], weights[1:]


def _two_layer_operations(model: TwoLayerReLU) -> tuple[int, int]:
    # Forward and gradient of the hidden layer, the outer one forward and back. Nothing to save.
    d, n = model.X.shape
    needed = 4 * model.width * n * (d + 1)
    return needed, needed


def deep_relu(
    d: int, n: int, widths: Sequence[int], runs: int, steps: int, step_size: float, momentum: float
) -> Case:
    """A deep ReLU network, of which all layers are trained, at one step size and momentum."""
    ball = datasets.sphere(d, 1, n)

    def architecture(data: datasets.Dataset) -> DeepReLU:
        return DeepReLU(data.X, data.Y, widths)

    def sweep(_: DeepReLU, weights: Weights) -> Sweep:
        return [(step_size, momentum)] * len(weights[0])

    return Case(
        f"deep ReLU, widths {' and '.join(map(str, widths))}, {runs} runs",
        datasets.Dataset(d**0.5 * ball.X, ball.Y, f"{n} points of norm sqrt({d})"),
        architecture,
        _deep_relu_forward,
        sweep,
        _deep_relu_operations,
        runs,
        steps,
        neurons=lambda model: sum(model.widths),
    )


def _deep_relu_forward(_: DeepReLU) -> Forward:
    def forward(weights: Sequence[Array], _: Sequence[Array], inputs: Array) -> Array:
        for layer in weights[:-1]:
            inputs = _relu(layer @ inputs)
        return weights[-1] @ inputs

    return forward


def _deep_relu_operations(model: DeepReLU) -> tuple[int, int]:
    # Three products a layer; nothing goes back through the first.
    first, *others = (rows * cols for rows, cols in model.shapes)
    needed = model.Y.shape[1] * (4 * first + 6 * sum(others))
    return needed, needed


# The step counts keep the whole table within an hour: times are proportional to them. Each run is
# long enough for `train` to take the engine that it takes of itself in a sweep worth measuring.
CASES = (
    deep_linear(d=20, k=5, n=100, width=32, runs=30, steps=650),
    deep_linear(d=20, k=5, n=100, width=128, runs=15, steps=150),
    deep_linear(d=20, k=5, n=100, width=256, runs=15, steps=50),
    deep_linear(d=10, k=3, n=50, width=512, runs=6, steps=50),
    deep_linear(d=20, k=5, n=100, width=256, runs=15, steps=50, initialisation="orthogonal"),
    linear_resnet(
        d=10,
        k=3,
        n=20,
        width=1024,
        depth=4,
        runs=1,
        steps=6,
        compared_steps=100,
        widths=(64, 1024, 10**5, 10**8),
        left_out=ALONE,
    ),
    two_layer_relu(d=20, n=64, width=64, runs=64, steps=100),
    two_layer_relu(d=20, n=64, width=512, runs=64, steps=100),
    two_layer_relu(d=20, n=64, width=2048, runs=64, steps=20),
    wide_relu(d=20, n=64, width=65536, steps=100, widths=(65536, 10**6, 10**7)),
    wide_relu(d=20, n=64, width=10**6, steps=20),
    deep_relu(10, 20, [32, 512], runs=20, steps=100, step_size=1 / 1100, momentum=0.8),
    deep_relu(10, 20, [64, 2048], runs=20, steps=20, step_size=1 / 4400, momentum=0.8),
)
TINY = (
    deep_linear(d=4, k=2, n=6, width=8, runs=3, steps=10, initialisation="orthogonal"),
    linear_resnet(
        d=4, k=2, n=6, width=16, depth=3, runs=3, steps=10, compared_steps=20, widths=(8, 10**8)
    ),
    two_layer_relu(d=4, n=6, width=8, runs=3, steps=10),
    wide_relu(d=4, n=6, width=64, steps=10, widths=(64, 10**4)),
    deep_relu(4, 6, [5, 8], runs=3, steps=10, step_size=1e-2, momentum=0.8),
)
