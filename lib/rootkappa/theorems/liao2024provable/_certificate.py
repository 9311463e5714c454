"""The inequalities K0 to K12 of the proof of Theorem 7, evaluated and not estimated."""

from __future__ import annotations

import math

from rootkappa import _checks
from rootkappa.problems import PartitionConstants
from rootkappa.theorems.liao2024provable.parameters import Parameters
from rootkappa.theorems.report import Hypothesis

_ROLES = {
    "K0": "beta lambda < 1 and beta < sqrt(r): the definitions make sense",
    "K1": "the Lyapunov form is negative in z - x*",
    "K2": "the Lyapunov form is negative in y - x*",
    "K3": "the Lyapunov form is negative in both together",
    "K4": "the gradient term pays for the errors of u",
    "K5": "the Lyapunov function starts below twice the excess loss",
    "K6": "the steps of x stay below their bound (Lemma 10)",
    "K7": "the steps of u stay below their bound (Lemma 10)",
    "K8": "the motion of u fits into the slack of the Lyapunov step",
    "K9": "the motion of x* is absorbed by the last gradient",
    "K10": "the error of u fits into the descent step",
    "K11": "x stays in its ball",
    "K12": "u stays in its ball",
}


def lines(constants: PartitionConstants, numbers: Parameters, gap: float) -> tuple[Hypothesis, ...]:
    """Evaluate every inequality.

    Args:
        constants: The problem.
        numbers: The theorem's numbers on it.
        gap: f_0 - f*.

    Returns:
        K0 to K12, in the order of the proof. For the first eleven, `needed` is the left side over
        the right side and `measured` is 1; for the last two they are radii. All but K0 need
        infinity where the definitions make no sense.
    """
    domain = max(numbers.beta * numbers.lam, numbers.beta / math.sqrt(numbers.rate))
    left = {"K0": domain}
    if domain < 1:
        left |= _form(numbers) | _coupling(constants, numbers)
        left |= dict(zip(("K11", "K12"), needed_radii(constants, numbers, gap), strict=True))
    right = {"K11": constants.R_x, "K12": constants.R_u}
    return tuple(
        Hypothesis(name, left.get(name, math.inf), right.get(name, 1.0), role)
        for name, role in _ROLES.items()
    )


def needed_radii(
    constants: PartitionConstants, numbers: Parameters, gap: float
) -> tuple[float, float]:
    """Give the radii that condition (5) of Theorem 7 asks for.

    Args:
        constants: The problem; its own radii are not read.
        numbers: The theorem's numbers on it.
        gap: f_0 - f*.

    Returns:
        The least R_x and R_u.
    """
    start = _checks.at_least("gap", gap, 0.0, "give f_0 - f*, the excess loss")
    # Q2 and Q3 carry a factor 6 that the printed radii do not have.
    scale = 36 / numbers.c * math.sqrt(constants.kappa * start / 6)
    in_x = scale * math.sqrt(numbers.Q2(constants.L2))
    in_u = scale * constants.G1 * math.sqrt(numbers.Q3(constants.L2))
    return in_x, in_u


def _form(numbers: Parameters) -> dict[str, float]:
    # The quadratic form (72): a |z - x*|^2 + 2 b <z - x*, y - x*> + d |y - x*|^2 <= 0.
    beta, gamma, lam, Q1, c = numbers.beta, numbers.gamma, numbers.lam, numbers.Q1, numbers.c
    t = 1 - beta * lam
    a_gain, a_loss = beta**2 * (1 + gamma) / t**2, (2 + gamma) / (2 + 2 * gamma)
    d_gain, d_loss = (1 + gamma) * ((t - beta) / t) ** 2, numbers.mu * lam / (2 * (1 + gamma) * Q1)
    b = (1 + gamma) * beta * (t - beta) / t**2
    a, d = a_gain - a_loss, d_gain - d_loss
    budget = (1 + gamma) * (1 / 4 - c / 2)
    return {
        "K1": a_gain / a_loss,
        "K2": d_gain / d_loss,
        "K3": b**2 / (a * d) if a < 0 and d < 0 else math.inf,
        "K4": 1 / (8 * budget) if budget > 0 else math.inf,
        "K5": 2 * Q1 / numbers.mu + c / 4,
    }


def _coupling(constants: PartitionConstants, numbers: Parameters) -> dict[str, float]:
    beta, gamma, r, eta = numbers.beta, numbers.gamma, numbers.rate, numbers.eta
    mu, L2, G1, G2 = constants.mu, constants.L2, constants.G1, constants.G2
    steps_u = G1**2 * numbers.Q3(L2)
    series = (math.sqrt(r) + beta) / (math.sqrt(r) - beta)
    # (1 + gamma) r - 1 = gamma / 2 exactly: what the slower rate leaves for the motion of u.
    return {
        "K6": (beta**2 + (1 - beta) / 3 * (1 + G1**2 * beta**2 * steps_u / 2)) / r,
        "K7": series**2 * beta * (1 - beta) ** 2 / (1 + beta) ** 3,
        "K8": numbers.lemma17_error(L2, G1, G2) * steps_u / (gamma / 2),
        "K9": 32 * eta * numbers.Q1 * (G1 * G2) ** 2 * L2 * (1 + gamma) / (gamma * mu**3),
        "K10": 2 * eta * G1**4 * L2**2 / (mu * gamma),
    }
