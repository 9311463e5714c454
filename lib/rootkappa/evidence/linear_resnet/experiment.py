"""The experiment of Zou, Long and Gu, Y = -X + noise: which maps work, and what depth does."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import torch

from rootkappa import devices, draws, theorems
from rootkappa.architectures import DeepLinear, LinearResNet, Weights
from rootkappa.datasets import Dataset
from rootkappa.evidence.linear_resnet.stacked import (
    Stacked,
    hidden,
    maps_seed,
    sampled,
    start,
    trained,
)
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import gradient_descent
from rootkappa.rates import scaling_exponent
from rootkappa.reductions import sample_linear_resnet
from rootkappa.training import Trajectory, train

RATES = (1e-6, 3e-6, 1e-5, 3e-5, 1e-4)
LAYERS = 10
OTHERS = ("modified identity", "random, m = 40", "random, m = 200")
# Steps to choose a rate by: a minimum that a rate cannot hold may be left again after some
# hundred. Steps to the stall, and of the runs.
_TRIAL, _STALL = 600, 200
_WHOLE, _WITHOUT_NOISE, _ARRIVED = 20000, 2000, 1500
_LEFT = 0.95
# Losses are scored between e^-60 and e^60.
_LOG = 60.0
# Where a run has arrived: residuals over that at the start, and losses. Below it is rounding.
_LEAST = 1e-13
_ARRIVED_LOSS = 1e-24

PLAIN_DEPTHS = (2, 5, 10, 20)
RESNET_DEPTHS = (2, 5, 10, 20, 100)
_SHALLOW, _DEEP = 2, 20
_WIDTH = 40
_MOST = 400
_FALL = math.sqrt(1e-3)
_SAMPLED_DEPTHS, _STARTED_DEPTHS, _PLAIN_FACTORS = (2, 8, 32, 128, 512), (2, 4, 8), (1, 2, 4, 8)


def mirrored(seed: int, noise: float = 0.1, sign: float = -1.0) -> Dataset:
    """Draw X, 10 x 1000 with entries N(0, 1), and Y = sign X + noise E, reduced to rank size.

    Args:
        seed: The seed.
        noise: What E, drawn like X, is multiplied with.
        sign: 1 for labels that point where the inputs do.

    Returns:
        The data.
    """
    source = draws.generator(seed)
    X, E = (draws.normal((10, 1000), source) for _ in range(2))
    return Dataset(X, sign * X + noise * E, "Y = -X + 0.1 E").reduced()


def paths(
    models: Sequence[LinearResNet], steps: int, rates: Sequence[float] = RATES
) -> torch.Tensor:
    """Train networks, each with the best of several rates: that of the lowest curve on average.

    Args:
        models: One a draw, on reduced data.
        steps: T.
        rates: The rates.

    Returns:
        Excess losses over 1/2 ||W* X||^2, 0 below 1e-24, shape (draws, T + 1).
    """
    stack = Stacked.of(models)
    trial = trained(
        stack, [[gradient_descent(r)] * len(models) for r in rates], _TRIAL, tolerance=_LEAST
    )
    scores = _lasting(trial).log().clamp(-_LOG, _LOG).mean(1).reshape(len(rates), -1)
    best = [gradient_descent(rates[row]) for row in scores.argmin(0).tolist()]
    run = trained(stack, [best], steps, tolerance=_LEAST)
    plateaus = torch.stack([model.Y.square().sum() / 2 for model in models])
    shares = _lasting(run) / plateaus[:, None]
    return shares.masked_fill(shares < _ARRIVED_LOSS, 0.0)


def _lasting(run: Trajectory) -> torch.Tensor:
    # Losses, of which the last one stands where a run has ended.
    shown = torch.arange(run.losses.shape[1]).minimum(run.stopped_at[:, None])
    return run.losses.gather(1, shown).nan_to_num(torch.inf)


def network(maps: str, problem: Dataset, seed: int) -> LinearResNet:
    """Give a network of the experiment in its reduced form.

    Args:
        maps: "identity", "modified identity", "random, m = 40" or "random, m = 200".
        problem: The data.
        seed: The seed of the draw.

    Returns:
        The network, L = 10 and s_A = s_B = 1.
    """
    X, Y = problem.X, problem.Y
    if maps == "identity":
        return LinearResNet.identity(X, Y, len(X), LAYERS)
    if maps == "modified identity":
        return LinearResNet.modified_identity(X, Y, len(X) + len(Y), LAYERS)
    return sampled(problem, int(maps.rpartition(" ")[2]), LAYERS, seed)


@measures("linear-resnet/transformations")
def transformations(seeds: Sequence[int]) -> Evidence:
    """Follow identity maps to their plateau and beyond, and the other maps to the minimum.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """

    def follow(maps: str, steps: int, **labels: float) -> torch.Tensor:
        drawn = [network(maps, mirrored(seed, **labels), seed) for seed in seeds]
        return paths(drawn, steps)

    noisy = follow("identity", _WHOLE)
    exact = follow("identity", _WITHOUT_NOISE, noise=0.0)
    others = {maps: follow(maps, _ARRIVED) for maps in OTHERS}
    ends = torch.stack([losses[:, -1] for losses in others.values()]).amax(0)
    easy = [follow("identity", _STALL, noise=noise, sign=1.0) for noise in (0.1, 0.0)]
    control = Control("identity maps, $Y=X+0.1E$ and $Y=X$", _stalls(*easy))
    theorem = theorems.ResNetGradientDescent()
    reports = [
        [theorem.corollary(network(maps, mirrored(seed), seed)) for maps in OTHERS]
        for seed in seeds
    ]
    shown = {"noisy": noisy, "exact": exact, "others": others, "real": list(map(_real, seeds))}
    return Evidence(
        _stalls(noisy, exact) | {"others": ends.tolist()}, control, reports, shown=shown
    )


def _stalls(noisy: torch.Tensor, exact: torch.Tensor) -> dict[str, list[float]]:
    left = noisy < _LEFT
    steps = torch.where(left.any(1), left.double().argmax(1).double(), torch.inf)
    return {
        "stall": noisy[:, _STALL].tolist(),
        "leaves": steps.tolist(),
        "without_noise": exact.amin(1).tolist(),
    }


def _real(seed: int) -> int:
    # How many eigenvalues of W* are real.
    problem = mirrored(seed)
    values = torch.linalg.eigvals(problem.Y @ torch.linalg.pinv(problem.X))
    return int((values.imag.abs() < 1e-8).sum())


@measures("linear-resnet/depth")
def depth(seeds: Sequence[int]) -> Evidence:
    """Count the steps of plain networks and of ResNets, and measure their kernels at the start.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    plain = {L: _plain(seeds, L) for L in PLAIN_DEPTHS}
    resnet = {L: _resnet(seeds, L) for L in RESNET_DEPTHS}
    started = {L: _started(seeds, L) for L in (_SHALLOW, _DEEP)}
    found = {
        # Whole numbers: where the loss rises at first, rounding decides on some steps in a hundred.
        "plain_growth": [float(round(growth)) for growth in _growth(plain)],
        "resnet_growth": _growth(resnet),
        "resnet_width_exponent": _exponent(_SAMPLED_DEPTHS, _sampled_kernels, seeds),
    }
    off = {
        "resnet_growth": _growth(started),
        "resnet_width_exponent": _exponent(_STARTED_DEPTHS, _started_kernels, seeds),
    }
    control = Control("hidden weights that start at $N(0, 0.09/m)$", off)
    plain_exponent = _exponent(_PLAIN_FACTORS, _plain_kernels, seeds)
    shown = {"plain": plain, "resnet": resnet, "plain_exponent": plain_exponent}
    return Evidence(found, control, shown=shown)


def _growth(steps: Mapping[int, torch.Tensor]) -> list[float]:
    return (steps[_DEEP] / steps[_SHALLOW]).tolist()


def _plain(seeds: Sequence[int], layers: int) -> torch.Tensor:
    # Steps to a thousandth of the excess loss, shape (draws,).
    found = []
    for seed in seeds:
        problem = mirrored(seed)
        model = DeepLinear(problem.X, problem.Y, _WIDTH, layers)
        method = gradient_descent(theorems.GaussianGradientDescent().tuning(model).step_size)
        start = model.initialise([maps_seed(seed)])
        # Twenty plain layers amplify rounding: one engine, so that no count depends on the choice.
        run = train(model, method, start, _MOST, tolerance=_FALL, progress=False, engine="torch")
        found.append(run)
    return torch.cat([run.steps_to(_FALL) for run in found])


def _resnet(seeds: Sequence[int], layers: int) -> torch.Tensor:
    stack = Stacked.of([sampled(mirrored(seed), _WIDTH, layers, seed) for seed in seeds])
    return _with_a_third(stack, start(stack))


def _started(seeds: Sequence[int], layers: int) -> torch.Tensor:
    pairs = [(mirrored(seed), maps_seed(seed)) for seed in seeds]
    stack = Stacked.of([LinearResNet.gaussian(p.X, p.Y, _WIDTH, layers, [own]) for p, own in pairs])
    return _with_a_third(stack, hidden(seeds, _WIDTH, layers, 0.3))


def _with_a_third(stack: Stacked, weights: Weights) -> torch.Tensor:
    # Steps with a third of 1/lambda_max.
    methods = [gradient_descent(1 / (3 * of.lambda_max)) for of in stack.spectra(weights)]
    run = trained(stack, [methods], _MOST, weights, tolerance=_FALL)
    return run.steps_to(_FALL)


def _exponent(
    values: Sequence[int],
    kernels: Callable[[int, Sequence[int]], torch.Tensor],
    seeds: Sequence[int],
) -> tuple[float, tuple[float, float]]:
    # Of the mean square distance of the kernel at the start, divided by its mean, to the identity.
    # It falls like 1/m: the width needed for a given distance grows with the same exponent.
    table = [
        (of - torch.eye(of.shape[-1], dtype=of.dtype)).square().sum((1, 2))
        for of in (kernels(value, seeds) for value in values)
    ]
    fit = scaling_exponent(values, torch.stack(table))
    return fit.value, fit.interval


# Inputs that are white: what X does to the kernel is divided out.
_WHITE = torch.eye(10, dtype=torch.float64), torch.zeros(3, 10, dtype=torch.float64)


def _sampled_kernels(layers: int, seeds: Sequence[int]) -> torch.Tensor:
    drawn = sample_linear_resnet(*_WHITE, 256, layers, _of_depth(layers, seeds))
    return drawn.model.tangent_kernel(drawn.weights) / layers


def _started_kernels(layers: int, seeds: Sequence[int]) -> torch.Tensor:
    model = LinearResNet.gaussian(*_WHITE, 64, layers, _of_depth(layers, seeds))
    return model.tangent_kernel(hidden(seeds, 64, layers, 0.3)) / layers


def _plain_kernels(factors: int, seeds: Sequence[int]) -> torch.Tensor:
    # The kernel of L layers is a sum of products of L - 1 random factors.
    model = DeepLinear(*_WHITE, 256, factors + 1)
    kernels = model.tangent_kernel(model.initialise(_of_depth(factors + 1, seeds)))
    return kernels * len(_WHITE[1]) / (factors + 1)


def _of_depth(layers: int, seeds: Sequence[int]) -> list[int]:
    # Other maps at every depth.
    return [devices.seed(layers=layers, seed=seed) for seed in seeds]
