"""The bound for gradient descent with its proof's invariant, and the linear rate of SGD."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch

from rootkappa import datasets, devices
from rootkappa.architectures import LinearResNet
from rootkappa.datasets import Dataset
from rootkappa.dynamics import frozen_residuals
from rootkappa.evidence.linear_resnet.experiment import mirrored
from rootkappa.evidence.linear_resnet.stacked import Stacked, data, modified, trained
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import gradient_descent
from rootkappa.theorems import ResNetGradientDescent, ResNetStochasticGradientDescent
from rootkappa.theorems.report import Report
from rootkappa.training import Batches, Snapshot

# Values of Z: the theorem asks for 1, its constant taken as 1.
MARGINS = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0, 2.0)
DEPTHS = (5, 20)
_MET = [row for row, margin in enumerate(MARGINS) if margin >= 1]
_STEPS = 1000
_EVERY = 50
_THEOREM = ResNetGradientDescent()


@measures("linear-resnet/zou-theorem")
def zou_theorem(seeds: Sequence[int]) -> Evidence:
    """Compare runs with the bound, layers with 0.5/L, and their size with that of W*.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    problems = [data(seed, 9.0) for seed in seeds]
    swept = [_followed(_models(problems, depth), _STEPS) for depth in DEPTHS]
    shape = (len(DEPTHS), len(MARGINS), len(problems))
    ratios, layers = (torch.stack(of).reshape(shape) for of in zip(*swept, strict=True))
    # What the layers come to together if they share W* evenly, and Z where that is 0.5.
    even = _tensor(_solution(problem) * _unit(problem) for problem in problems)
    shares = layers * _tensor(MARGINS)[:, None] / even
    limits = torch.stack([_crossing(of) for of in layers]) / (2 * even)
    found = {
        "ratio": ratios[:, _MET].amax((0, 1)).tolist(),
        "layers": layers[:, _MET].amax((0, 1)).tolist(),
        "share_of_solution": shares[:, _MET].amin((0, 1)).tolist(),
        "z_limit": limits.amin(0).tolist(),
    }
    reports = [
        [_THEOREM.check(_at(problem, depth, MARGINS[row])) for depth in DEPTHS for row in _MET]
        for problem in problems
    ]
    control = Control("identity maps, $Y=-X+0.1E$", _blocked(seeds))
    shown = {"ratios": ratios, "layers": layers, "even": even, "limits": limits * 2 * even}
    return Evidence(found, control, reports, shown=shown)


def _blocked(seeds: Sequence[int]) -> dict[str, list[float]]:
    problems = [mirrored(seed) for seed in seeds]
    models = [LinearResNet.identity(p.X, p.Y, len(p.X), 10) for p in problems]
    ratios, layers = _followed(models, 2 * _STEPS)
    return {"ratio": ratios.tolist(), "layers": layers.tolist()}


def _models(problems: Sequence[Dataset], depth: int) -> list[LinearResNet]:
    return [_at(problem, depth, margin) for margin in MARGINS for problem in problems]


def _at(problem: Dataset, depth: int, margin: float) -> LinearResNet:
    # The modified identity at the scale that has this Z, which is proportional to s_A s_B.
    return modified(problem, depth, math.sqrt(margin / _unit(problem)))


def _unit(problem: Dataset) -> float:
    # Z at s_A = s_B = 1; the depth cancels.
    return _THEOREM.margin(modified(problem, 1, 1.0))


def _solution(problem: Dataset) -> float:
    return float(torch.linalg.matrix_norm(problem.Y @ torch.linalg.pinv(problem.X), 2))


def _followed(models: Sequence[LinearResNet], steps: int) -> tuple[torch.Tensor, torch.Tensor]:
    # The promised decrease of log(excess loss) over the measured one, the largest of all steps,
    # and L max ||W_l||, of each network.
    def norm(now: Snapshot) -> torch.Tensor:
        norms: torch.Tensor = torch.linalg.matrix_norm(torch.stack(list(now.weights)), 2)
        return norms.amax(0)

    methods = [[_THEOREM.tuning(model) for model in models]]
    looks = range(0, steps + 1, _EVERY)
    run = trained(Stacked.of(models), methods, steps, observers={"norm": norm}, observe_at=looks)
    pairs = zip(models, run.residual_norms, strict=True)
    ratios = _tensor(_promise(model, norms) for model, norms in pairs)
    return ratios, models[0].depth * run.observed["norm"].amax(1)


def _promise(model: LinearResNet, norms: torch.Tensor) -> float:
    fallen = 2 * (norms[1:] / norms[0]).log()
    promised = torch.arange(1, len(norms)).double() * math.log(_THEOREM.rate(model)[1])
    # A loss that has grown breaks every promise.
    share = torch.where(fallen < 0, promised / fallen, math.inf)
    return float(share[fallen > 2 * math.log(1e-12)].max())


def _tensor(values: Iterable[float]) -> torch.Tensor:
    return torch.tensor(list(values), dtype=torch.float64)


def _crossing(layers: torch.Tensor) -> torch.Tensor:
    # Z at which L max ||W_l|| passes 0.5, on the line between its neighbours in logarithms.
    x, y = _tensor(MARGINS).log(), (layers / 0.5).log()
    after = (y < 0).double().argmax(0)
    here, before = (y.gather(0, row[None])[0] for row in (after, after - 1))
    slope = (here - before) / (x[after] - x[after - 1])
    return (x[after] - here / slope).exp()


class Plan(NamedTuple):
    """A run of SGD.

    Args:
        batch: b.
        share: The step size over 1/lambda_max.
        steps: T.
        runs: How many orders of the batches there are.
    """

    batch: int
    share: float
    steps: int
    runs: int


PLANS = (Plan(1, 0.015, 3400, 8), Plan(5, 0.05, 1000, 20))


@measures("linear-resnet/sgd")
def sgd(seeds: Sequence[int]) -> Evidence:
    """Compare the rate of SGD in the long run with that of full gradients.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    fitting, noisy = ([_samples(seed, noise) for seed in seeds] for noise in (0.0, 0.1))
    single, several = (_descent(fitting, seeds, plan) for plan in PLANS)
    floor = _descent(noisy, seeds, PLANS[0]._replace(runs=2))
    found = {
        "rate_batch_1": single.rates,
        "rate_batch_5": several.rates,
        "end": torch.stack([of.curves[:, -1] for of in (single, several)]).amax(0).tolist(),
    }
    off = {"rate_batch_1": floor.rates, "end": floor.curves[:, -1].tolist()}
    control = Control("labels with noise of deviation 0.1, batch 1", off)
    reports = [list(pair) for pair in zip(single.reports, several.reports, strict=True)]
    shown = {"single": single, "several": several, "floor": floor}
    return Evidence(found, control, reports, shown=shown)


class Descent(NamedTuple):
    """Runs of SGD on several draws.

    Args:
        curves: Root-mean-square residual above the least over that at the start, (draws, T + 1).
        factors: The factor a step of full gradients in the second half, of each draw: close to
            1 - eta lambda_min.
        rates: The logarithm of the measured factor over that of full gradients.
        reports: What the theorem says of each draw.
    """

    curves: torch.Tensor
    factors: list[float]
    rates: list[float]
    reports: list[Report]


def _samples(seed: int, noise: float) -> Dataset:
    return datasets.gaussian(d=6, k=2, n=20, kappa=4.0, noise=noise, seed=seed)


def _descent(problems: Sequence[Dataset], seeds: Sequence[int], plan: Plan) -> Descent:
    theorem = ResNetStochasticGradientDescent(batch_size=plan.batch)
    models = [_wide_enough(problem, plan.batch) for problem in problems]
    spectra = [model.spectra(model.initialise([0]))[0] for model in models]
    steps = [plan.share / spectrum.lambda_max for spectrum in spectra]
    orders = [devices.seed(order=run, seed=seed) for seed in seeds for run in range(plan.runs)]
    run = trained(
        Stacked.of([model for model in models for _ in range(plan.runs)]),
        [[gradient_descent(step) for step in steps for _ in range(plan.runs)]],
        plan.steps,
        batches=Batches(plan.batch, orders),
    )
    floors = _tensor(2 * problem.interpolation_error for problem in problems)
    above = (
        run.residual_norms.square().reshape(-1, plan.runs, plan.steps + 1).mean(1) - floors[:, None]
    )
    curves = (above.clamp_min(0) / above[:, :1]).sqrt()
    half = plan.steps // 2
    decays = (curves[:, -1] / curves[:, half]).log()
    exact = [
        _full(model, step, [half, plan.steps]) for model, step in zip(models, steps, strict=True)
    ]
    predicted = torch.stack([norms[1] / norms[0] for norms in exact]).log()
    factors = (predicted / (plan.steps - half)).exp().tolist()
    reports = [theorem.check(model) for model in models]
    return Descent(curves, factors, (decays / predicted).tolist(), reports)


def _full(model: LinearResNet, step: float, times: Sequence[int]) -> torch.Tensor:
    # ||xi_t|| of full gradients with the kernel of the start, above the least.
    problem = Dataset(model.X, model.Y).reduced()
    narrow = modified(problem, model.depth, float(model.A.max()))
    weights = narrow.initialise([0])
    kernel, first = narrow.tangent_kernel(weights)[0], narrow.residual(weights)[0].T.flatten()
    norms: torch.Tensor = frozen_residuals(gradient_descent(step), kernel, first, times).norm(dim=1)
    return norms


def _wide_enough(problem: Dataset, batch: int) -> LinearResNet:
    # The modified identity at the scale where Z b/n, proportional to s_A s_B, is 1.
    theorem = ResNetStochasticGradientDescent(batch_size=batch)
    unit = theorem.margin(modified(problem, 5, 1.0)) * batch / problem.Y.shape[1]
    return modified(problem, 5, math.sqrt(1 / unit))
