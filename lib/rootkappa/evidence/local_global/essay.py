"""What the essay of April 2026 says of three regimes, over populations of its experiment.

An experiment is ten trials of the additive model, with the numbers that Figure 1 of the paper
gives away: eta = 0.05, kappa/c = 20 and c = 0.48, at sigma_max(A2) = 0.01, 0.3 and 5.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median
from typing import Any

import torch

from rootkappa import datasets, devices
from rootkappa.evidence.additive_models.drawn import drawn
from rootkappa.evidence.additive_models.trials import Trials, theirs
from rootkappa.evidence.deep_linear.networks import mean
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import gradient_descent, nesterov

INSIDE, EDGE, OUTSIDE = 0.01, 0.3, 5.0
STRENGTHS = (INSIDE, EDGE, OUTSIDE)
ETA, KAPPA = 0.05, 9.6
TRIALS = 10
# Between these steps rates are read, in these two windows ratios; spreads at one step.
_RATES, _EARLY, _LATE, _SPREAD_AT = (20, 60), (10, 30), (60, 90), 80
_WEAKER, _NO_MU = 0.03, 1e-4


@dataclass(frozen=True, eq=False)
class Regime:
    """An experiment with both methods.

    Args:
        losses: By method, shape (trials, T + 1).
        ratios: ||Delta u|| / ||Delta x|| by method, shape (trials, T).
    """

    losses: dict[str, torch.Tensor]
    ratios: dict[str, torch.Tensor]

    @property
    def advantages(self) -> list[float]:
        """The log-rate of Nesterov over that of gradient descent, a trial each."""
        return (_rates(self.losses["nesterov"]) / _rates(self.losses["descent"])).tolist()

    @property
    def level(self) -> float:
        """The median ||Delta u|| / ||Delta x|| of Nesterov after the first steps."""
        return float(self.ratios["nesterov"][:, _EARLY[0] : _LATE[1]].median())

    @property
    def climb(self) -> float:
        """How that ratio changes from the early window to the late one."""
        course = self.ratios["nesterov"].median(0).values
        return float(course[slice(*_LATE)].mean() / course[slice(*_EARLY)].mean())

    def spread(self, method: str) -> float:
        """Give the standard deviation of the logarithm of the loss over the trials.

        Args:
            method: "descent" or "nesterov".

        Returns:
            The standard deviation, late in the run.
        """
        return float(self.losses[method][:, _SPREAD_AT].log().std())


def _rates(losses: torch.Tensor) -> torch.Tensor:
    first, last = _RATES
    return (losses[..., first] / losses[..., last]).log() / (last - first)


@cache
def regime(seed: int, strength: float, least: float = 1.0) -> Regime:
    """Run ten trials with both methods.

    Args:
        seed: The seed of the experiment.
        strength: sigma_max(A2).
        least: The least eigenvalue of A1^T A1, which the methods are told to be 1.

    Returns:
        The experiment.
    """
    trials = Trials(
        [
            drawn(
                devices.seed(what="essay", seed=seed, trial=trial),
                (strength, strength),
                least,
                "relu",
                (KAPPA, KAPPA),
            )
            for trial in range(TRIALS)
        ]
    )
    methods = {"descent": gradient_descent(ETA), "nesterov": nesterov(ETA, theirs(ETA))}
    runs = {name: trials.path(method) for name, method in methods.items()}
    return Regime(
        {name: losses for name, (losses, _) in runs.items()},
        {name: (steps[..., 1] / steps[..., 0]).sqrt() for name, (_, steps) in runs.items()},
    )


def _all(seeds: Sequence[int], least: float = 1.0) -> list[dict[float, Regime]]:
    return [{one: regime(seed, one, least) for one in STRENGTHS} for seed in seeds]


def printed_advantage(panel: str) -> float:
    """Give the ratio of log-rates of the paper's own curves, the means of ten trials.

    Args:
        panel: "a", "b" or "c", for 0.01, 0.3 and 5.

    Returns:
        The ratio.
    """
    curves = datasets.liao2024_figure_1(panel)
    return float(_rates(curves["nag"]) / _rates(curves["gd"]))


@measures("local-global/essay-advantage")
def essay_advantage(seeds: Sequence[int]) -> Evidence:
    """Compare the advantage of Nesterov in the three regimes.

    Args:
        seeds: The seeds of the experiments.

    Returns:
        The evidence; `shown` has the experiments.
    """

    def compare(found: list[dict[float, Regime]]) -> dict[str, Any]:
        of = [{one: median(run.advantages) for one, run in each.items()} for each in found]
        return {
            "inside": [each[INSIDE] for each in of],
            "kept_at_the_edge": [each[EDGE] / each[INSIDE] for each in of],
            "kept_outside": [each[OUTSIDE] / each[INSIDE] for each in of],
            "worst_trial": [min(each[OUTSIDE].advantages) for each in found],
        }

    found = _all(seeds)
    printed = {"printed_growth": printed_advantage("c") / printed_advantage("a")}
    control = Control(
        r"a least eigenvalue of $A_1^\top A_1$ far below the $\mu$ told",
        compare(_all(seeds, _NO_MU)),
    )
    return Evidence(compare(found) | printed, control, shown={"experiments": found})


@measures("local-global/essay-flat-ratio")
def essay_flat_ratio(seeds: Sequence[int]) -> Evidence:
    """Follow ||Delta u|| / ||Delta x|| through runs, and compare it between the regimes.

    Args:
        seeds: The seeds of the experiments.

    Returns:
        The evidence.
    """

    def compare(found: list[dict[float, Regime]]) -> dict[str, Any]:
        return {
            "climb_inside": [each[INSIDE].climb for each in found],
            "climb_at_the_edge": [each[EDGE].climb for each in found],
            "climb_outside": [each[OUTSIDE].climb for each in found],
            "between": [each[EDGE].level / each[INSIDE].level / (EDGE / INSIDE) for each in found],
        }

    control = Control(
        r"a least eigenvalue of $A_1^\top A_1$ far below the $\mu$ told",
        compare(_all(seeds, _NO_MU)),
    )
    return Evidence(compare(_all(seeds)), control)


@measures("local-global/essay-spread")
def essay_spread(seeds: Sequence[int]) -> Evidence:
    """Compare the spread over ten trials outside the regime with that inside.

    Args:
        seeds: The seeds of the experiments.

    Returns:
        The evidence.
    """

    def growths(strength: float, name: str) -> list[float]:
        pairs = [(regime(seed, strength), regime(seed, INSIDE)) for seed in seeds]
        return [far.spread(name) / near.spread(name) for far, near in pairs]

    def compare(strength: float) -> dict[str, Any]:
        return {name: _typical(growths(strength, name)) for name in ("descent", "nesterov")}

    at_the_edge = {"descent_at_the_edge": growths(EDGE, "descent")}
    control = Control(rf"$\sigma_{{\max}}(A_2)={_WEAKER}$, inside too", compare(_WEAKER))
    shown = {name: growths(OUTSIDE, name) for name in ("descent", "nesterov")}
    return Evidence(compare(OUTSIDE) | at_the_edge, control, shown=shown)


def _typical(values: Sequence[float]) -> tuple[float, tuple[float, float]]:
    # The geometric mean over experiments with its interval.
    middle, (low, high) = mean(torch.tensor(values, dtype=torch.float64).log())
    return math.exp(middle), (math.exp(low), math.exp(high))


def slider(kappa: float, c: float) -> float:
    """Give how much slower the theorem's bound is than the curve of the essay's slider.

    Args:
        kappa: The condition number.
        c: The theorem's constant.

    Returns:
        log(1 - 1/sqrt kappa) / log(1 - c/(4 sqrt kappa)).
    """
    root = math.sqrt(kappa)
    return math.log1p(-1 / root) / math.log1p(-c / (4 * root))
