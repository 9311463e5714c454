"""Where a saw-tooth stops both methods, and that nothing stops gradient descent below."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from rootkappa import draws
from rootkappa.evidence.additive_models.drawn import KAPPAS, between, drawn
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import Method
from rootkappa.problems import PartitionConstants
from rootkappa.theorems import PartitionGradientDescent, PartitionNesterov
from rootkappa.theorems.liao2024provable.saw_tooth import ADVERSARIES, SawTooth
from rootkappa.training import grid

# G1 / sqrt(mu) below, at and above the threshold.
SLOPES = (0.9, 1.0, 1.1)
# Few modes, so that the slowest is soon alone.
_MODES = 10
# Below this share of the start residuals are rounding.
_FLOOR = 1e-8


def tunings(kappa: float) -> dict[str, Method]:
    """Give both methods with the theorems' numbers, at c = 1.

    Args:
        kappa: The condition number.

    Returns:
        The methods by name.
    """
    constants = PartitionConstants.additive(1, math.sqrt(kappa), 0)
    return {
        "gradient descent": PartitionGradientDescent().tuning(constants),
        "nesterov": PartitionNesterov(1.0).tuning(constants),
    }


def predicted_factor(method: Method, kappa: float, slope: float) -> float:
    """Give the loss factor of the slowest mode if a saw-tooth lowers its eigenvalue to 1 - G1^2.

    Args:
        method: One of `tunings`, which has step 1 / kappa.
        kappa: The condition number.
        slope: G1 / sqrt(mu).

    Returns:
        The square of the larger root; NaN where the roots are complex.
    """
    beta, kept = method.constants("the saw-tooth")[1], 1 - (1 - slope**2) / kappa
    half = (1 + beta) * kept / 2
    square = half**2 - beta * kept
    return (half + math.sqrt(square)) ** 2 if square >= 0 else math.nan


@measures("additive-models/threshold")
def threshold(seeds: Sequence[int]) -> Evidence:
    """Read the loss factor of both methods against saw-teeth below, at and above the threshold.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence; `shown` has each draw's kappa and its factors.
    """
    found = {seed: _factors(seed, SLOPES) for seed in seeds}
    low = {seed: _factors(seed, (0.9,) * 3) for seed in seeds}

    def compare(factors: dict[int, dict[str, list[float]]]) -> dict[str, list[float]]:
        return {
            f"{name.replace(' ', '_')}_factor": [abs(of[name][1] - 1) for of in factors.values()]
            for name in ("gradient descent", "nesterov")
        }

    deviations = [
        max(
            abs(factor - predicted_factor(method, kappa_of(seed), slope))
            for name, method in tunings(kappa_of(seed)).items()
            for factor, slope in zip(found[seed][name], SLOPES, strict=True)
        )
        for seed in seeds
    ]
    excess = [max(_excess_of_teeth(seed), _excess_of_networks(seed)) for seed in seeds]
    return Evidence(
        compare(found) | {"deviation": deviations, "descent_excess": excess},
        Control(r"slope $0.9\sqrt\mu$, where both converge", compare(low)),
        shown={"kappa": [kappa_of(seed) for seed in seeds], "factors": list(found.values())},
    )


def kappa_of(seed: int) -> float:
    """Draw a condition number, uniform in its logarithm.

    Args:
        seed: The seed.

    Returns:
        kappa.
    """
    return between(KAPPAS, float(torch.rand(1, generator=draws.generator(seed)).double()))


def _factors(seed: int, slopes: Sequence[float]) -> dict[str, list[float]]:
    # Of the loss over the last ten steps, when the slowest mode has long been alone.
    kappa = kappa_of(seed)
    saw = SawTooth.geometric(kappa, _MODES, seed=seed)
    slow_gap = kappa ** (1 / (_MODES - 1)) - 1
    found = {}
    for name, method in tunings(kappa).items():
        steps = 40 * math.sqrt(kappa) if name == "nesterov" else 12 * kappa / slow_gap
        norms = saw.run(method, torch.tensor(slopes).double(), int(steps)).norms
        found[name] = ((norms[:, -1] / norms[:, -11]) ** 0.2).tolist()
    return found


def _excess_of_teeth(seed: int) -> float:
    # Of |rho_(k+1)| / |rho_k| over 1 - (mu - G1^2) / L1, for gradient descent and any adversary.
    kappa, slopes = kappa_of(seed), torch.linspace(0.1, 1.2, 12).double()
    method = tunings(kappa)["gradient descent"]
    found = 0.0
    for adversary in ADVERSARIES:
        saw = SawTooth.geometric(kappa, _MODES, adversary, seed)
        norms = saw.run(method, slopes, int(2 * kappa)).norms
        found = max(found, _excess(norms, 1 - (1 - slopes**2) / kappa))
    return found


def _excess_of_networks(seed: int) -> float:
    draw = drawn(seed, (0.1, 1.0))
    method = PartitionGradientDescent().tuning(draw.told)
    run = grid((draw.model, draw.start), method=method).train(int(2 * draw.told.kappa))
    rate = torch.tensor([1 - (1 - draw.strength**2) / draw.told.L1], dtype=torch.float64)
    return _excess(run.residual_norms, rate)


def _excess(norms: torch.Tensor, bound: torch.Tensor) -> float:
    ratio = norms[:, 1:] / norms[:, :-1] / bound[:, None] - 1
    return max(0.0, float(ratio[norms[:, 1:] > _FLOOR * norms[:, :1]].max()))
