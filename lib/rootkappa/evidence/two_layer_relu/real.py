"""Loss, moves and flips on real data: the design of the papers' figures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch

from rootkappa import datasets, devices, kernels
from rootkappa.architectures import TwoLayerReLU
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.evidence.two_layer_relu.widths import OBSERVERS
from rootkappa.ledger import Control
from rootkappa.optimizers import Method, gradient_descent, heavy_ball, nesterov
from rootkappa.problems import Spectrum
from rootkappa.training import Trajectory, grid

NAMES = ("digits", "diabetes")
SAMPLES = 20
SIZES = (128, 1024)
EPOCHS = 160
SEEN = (0, 2, 5, 10, 20, 40, 60, 80, 120, 160)
ACCURACIES = (0.1, 0.03, 0.01)
_MOMENTUM = 0.9


@measures("two-layer-relu/real-data")
def real_data(seeds: Sequence[int]) -> Evidence:
    """Race the three methods on subsets of real data, at two widths.

    Args:
        seeds: The seeds of the draws of samples and weights.

    Returns:
        The evidence; shown are the runs, by data set.
    """
    runs = {name: race(seeds, name) for name in NAMES}
    last = {
        what: torch.cat([run.shaped(run.observed[what][:, -1]) for run in runs.values()], -1)
        for what in OBSERVERS
    }
    measured = _compared(runs) | {
        name: _mean_ratio(last[what]).tolist()
        for name, what in (("distance_ratio", "movement"), ("flips_ratio", "flips"))
    }
    still = _compared({name: race(seeds, name, SIZES[:1], beta=0.0) for name in NAMES[:1]})
    control = Control("momentum 0", {"speed_up": still["speed_up"]})
    return Evidence(measured, control, shown={"runs": runs})


def race(
    seeds: Sequence[int], name: str, sizes: Sequence[int] = SIZES, beta: float = _MOMENTUM
) -> Trajectory:
    """Train the three methods with one step size, at each width, on samples of each draw.

    Args:
        seeds: The seeds of the draws.
        name: A data set.
        sizes: Widths.
        beta: The momentum.

    Returns:
        The runs, with the axes width, method and seed.
    """

    def problem(seed: int, width: int) -> TwoLayerReLU:
        data = datasets.load(name, n=SAMPLES, seed=devices.seed(data=seed))
        return TwoLayerReLU(data.X, data.Y, width)

    def step(model: TwoLayerReLU) -> float:
        return 1 / Spectrum.of(kernels.relu_limit(model.X)).lambda_max

    def descent(model: TwoLayerReLU) -> Method:
        return gradient_descent(step(model))

    def ball(model: TwoLayerReLU) -> Method:
        return heavy_ball(step(model), beta)

    def fast(model: TwoLayerReLU) -> Method:
        return nesterov(step(model), beta)

    methods = {"gradient_descent": descent, "heavy_ball": ball, "nesterov": fast}
    return grid(problem, width=sizes, method=methods, seed=seeds).train(
        EPOCHS, observers=OBSERVERS, observe_at=SEEN
    )


def gains(run: Trajectory, accuracy: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Compare steps to an accuracy; a run that does not arrive counts with all its steps.

    Args:
        run: The runs of a data set.
        accuracy: The accuracy, relative.

    Returns:
        Steps of gradient descent, and of heavy ball, over those of Nesterov, shape (widths, draws).
    """
    steps = run.shaped(run.steps_to(accuracy).clamp(max=EPOCHS))
    descent, ball, fast = steps.unbind(1)
    return descent / fast, ball / fast


def _mean_ratio(values: torch.Tensor) -> torch.Tensor:
    # Of the larger width to the smaller, geometric mean over methods and data sets.
    ratios = (values[1] / values[0]).view(3, len(NAMES), -1)
    mean: torch.Tensor = ratios.log().mean((0, 1)).exp()
    return mean


def _compared(runs: Mapping[str, Trajectory]) -> dict[str, list[float]]:
    # The least gain of all accuracies, in the mean over data sets and widths; and of heavy ball's
    # steps over Nesterov's at the last accuracy the ratio farthest from 1.
    found = [gains(run, accuracy) for run in runs.values() for accuracy in ACCURACIES]
    fast = torch.stack([gain for gain, _ in found]).unflatten(0, (len(runs), len(ACCURACIES)))
    means = fast.log().mean((0, 2)).exp()
    balls = torch.cat([ball for _, ball in found[len(ACCURACIES) - 1 :: len(ACCURACIES)]])
    farthest = [max(draw, key=lambda ratio: abs(math.log(ratio))) for draw in balls.T.tolist()]
    return {"speed_up": means.amin(0).tolist(), "ball_over_nesterov": farthest}
