"""PL and aiming along runs, the partition at a minimiser, and the inclusions that are strict."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from rootkappa import devices, draws, rates
from rootkappa.architectures import DeepLinear, Model, Weights
from rootkappa.evidence.deep_linear.networks import labels
from rootkappa.evidence.local_global import bounds, paths
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import Method
from rootkappa.problems import PartitionConstants
from rootkappa.residuals import aiming
from rootkappa.theorems import LocalNesterov, PartitionNesterov

_LOOKS, _SPAN = 6, 6
# Squared weights beyond which a run has left, and a loss at rounding level.
_LEFT, _ROUNDING = 1e8, 1e-18
RADII = (1e-2, 1e-3, 1e-4, 1e-6)
_WIDTHS = (4, 5, 8, 12)
_POINTS = 2
# The gap of the start, relative to the square of the radius.
_GAP = 1e-24
_BENDS = (2.0, 4.0)
_FINE, _DIRECTIONS = 4000, 180


def looked_at(model: Model, start: Weights, methods: Sequence[Method]) -> list[Weights]:
    """Give some points of runs, each replica with its own method.

    Args:
        model: The networks.
        start: Where they start.
        methods: One a replica.

    Returns:
        Points before rounding, over so many steps as six times sqrt(kappa) of the slowest.
    """
    numbers = torch.tensor([method.coefficients(0) for method in methods], dtype=torch.float64)
    beta = float(numbers[:, 1].max())
    # 1 - beta is about 2/sqrt(kappa).
    steps = int(2 * _SPAN / (1 - beta))
    every = max(1, steps // _LOOKS)
    eta, momentum = (column[:, None, None] for column in numbers.T[:2])
    w, v, seen = start, [torch.zeros_like(layer) for layer in start], []
    for t in range(steps + 1):
        y = [a + momentum * b for a, b in zip(w, v, strict=True)]
        if t % every == 0:
            seen.append(y)
        v = [momentum * b - eta * g for b, g in zip(v, model.gradient(y), strict=True)]
        w = [a + b for a, b in zip(w, v, strict=True)]
    return seen


@measures("local-global/pl-and-aiming")
def pl_and_aiming(seeds: Sequence[int]) -> Evidence:
    """Measure PL and aiming constants along runs near minimisers, and along runs from the saddle.

    Args:
        seeds: The seeds of labels and weights.

    Returns:
        The evidence, relative to the least eigenvalue of the kernel at the minimiser; `shown` has
        those of runs from the drawn weights.
    """
    theorem = LocalNesterov()

    def compare(start: bounds.Start) -> dict[str, list[float]]:
        found: dict[str, list[float]] = {"pl": [], "aiming": []}
        for model, drawn, seed in bounds.grouped(seeds):
            weights = paths.minimiser(model, drawn)
            told = paths.spectra(model, weights)
            methods = [theorem.tuning(one) for one in told]
            points = looked_at(model, start(weights, drawn, told, seed), methods)
            mu = torch.tensor([one.lambda_min for one in told], dtype=torch.float64)
            least = [_margins(model, point, mu, drawn) for point in points]
            for name, values in zip(found, map(torch.stack, zip(*least, strict=True)), strict=True):
                found[name] += values.amin(0).tolist()
        return found

    away = compare(lambda weights, drawn, told, seed: drawn)
    control = Control("runs from near the saddle at 0", compare(bounds.saddle))
    return Evidence(compare(bounds.near), control, shown={"from the drawn weights": away})


def _margins(
    model: Model, point: Weights, mu: torch.Tensor, drawn: Weights
) -> tuple[torch.Tensor, torch.Tensor]:
    # PL and strong aiming at the nearest minimiser over mu: infinite where rounding has taken over,
    # 0 where the run has left. Drawn weights stand in for those: a minimiser is found from them.
    size = torch.stack([layer.square().sum((1, 2)) for layer in point]).sum(0)
    there = size < _LEFT
    stays = there[:, None, None]
    point = [torch.where(stays, *pair) for pair in zip(point, drawn, strict=True)]
    residual, factors = model.gradient_factors(point)
    loss = residual.square().sum((1, 2)) / 2
    square = torch.stack([(a @ b).square().sum((1, 2)) for a, b in factors]).sum(0)
    clear = loss > _ROUNDING
    target = paths.minimiser(model, point)
    # Aiming refuses to aim at where it stands.
    apart = [torch.where(clear[:, None, None], t, t + 1) for t in target]
    # Of a gradient that aims elsewhere it does not matter how far.
    margins = aiming(model, point, apart, mu).margin.clamp(min=0)
    found = (square / (2 * loss * mu), margins)
    pl, margin = (value.where(clear, math.inf).where(there, 0.0) for value in found)
    return pl, margin


@dataclass(frozen=True)
class Partition:
    """Coordinates of a network at a minimiser: x as columns, u as columns.

    Args:
        network: The network, a single replica.
        point: The minimiser as a vector.
        x: Orthonormal directions, shape (P, dim x).
        u: The others, shape (P, dim u).
        mu: The least eigenvalue of the kernel there.
    """

    network: DeepLinear
    point: torch.Tensor
    x: torch.Tensor
    u: torch.Tensor
    mu: float

    def constants(self, radius: float, seed: int) -> PartitionConstants:
        """Measure mu, L1, G1 and G2 at points of a sphere: the largest found, no supremum.

        Args:
            radius: Its radius around the minimiser.
            seed: The seed of the points.

        Returns:
            The constants, with that radius for both balls; mu at least a thousandth of the
            kernel's.
        """
        source = draws.generator(devices.seed(what="sphere", seed=seed))
        away = draws.normal((_POINTS, len(self.point)), source)
        points = self.point + radius * away / away.norm(dim=1, keepdim=True)
        rows = [self._at(point) for point in points]
        mu, L1, G1, G2 = (list(column) for column in zip(*rows, strict=True))
        least = max(min(mu), 1e-3 * self.mu)
        return PartitionConstants(least, max(L1), 1.0, max(G1), max(G2), radius, radius)

    def _at(self, point: torch.Tensor) -> tuple[float, float, float, float]:
        hessian = _hessian(self.network, point)
        inner = torch.linalg.eigvalsh(self.x.T @ hessian @ self.x)
        G1 = torch.linalg.matrix_norm(_jacobian(self.network, point) @ self.u, 2)
        G2 = torch.linalg.matrix_norm(self.x.T @ hessian @ self.u, 2)
        return float(inner[0]), float(inner[-1]), float(G1), float(G2)


def _replicas(vector: torch.Tensor, shapes: Sequence[tuple[int, int]], number: int) -> Weights:
    parts = vector.split([rows * cols for rows, cols in shapes])
    return [
        part.reshape(1, *shape).repeat(number, 1, 1)
        for part, shape in zip(parts, shapes, strict=True)
    ]


def _jacobian(network: DeepLinear, point: torch.Tensor) -> torch.Tensor:
    # A replica for each output, shape (k n, P).
    number = network.Y.numel()
    basis = torch.eye(number, dtype=point.dtype).reshape(number, *network.Y.shape)
    layers = _replicas(point, network.shapes, number)
    return _flat(paths.jacobian_transposed(network, layers, basis))


def _hessian(network: DeepLinear, point: torch.Tensor) -> torch.Tensor:
    # A replica for each weight, whose entry of the gradient is differentiated once more.
    leaves = [layer.requires_grad_() for layer in _replicas(point, network.shapes, len(point))]
    loss = network.residual(leaves).square().sum() / 2
    slopes = _flat(torch.autograd.grad(loss, leaves, create_graph=True))
    return _flat(torch.autograd.grad(slopes.diagonal().sum(), leaves))


def _flat(layers: Sequence[torch.Tensor]) -> torch.Tensor:
    return torch.cat([layer.flatten(1) for layer in layers], 1)


def partitions(seed: int) -> tuple[Partition, Partition]:
    """Draw a deep linear network, and split its weights at a minimiser in two ways.

    Args:
        seed: The seed of labels and weights; the width is drawn with them.

    Returns:
        The partition by the normal and the tangent space of the minimisers, and the one by the last
        layer and all others.
    """
    X = torch.logspace(0, -0.5, bounds.SIZE, dtype=torch.float64).diag()
    Y = labels(X, [seed], bounds.OUTPUTS)[0]
    network = DeepLinear(X, Y, _WIDTHS[seed % len(_WIDTHS)], bounds.DEPTH)
    weights = paths.minimiser(network, network.initialise([seed]))
    point = torch.cat([layer.flatten() for layer in weights])
    everything = torch.eye(len(point), dtype=torch.float64)
    values, directions = torch.linalg.svd(_jacobian(network, point))[1:]
    mu, normal = float(values[-1] ** 2), len(values)
    last = network.shapes[-1][0] * network.shapes[-1][1]
    return (
        Partition(network, point, directions[:normal].T, directions[normal:].T, mu),
        Partition(network, point, everything[:, -last:], everything[:, :-last], mu),
    )


@measures("local-global/partition-at-a-minimiser")
def partition_at_a_minimiser(seeds: Sequence[int]) -> Evidence:
    """Fit how G1 and G2 shrink with the radius around a minimiser, and ask for a certificate.

    Args:
        seeds: The seeds of labels and weights.

    Returns:
        The evidence; `shown` has the constants of every draw and radius, and the largest radius of
        `RADII` at which the theorem is certified.
    """

    def compare(which: int) -> tuple[dict[str, list[float]], list[list[PartitionConstants]]]:
        every = []
        for seed in seeds:
            partition = partitions(seed)[which]
            every.append([partition.constants(radius, seed) for radius in RADII])
        slopes = {
            name: [
                rates.scaling_exponent(RADII, [getattr(k, name) for k in each]).value
                for each in every
            ]
            for name in ("G1", "G2")
        }
        certified = [max((k.R_x for k in each if _certified(k)), default=0.0) for each in every]
        return slopes | {"radius": certified}, every

    found, shown = compare(0)
    other, of_layers = compare(1)
    control = Control("the last layer as x, all others as u", other)
    return Evidence(found, control, shown={"constants": shown, "last layer": of_layers})


def _certified(constants: PartitionConstants) -> bool:
    gap = _GAP * constants.R_x**2
    return PartitionNesterov().check(constants, gap).holds


@measures("local-global/strict-inclusions")
def strict_inclusions(seeds: Sequence[int]) -> Evidence:
    """Examine a function that is PL and in no partition, and one in the class that is not convex.

    Args:
        seeds: The seeds of the two numbers of each function.

    Returns:
        The evidence; `shown` has the numbers.
    """
    pairs = [_bends(seed) for seed in seeds]
    turned = [winding(*pair) for pair in pairs]
    straight = [winding(pair[0], 0.0) for pair in pairs]
    found = {
        "pl": [pl for pl, _ in turned],
        "directions": [share for _, share in turned],
        "curvature": [least_curvature(pair[0]) for pair in pairs],
    }
    flat = {
        "pl": [pl for pl, _ in straight],
        "directions": [share for _, share in straight],
        "curvature": [least_curvature(0.0) for _ in pairs],
    }
    what = "minimisers that are a graph, and a perturbation of size 0"
    return Evidence(found, Control(what, flat), shown={"numbers": pairs})


def _bends(seed: int) -> tuple[float, float]:
    source = draws.numpy_generator(devices.seed(what="bends", seed=seed))
    low, high = _BENDS
    a, b = low + (high - low) * source.uniform(size=2)
    return float(a), float(b)


def winding(a: float, b: float) -> tuple[float, float]:
    """Look at f = g^2 / 2 with g = y + a sin(x + b sin y), whose minimisers are a winding curve.

    Args:
        a: How far it swings.
        b: How far it leans over.

    Returns:
        The least |grad g|^2 on a grid over a period, which is the PL constant of f; and the share
        of directions along which f is flat at some minimiser, so that no partition has them as x.
    """
    grid = torch.linspace(0, 2 * math.pi, 401, dtype=torch.float64)
    x, y = torch.meshgrid(grid, grid, indexing="ij")
    least = sum(part.square() for part in _slope(x, y, a, b))
    # With s = x + b sin y the minimisers are y = -a sin s, x = s - b sin y.
    s = torch.linspace(0, 2 * math.pi, _FINE, dtype=torch.float64)
    y = -a * torch.sin(s)
    along_x, along_y = _slope(s - b * torch.sin(y), y, a, b)
    angles = torch.arange(_DIRECTIONS, dtype=torch.float64)[:, None] * (math.pi / _DIRECTIONS)
    derivative = angles.cos() * along_x + angles.sin() * along_y
    changes = (derivative[:, :-1] * derivative[:, 1:] <= 0).any(1)
    return float(torch.as_tensor(least).min()), float(changes.double().mean())


def _slope(
    x: torch.Tensor, y: torch.Tensor, a: float, b: float
) -> tuple[torch.Tensor, torch.Tensor]:
    lean = a * torch.cos(x + b * torch.sin(y))
    return lean, 1 + lean * b * torch.cos(y)


def least_curvature(strength: float) -> float:
    """Give the least curvature of (x + strength sin u)^2 / 2, which is 1-strongly convex in x.

    Args:
        strength: G1.

    Returns:
        The least eigenvalue of its Hessian on a grid.
    """
    x = torch.linspace(-2, 2, 81, dtype=torch.float64)[:, None]
    u = torch.linspace(-math.pi, math.pi, 81, dtype=torch.float64)[None]
    residual, slope = x + strength * u.sin(), strength * u.cos()
    second = slope.square() - residual * strength * u.sin()
    middle, half = (1 + second) / 2, ((1 - second) / 2).square() + slope.square()
    return float((middle - half.sqrt()).min())
