"""The paper's Figure 1, inverted: what its curves say about the numbers that it does not state.

Where u hardly matters, the loss of gradient descent is sum_i w_i (1 - t_i)^(2k) with t_i = eta s_i,
s_i the eigenvalues of A1 A1^T and weights w_i >= 0; Nesterov has the same weights, and polynomials
in t_i that depend on beta. Both are fitted at once, by non-negative least squares.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy.optimize import minimize_scalar, nnls

from rootkappa import datasets, dynamics
from rootkappa._search import last_true_step
from rootkappa.evidence.additive_models.trials import Momentum, classical, experiment, theirs
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import nesterov

Array = np.ndarray[Any, np.dtype[np.float64]]

_MODES = 150
# Where a spectrum is refined between two modes; momenta are then looked for this near.
_PARTS, _NEAR = np.array([0.25, 0.5]), 5e-4
# Nesterov's loss is fitted up to here, where its curve is still well above rounding.
_NESTEROV_STEPS = 60
# Where the slowest mode, and Nesterov's momentum, are looked for.
_SLOWEST, _MOMENTA = 0.004, (0.4, 0.9)


@dataclass(frozen=True)
class Fit:
    """A spectrum fitted to both loss curves of a panel.

    Args:
        t: eta times the eigenvalues.
        weights: The weight of each.
        worst: The largest relative error of both curves.
        residual: Its root mean square.
    """

    t: Array
    weights: Array
    worst: float
    residual: float


def iterates(t: Array, beta: float, steps: int) -> Array:
    """Give the residual of each mode at the iterates of Nesterov.

    Args:
        t: eta times the eigenvalues.
        beta: The momentum; 0 is gradient descent.
        steps: T, at least 1.

    Returns:
        Shape (T + 1, modes).
    """
    ahead = dynamics.modal_response(nesterov(1.0, beta), torch.from_numpy(t), steps - 1).mT
    return np.concatenate([np.ones((1, len(t))), (1 - t) * ahead.numpy()])


def modes(slowest: float = _SLOWEST, number: int = _MODES) -> Array:
    """Give the t_i of a spectrum, even in their logarithm.

    Args:
        slowest: The least of them.
        number: How many, up to 1.

    Returns:
        eta times the eigenvalues.
    """
    return np.geomspace(slowest, 1.0, number)


def fit(curves: Mapping[str, torch.Tensor], t: Array, beta: float) -> Fit:
    """Fit the weights of a spectrum to both losses, in relative errors.

    Args:
        curves: The losses "gd" and "nag".
        t: eta times the eigenvalues.
        beta: Nesterov's momentum.

    Returns:
        The fit.
    """
    return _fit(t, _scaled(curves, t, beta))


def _scaled(curves: Mapping[str, torch.Tensor], t: Array, beta: float) -> Array:
    # The loss of each mode over the loss that was measured.
    slow, fast = curves["gd"].numpy(), curves["nag"].numpy()[: _NESTEROV_STEPS + 1]
    descent = (1 - t) ** np.arange(len(slow))[:, None]
    both = [descent, iterates(t, beta, _NESTEROV_STEPS)]
    scaled: Array = np.concatenate(both) ** 2 / np.concatenate([slow, fast])[:, None]
    return scaled


def _fit(t: Array, scaled: Array) -> Fit:
    # Columns of one length: the slowest modes stand far above the curve's end.
    lengths = np.linalg.norm(scaled, axis=0)
    found, residual = nnls(scaled / lengths, np.ones(len(scaled)), maxiter=20 * len(t))
    weights = found / lengths
    worst = float(np.abs(scaled @ weights - 1).max())
    return Fit(t, weights, worst, residual / math.sqrt(len(scaled)))


def invert(curves: Mapping[str, torch.Tensor]) -> dict[str, float]:
    """Read beta, kappa/c, eta and c off the curves of a panel.

    No formula for the momentum goes into the fit: beta is the one with which both losses have one
    spectrum, however wide. Then the spectrum is narrowed from both ends until the residual doubles.

    Args:
        curves: The losses, and "dx", the squared steps of x.

    Returns:
        beta; kappa/c, for which it is the theorem's momentum; the kappa/c of the slowest mode that
        the fit needs, over that; the residual; eta; t of the fastest mode needed, which is c; and
        the worst error of the fit.
    """
    t, beta = modes(), _deepest(lambda at: fit(curves, modes(), at).residual)
    for _ in range(2):
        t = _refined(t, fit(curves, t, beta))
    beta = _bottom(lambda at: fit(curves, t, at).residual, beta - _NEAR, beta + _NEAR)
    t = _refined(t, fit(curves, t, beta))
    scaled = _scaled(curves, t, beta)
    best = _fit(t, scaled)

    def fits(first: int, last: int) -> bool:
        kept = slice(first, len(t) - last)
        return _fit(t[kept], scaled[:, kept]).residual < 2 * best.residual

    most = len(t) - 2
    slowest = last_true_step(lambda skipped: [fits(each, 0) for each in skipped], most)
    fastest = last_true_step(
        lambda skipped: [fits(slowest, each) for each in skipped], most - slowest
    )
    # beta = (4 - q)/(4 + 7 q) with q = sqrt(c / kappa), solved for q.
    formula = ((1 + 7 * beta) / (4 * (1 - beta))) ** 2
    return {
        "beta": beta,
        "kappa_over_c": formula,
        "agreement": 1 / float(t[slowest]) / formula,
        "beta_residual": best.residual,
        # The first step has |x_1 - x_0|^2 = eta^2 |A1^T r|^2 = 2 eta sum_i w_i t_i.
        "eta": float(curves["dx"][0]) / (2 * float(best.weights @ best.t)),
        "c": float(t[len(t) - 1 - fastest]),
        "remade": best.worst,
    }


def _deepest(residual: Callable[[float], float]) -> float:
    # The residual has several valleys: the deepest of a row, of a finer row, then its bottom.
    low, high = _MOMENTA
    for number in (26, 21):
        row = np.linspace(low, high, number).tolist()
        place = min(range(1, number - 1), key=lambda index: residual(row[index]))
        low, high = row[place - 1], row[place + 1]
    return _bottom(residual, low, high)


def _bottom(residual: Callable[[float], float], low: float, high: float) -> float:
    options = {"xatol": 1e-6}
    found = minimize_scalar(residual, bounds=(low, high), method="bounded", options=options)
    return float(found.x)


def _refined(t: Array, found: Fit) -> Array:
    # More modes beside those that have weight: a mode between two of them fits neither well.
    logs = np.log(t)
    for index in np.flatnonzero(found.weights):
        for beside in (index - 1, index + 1):
            if 0 <= beside < len(t):
                logs = np.append(logs, np.log(t[index]) + (np.log(t[beside] / t[index])) * _PARTS)
    refined: Array = np.exp(np.unique(logs))
    return refined


@measures("additive-models/figure-1")
def figure_1(seeds: Sequence[int]) -> Evidence:
    """Invert the paper's figure, and experiments of one's own whose numbers are known.

    Args:
        seeds: The seeds of the experiments.

    Returns:
        The evidence; `shown` has the experiments and what was read off them.
    """

    def compare(momentum: Momentum) -> tuple[dict[str, list[float]], list[Any]]:
        made = [experiment(seed, momentum) for seed in seeds]
        pairs = [(of, invert(of.curves)) for of in made]
        return {
            "own_kappa_over_c": [found["kappa_over_c"] / of.kappa_over_c for of, found in pairs],
            "own_agreement": [found["agreement"] for _, found in pairs],
            "own_eta": [found["eta"] / of.eta for of, found in pairs],
            "own_c": [found["c"] / of.c for of, found in pairs],
        }, pairs

    own, pairs = compare(theirs)
    control = Control("experiments with the classical momentum", compare(classical)[0])
    paper = invert(datasets.liao2024_figure_1("a"))
    return Evidence(own | paper, control, shown={"own": pairs})
