"""Theorem 7 as a certificate: every inequality of its proof, evaluated and not estimated.

The paper asserts that absolute constants exist. Its proof, before it is loosened, consists of the
thirteen inequalities below. If all of them hold, f_k - f* <= 2 (1 - c/(4 sqrt kappa))^k (f_0 - f*).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from rootkappa import _checks
from rootkappa.problems import PartitionConstants
from rootkappa.theorems.liao2024provable.parameters import Parameters

_ROUNDING = 1e-12

_ROLES = {
    "K0": "beta lambda < 1 and beta < sqrt(r): the definitions make sense",
    "K1": "the Lyapunov form is negative in z - x*",
    "K2": "the Lyapunov form is negative in y - x*",
    "K3": "the Lyapunov form is negative in both together",
    "K4": "the gradient term pays for the errors of u",
    "K5": "phi_0 <= 2 (f_0 - f*)",
    "K6": "the steps of x stay below their bound (Lemma 10)",
    "K7": "the steps of u stay below their bound (Lemma 10)",
    "K8": "the motion of u fits into the slack of the Lyapunov step",
    "K9": "the motion of x* is absorbed by the last gradient",
    "K10": "the error of u fits into the descent step",
    "K11": "x stays in its ball",
    "K12": "u stays in its ball",
}


@dataclass(frozen=True)
class Inequality:
    """One inequality, left side <= right side.

    Args:
        name: K0 to K12, in the order of the proof.
        role: What the proof uses it for.
        ratio: Left side over right side, infinite where a sign is wrong.
    """

    name: str
    role: str
    ratio: float

    @property
    def holds(self) -> bool:
        """Whether the inequality holds, up to rounding."""
        return self.ratio <= 1 + _ROUNDING

    @property
    def margin(self) -> float:
        """1 minus the ratio: negative where the inequality fails."""
        return 1 - self.ratio


@dataclass(frozen=True)
class Certificate:
    """All inequalities of a theorem's proof on one problem.

    Args:
        title: The theorem.
        inequalities: Each of them.
        rate: The factor a step that is proved if they hold.
    """

    title: str
    inequalities: tuple[Inequality, ...]
    rate: float

    @property
    def holds(self) -> bool:
        """Whether every inequality holds: then the theorem's conclusion is proved."""
        return not self.unmet

    @property
    def unmet(self) -> tuple[str, ...]:
        """The names and roles of the inequalities that fail."""
        return tuple(f"{item.name}: {item.role}" for item in self.inequalities if not item.holds)

    @property
    def binding(self) -> Inequality:
        """The inequality with the largest ratio."""
        return max(self.inequalities, key=lambda item: item.ratio)

    def __getitem__(self, name: str) -> Inequality:
        """Find an inequality by its name.

        Args:
            name: Its name, such as "K8".

        Returns:
            The inequality.
        """
        return next(item for item in self.inequalities if item.name == name)

    def __str__(self) -> str:
        lines = [self.title]
        for item in self.inequalities:
            verdict = "holds" if item.holds else "FAILS"
            lines.append(f"  {item.name:<4}{verdict}  ratio {item.ratio:.3g}: {item.role}")
        return "\n".join(lines)


def certify(
    mu: float,
    L1: float,
    L2: float,
    G1: float,
    G2: float,
    c: float = 0.25,
    *,
    R_x: float = math.inf,
    R_u: float = math.inf,
    gap: float = 0.0,
) -> Certificate:
    """Evaluate every inequality of the proof of Theorem 7.

    Args:
        mu: Strong convexity in x, above 0.
        L1: Smoothness in x, at least mu.
        L2: Smoothness of the outer loss, above 0.
        G1: Lipschitz constant of the model in u, at least 0.
        G2: Lipschitz constant of the partial gradient along u, at least 0.
        c: The theorem's absolute constant, in (0, 1].
        R_x: Radius of the ball in x on which the assumptions hold.
        R_u: Radius of the ball in u.
        gap: f_0 - f*, which the radii are compared with, at least 0.

    Returns:
        The certificate.

    Raises:
        ValueError: If a constant is out of range.

    Source: Liao and Kyrillidis (2024), Theorem 7; the inequalities are collected from its proof
    (Appendices C and D) before they are loosened.

    Example:
        >>> certify(1, 20, 1, G1=0.02, G2=0.02 * 20**0.5).holds
        True
        >>> certify(1, 20, 1, G1=0.03, G2=0.03 * 20**0.5).binding.name
        'K8'
    """
    constants = PartitionConstants(mu, L1, L2, G1, G2, R_x, R_u)
    if not 0 <= gap < math.inf:
        raise ValueError(
            f"gap must be finite and at least 0, got {gap}: it is f_0 - f*, the excess loss."
        )
    numbers = Parameters(mu, L1, c)
    domain = max(numbers.beta * numbers.lam, numbers.beta / math.sqrt(numbers.rate))
    ratios = {"K0": domain}
    if domain < 1:
        ratios |= _form(numbers) | _coupling(constants, numbers) | _balls(constants, numbers, gap)
    lines = tuple(
        Inequality(name, role, ratios.get(name, math.inf)) for name, role in _ROLES.items()
    )
    return Certificate("Liao and Kyrillidis (2024), Theorem 7", lines, numbers.rate)


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


def needed_radii(constants: PartitionConstants, c: float, gap: float) -> tuple[float, float]:
    """Give the radii that condition (5) of Theorem 7 asks for.

    Args:
        constants: The problem; its own radii are not read.
        c: The theorem's absolute constant, in (0, 1].
        gap: f_0 - f*.

    Returns:
        The least R_x and R_u.

    Source: Liao and Kyrillidis (2024), condition (5).
    """
    numbers = Parameters(constants.mu, constants.L1, c)
    # Q2 and Q3 carry a factor 6 that the printed radii do not have.
    scale = 36 / c * math.sqrt(constants.kappa * gap / 6)
    in_x = scale * math.sqrt(numbers.Q2(constants.L2))
    in_u = scale * constants.G1 * math.sqrt(numbers.Q3(constants.L2))
    return in_x, in_u


def _balls(constants: PartitionConstants, numbers: Parameters, gap: float) -> dict[str, float]:
    in_x, in_u = needed_radii(constants, numbers.c, gap)
    return {"K11": in_x / constants.R_x, "K12": in_u / constants.R_u}


def largest_c(kappa: float) -> float:
    """Give the largest c that the proof allows without u: where K4 becomes an equality.

    Args:
        kappa: L1 / mu, at least 1.

    Returns:
        2 sqrt(kappa) / (8 sqrt(kappa) - 1), which falls from 2/7 to 1/4.

    Raises:
        ValueError: If kappa is below 1.

    Source: derived from the step from (73) to (74) of Liao and Kyrillidis (2024).

    Example:
        >>> round(largest_c(20), 4)
        0.2572
    """
    if not 1 <= kappa < math.inf:
        raise ValueError(f"kappa must be finite and at least 1, got {kappa}: it is L1 / mu.")
    root = math.sqrt(kappa)
    return 2 * root / (8 * root - 1)


def printed_largest_c(kappa: float) -> float:
    """Give the largest c that the chain of inequalities allows as it is printed.

    Its end asks for gamma <= 5 c^(3/4) / (81 sqrt kappa); since gamma > c / (2 sqrt kappa), c stays
    below (10/81)^4 = 2.32e-4.

    Args:
        kappa: L1 / mu, at least 1.

    Returns:
        The root of gamma(c) = 5 c^(3/4) / (81 sqrt kappa), by bisection.

    Source: Liao and Kyrillidis (2024), the last step of the proof of Lemma 17.
    """
    low, high = 0.0, largest_c(kappa)
    for _ in range(80):
        middle = (low + high) / 2
        allowed = 5 * middle**0.75 / (81 * math.sqrt(kappa))
        if Parameters(1.0, kappa, middle).gamma <= allowed:
            low = middle
        else:
            high = middle
    return low


def best_c(
    mu: float, L1: float, L2: float, G1: float, G2: float, *, points: int = 400
) -> float | None:
    """Give the largest c for which everything is certified, where the radii are infinite.

    Args:
        mu: Strong convexity in x, above 0.
        L1: Smoothness in x, at least mu.
        L2: Smoothness of the outer loss, above 0.
        G1: Lipschitz constant of the model in u, at least 0.
        G2: Lipschitz constant of the partial gradient along u, at least 0.
        points: How many smaller c to try, down to 1e-6, where the largest one fails.

    Returns:
        The best c, or None where none is certified.

    Source: derived. K4 caps c, and K8 falls as c grows: a smaller c hardly ever helps.

    Example:
        >>> best_c(1, 20, 1, 0.03, 0.03 * 20**0.5) is None
        True
    """
    _checks.count("points", points)
    constants = PartitionConstants(mu, L1, L2, G1, G2)
    top = largest_c(constants.kappa)
    tries = (top * (1e-6 / top) ** (index / points) for index in range(points + 1))
    return next((c for c in tries if certify(mu, L1, L2, G1, G2, c).holds), None)
