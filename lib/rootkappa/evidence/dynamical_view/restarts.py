"""Nesterov's schedule with restarts, on quadratics with drawn spectra and starts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from scipy import special

from rootkappa import draws, dynamics, optimizers, rates
from rootkappa.architectures import Quadratic
from rootkappa.evidence.dynamical_view.runs import by_method
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import (
    FunctionRestart,
    GradientRestart,
    Method,
    SpeedRestart,
    nesterov,
)
from rootkappa.optimizers.restarts import Restart, StepView
from rootkappa.training import grid

RULES: dict[str, Restart] = {
    "gradient rule": GradientRestart(),
    "speed rule": SpeedRestart(),
    "function rule": FunctionRestart(),
}
_CLAIMED = ("gradient rule", "speed rule")
KAPPAS = (100, 300, 1000, 3000, 10_000)
# Without restarts a larger one takes too long.
_SMALL = KAPPAS[:3]
TARGET = 1e-8
# Of so many eigenvalues, even in their logarithm, a draw has both ends and some of the others.
_POOL, _MODES = 40, 15


class Noting:
    """A restart rule that notes at every step whether it fires.

    Args:
        rule: The rule.
    """

    def __init__(self, rule: Restart) -> None:
        self.rule = rule
        self.fired: list[torch.Tensor] = []

    def __call__(self, view: StepView) -> torch.Tensor:
        """Say which replicas restart.

        Args:
            view: The step just taken.

        Returns:
            Booleans, shape (R,).
        """
        self.fired.append(self.rule(view))
        return self.fired[-1]


def modes(kappa: float) -> torch.Tensor:
    """Give the pool that spectra are drawn from.

    Args:
        kappa: The condition number.

    Returns:
        Eigenvalues from 1/kappa to 1, even in their logarithm.
    """
    return torch.logspace(-math.log10(kappa), 0, _POOL, dtype=torch.float64)


def counted(
    methods: Mapping[str, Method], kappa: float, seeds: Sequence[int], steps: int
) -> dict[str, list[int]]:
    """Count steps to the target on a drawn spectrum of 15 modes, from a drawn start.

    Args:
        methods: The methods, at lambda_max = 1.
        kappa: The condition number.
        seeds: The seeds of the draws.
        steps: The most steps to take.

    Returns:
        Counts of each method, one a draw.
    """
    values = modes(kappa)
    # A mode that a draw does not have starts at 0, and stays there.
    starts = torch.stack([_errors(seed) for seed in seeds]) / values.sqrt()
    problem = Quadratic.with_spectrum(values), [starts[..., None]]
    run = grid(problem, method=methods, seed=seeds).train(steps, tolerance=TARGET)
    return {name: [int(n) for n in of.steps_to(TARGET)] for name, of in by_method(run).items()}


@measures("dynamical-view/restart")
def restart(seeds: Sequence[int]) -> Evidence:
    """Count steps with and without restarts, and fit their growth with kappa.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    ruled = {name: nesterov(1.0).with_restart(RULES[name]) for name in _CLAIMED}
    fast = [counted(ruled, kappa, seeds, int(60 * math.sqrt(kappa)) + 100) for kappa in KAPPAS]
    plain = {"no restart": nesterov(1.0)}
    slow = [counted(plain, kappa, seeds, 400 + 15 * kappa) for kappa in _SMALL]
    return Evidence(
        {
            "cycle_factor": _cycle_factor(),
            "speed_exponent": _exponents(fast, "speed rule"),
            "gradient_exponent": _mean(_exponents(fast, "gradient rule")),
        },
        Control("no restart", {"speed_exponent": _exponents(slow, "no restart")}),
        shown={
            "gradient rule": [of["gradient rule"] for of in fast],
            "speed rule": [of["speed rule"] for of in fast],
            "no restart": [of["no restart"] for of in slow],
            "constant, knows κ": [_tuned(kappa, seeds) for kappa in KAPPAS],
        },
    )


def _tuned(kappa: float, seeds: Sequence[int]) -> list[int]:
    method = optimizers.classical_nesterov(1 / kappa, 1.0)
    return [dynamics.steps_to(method, modes(kappa), _errors(seed), TARGET) for seed in seeds]


def _errors(seed: int) -> torch.Tensor:
    source = draws.generator(seed)
    chosen = torch.randperm(_POOL - 2, generator=source)[: _MODES - 2] + 1
    errors = torch.zeros(_POOL, dtype=torch.float64)
    errors[[0, *chosen.tolist(), -1]] = draws.normal((_MODES,), source)
    return errors


def _exponents(counts: Sequence[Mapping[str, list[int]]], name: str) -> list[float]:
    kappas = KAPPAS[: len(counts)]
    each = zip(*(column[name] for column in counts), strict=True)
    return [rates.scaling_exponent(kappas, of, rounded=True).value for of in each]


def _mean(values: Sequence[float]) -> tuple[float, tuple[float, float]]:
    # With its 95 % interval.
    found = torch.tensor(values, dtype=torch.float64)
    reach = float(special.stdtrit(len(values) - 1, 0.975) * found.std() / math.sqrt(len(values)))
    return float(found.mean()), (float(found.mean()) - reach, float(found.mean()) + reach)


def _cycle_factor() -> float:
    # Of one mode, eta lambda = 1e-6, from one restart by speed to the next.
    rule, one = Noting(SpeedRestart()), torch.ones(1, dtype=torch.float64)
    problem = Quadratic.with_spectrum(one), [one[:, None, None]]
    run = grid(problem, method=nesterov(1e-6).with_restart(rule)).train(8000)
    norms = run.residual_norms[0, :-1][torch.cat(rule.fired)]
    return math.exp(float((norms[-1] / norms[0]).log()) / (len(norms) - 1))
