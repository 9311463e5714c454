"""Heavy ball's energy along runs whose kernel moves: the balance, and what follows for the tail."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from rootkappa.evidence.deep_linear.networks import OwnLabels, inputs, labels
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import Method, heavy_ball, modular_heavy_ball
from rootkappa.residuals import heavy_ball_energy
from rootkappa.residuals.energy import EnergyPath

WIDTH, DEPTH, KAPPA = 30, 3, 9.0
# The balance is checked over so many steps; the tail reaches from here to there, as shares of the
# start.
_BALANCED, _STEPS = 60, 300
_FROM, _TO = 1e-4, 1e-10


@dataclass(frozen=True)
class Followed:
    """A run of heavy ball with its energy.

    Args:
        path: The energy.
        method: The method.
    """

    path: EnergyPath
    method: Method

    @property
    def moved(self) -> float:
        """The length of the kernel's path, over the norm of the kernel at its first step."""
        eta, beta, _ = self.method.coefficients(0)
        length = float(self.path.variations.sum()) * beta**0.5 / eta
        return float(length / float(self.path.eigenvalues[0, 0, -1]))

    @property
    def lost(self) -> float:
        """The share of the least eigenvalue of the kernel that is gone at the end."""
        least = self.path.eigenvalues[0, :, 0]
        return float(1 - least[-1] / least[0])

    @property
    def window(self) -> slice:
        """The steps of the tail; of the second half where a run, as a control's, is too slow."""
        norms = self.path.residuals[0].norm(dim=1)
        last = len(norms) - 1
        ends = [
            int(below.double().argmax()) if bool(below.any()) else otherwise
            for below, otherwise in (
                (norms < _FROM * norms[0], last),
                (norms < _TO * norms[0], last),
            )
        ]
        return slice(min(ends[0], last // 2), ends[1])

    @property
    def rate(self) -> float:
        """The rate of the tail over the logarithm of beta^{1/2}."""
        y = self.path.residuals[0].norm(dim=1)[self.window].log()
        x = torch.arange(len(y)).double() - (len(y) - 1) / 2
        return float(x @ y / x.square().sum()) / (0.5 * math.log(self.method.coefficients(0)[1]))

    @property
    def spread(self) -> float:
        """How far the energy of the tail goes from its first value, in logarithms."""
        energies = self.path.energies[0, self.window]
        ratios = (energies / energies[0]).log().abs()
        return float(ratios.nan_to_num(math.inf).max())

    @property
    def allowed(self) -> float:
        """How far it may, by the path of the kernel and the work of the remainder; 0 off margin."""
        path, steps = self.path, self.window
        margin = float(path.margins[0, steps].min())
        if margin <= 0:
            return 0.0
        later = slice(steps.start, steps.stop - 1)
        shares = path.variations[0, later] / (2 * margin)
        shares = shares + (path.remainder_work[0, later] / path.energies[0, 1:][later]).abs()
        return float(-torch.log1p(-shares).sum())


def followed(seed: int, steps: int = _STEPS, momentum: float = 1.0) -> Followed:
    """Train a narrow Gaussian network by heavy ball, and follow the energy.

    Args:
        seed: The draw of labels and weights.
        steps: T.
        momentum: What 1 - beta^{1/2} is multiplied with.

    Returns:
        The run.
    """
    X = inputs(KAPPA)
    model = OwnLabels(X, labels(X, [seed]), WIDTH, DEPTH)
    start = model.initialise([seed])
    eta, beta, _ = modular_heavy_ball(model.spectra(start)[0]).coefficients(0)
    method = heavy_ball(eta, (1 - momentum * (1 - beta**0.5)) ** 2)
    return Followed(heavy_ball_energy(model, method, start, steps), method)


@measures("how-wide/heavy-ball-energy")
def heavy_ball_balance(seeds: Sequence[int]) -> Evidence:
    """Compare the energy with that of the step before and what kernel and remainder do to it.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    runs = [followed(seed, _BALANCED) for seed in seeds]

    def gaps(paths: Sequence[EnergyPath], works: Sequence[str]) -> list[float]:
        found = []
        for path in paths:
            told = path.energies[:, :-1] + sum(getattr(path, work) for work in works)
            found.append(float((told / path.energies[:, 1:] - 1).abs().max()))
        return found

    paths = [run.path for run in runs]
    moved = [run.moved for run in runs]
    return Evidence(
        {"gap": gaps(paths, ("kernel_work", "remainder_work")), "moved": moved},
        Control(
            "the kernel's work left out", {"gap": gaps(paths, ("remainder_work",)), "moved": moved}
        ),
        shown={"runs": runs},
    )


@measures("how-wide/heavy-ball-tail")
def heavy_ball_tail(seeds: Sequence[int]) -> Evidence:
    """Compare the tails of narrow networks with beta^{1/2}, and their energies with the bound.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """

    def seen(momentum: float) -> tuple[dict[str, list[float]], list[Followed]]:
        runs = [followed(seed, momentum=momentum) for seed in seeds]
        ratios = [run.spread / run.allowed if run.allowed else math.inf for run in runs]
        return {
            "ratio": ratios,
            "rate": [run.rate for run in runs],
            "moved": [run.moved for run in runs],
        }, runs

    measured, runs = seen(1.0)
    control, _ = seen(4.0)
    return Evidence(
        measured,
        Control(r"too little momentum, $1-\sqrt\beta=2/\sqrt\kappa$", control),
        shown={"runs": runs},
    )
