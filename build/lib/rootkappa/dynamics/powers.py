"""Powers of the companion matrices: the prefactors of the theorems, exact and as bounds.

How far ||M^j|| exceeds rho^j is the price of a rate in the worst start; what a start at rest pays
is less.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal

import torch

from rootkappa import _checks
from rootkappa.dynamics import _modes
from rootkappa.optimizers.method import Method

Start = Literal["rest", "recursion", "worst"]

# Numbers held at once by a scan over steps: 8 MiB a temporary, which stays near the cache.
_CHUNK = 2**20


def power_norms(
    method: Method,
    eigenvalues: torch.Tensor,
    steps: torch.Tensor,
    rate: float | None = None,
) -> torch.Tensor:
    r"""Give $\|M^j\|_2/\rho^j$ in closed form.

    $M^j = U_j M - q U_{j-1} I$ with $U_j = (z_1^j - z_2^j)/(z_1 - z_2)$, which is
    $r^{j-1}\sin(j\theta)/\sin\theta$ for a complex pair $r e^{\pm i\theta}$.

    Args:
        method: A method with constant numbers.
        eigenvalues: Eigenvalues of the kernel, shape (...).
        steps: Powers j, whole numbers at least 0, shape (J,).
        rate: rho; the largest radius over the eigenvalues if None.

    Returns:
        Norms, shape (..., J).

    Raises:
        ValueError: If rho is zero, or a power is negative.

    Example:
        >>> from rootkappa.dynamics.companion import companion
        >>> from rootkappa.optimizers.method import heavy_ball
        >>> norms = power_norms(heavy_ball(1.0, 0.25), torch.tensor([1.0]), torch.arange(3))
        >>> matrix = companion(heavy_ball(1.0, 0.25), torch.tensor(1.0)) / 0.5
        >>> powers = [torch.linalg.matrix_power(matrix, j) for j in range(3)]
        >>> oracle = torch.stack([torch.linalg.matrix_norm(power, 2) for power in powers])
        >>> torch.allclose(norms[0], oracle)
        True
    """
    if steps.numel() and float(steps.min()) < 0:
        raise ValueError(f"powers must be at least 0, got {int(steps.min())}: start at 0.")
    solved = _modes.modes(method, eigenvalues.unsqueeze(-1))
    log_rate = _log_rate(solved, rate)
    j = steps.to(solved.p)
    before = (j - 1).clamp(min=0.0)
    # U_j / rho^j and U_{j-1} / rho^j; U_0 = 0 and U_{-1} = -1/q, so that M^0 = I.
    ahead = solved.scaled_powers(j)[1] * torch.exp(before * solved.log_radius - j * log_rate)
    two_before = (j - 2).clamp(min=0.0)
    behind = solved.scaled_powers(before)[1]
    behind = behind * torch.exp(two_before * solved.log_radius - j * log_rate)
    start = j == 0
    diagonal = torch.where(start, 1.0, -solved.q * behind)
    entries = (solved.p * ahead + diagonal, -solved.q * ahead, ahead, diagonal)
    frobenius = torch.stack([entry.square() for entry in entries]).sum(0)
    # det M^j / rho^2j = q^j / rho^2j, whatever the roots.
    logs = torch.log(torch.where(solved.q == 0, 1.0, solved.q.abs()))
    determinant = torch.exp(j * (logs - 2 * log_rate))
    determinant = torch.where((solved.q == 0) & ~start, 0.0, determinant)
    spread = (frobenius - 2 * determinant).clamp(min=0.0) * (frobenius + 2 * determinant)
    return ((frobenius + spread.sqrt()) / 2).sqrt()


def power_constant(method: Method, eigenvalues: torch.Tensor, steps: int | None = None) -> float:
    r"""Give $\sup_j \|M^j\|_2/\rho^j$ over a spectrum: the prefactor of the worst start.

    Args:
        method: A method with constant numbers.
        eigenvalues: Eigenvalues of the kernel; a grid for "all spectra in an interval".
        steps: Largest power; min(20 sqrt(kappa) + 50, 20000) if None.

    Returns:
        The supremum over eigenvalues and powers 0 to `steps`; rho is the largest radius.

    Example:
        >>> from rootkappa.optimizers.tunings import modular_heavy_ball
        >>> grid = torch.logspace(-2, 0, 60, dtype=torch.float64)
        >>> round(power_constant(modular_heavy_ball(0.01, 1.0), grid), 3)
        22.517
    """
    return start_prefactor(method, eigenvalues, steps, start="worst")


def start_prefactor(
    method: Method,
    eigenvalues: torch.Tensor,
    steps: int | None = None,
    start: Start = "rest",
) -> float:
    r"""Give $\sup_t \|(\xi_t, \xi_{t-1})\| / (\rho^t \|(\xi_0, \xi_{-1})\|)$ over all spectra.

    The squared norm is a weighted mean over the modes, so the supremum over all residuals on
    these eigenvalues is the largest value over single modes. By convention $\xi_{-1} = \xi_0$.

    Args:
        method: A method with constant numbers.
        eigenvalues: Eigenvalues of the kernel; a grid for "all spectra in an interval".
        steps: Last t; min(20 sqrt(kappa) + 50, 20000) if None.
        start: "rest", the start of every run here, u_1 = 1 - (1 + gamma) eta lambda; "recursion",
            u_{-1} = u_0 inside the recursion, u_1 = 1 - eta lambda; "worst", any pair
            (xi_0, xi_{-1}): the supremum of the powers of M.

    Returns:
        The supremum; rho is the largest radius over the eigenvalues.

    Raises:
        ValueError: If `start` is unknown, or rho is zero.

    Example:
        >>> from rootkappa.optimizers.tunings import modular_heavy_ball
        >>> grid = torch.logspace(-2, 0, 60, dtype=torch.float64)
        >>> round(start_prefactor(modular_heavy_ball(0.01, 1.0), grid), 3)
        1.155
    """
    _checks.choice("start", start, ("rest", "recursion", "worst"))
    values = _modes.spectrum(eigenvalues).reshape(-1)
    last = _default_steps(values) if steps is None else _checks.count("steps", steps, 0)
    solved = _modes.modes(method, values.unsqueeze(-1))
    log_rate = _log_rate(solved, None)
    largest = 0.0
    for j in _chunks(values, last):
        if start == "worst":
            sizes = power_norms(method, values, j, math.exp(log_rate))
        else:
            recursion = start == "recursion"
            now = solved.responses(j, log_rate, recursion)
            before = solved.responses((j - 1).clamp(min=0.0), log_rate, recursion)
            before = before * math.exp(-log_rate)
            before = torch.where(j == 0, 1.0, before)
            sizes = torch.hypot(now, before) / math.sqrt(2)
        largest = max(largest, float(sizes.max()))
    return largest


def power_bound_heavy_ball(
    beta: float, eta: float, lambda_min: float, lambda_max: float, factor: float = 2.0
) -> float:
    r"""Give heavy ball's bound on the powers, $2(\beta+1)/\sqrt{\min h}$.

    $h(\beta, y) = 4\beta - (1+\beta-y)^2$ is least at an end of the spectrum. It is the
    determinant of $P P^*$ for the eigenvectors P, and $2(\beta+1)$ its trace. The wording recalled
    from the paper has $\sqrt 2$ in place of 2, which the powers exceed.

    Args:
        beta: Momentum.
        eta: Step size.
        lambda_min: Least eigenvalue.
        lambda_max: Greatest eigenvalue.
        factor: 2, or sqrt(2) for the recalled version.

    Returns:
        The bound on sup_j ||M^j|| / rho^j.

    Source: Wang, Lin and Abernethy (2021), lemma on the companion matrix (recalled).

    Example:
        >>> round(power_bound_heavy_ball(0.95**2, 1.0, 0.01, 1.0), 3)
        22.561
    """
    root = math.sqrt(beta)
    ends = [eta * lambda_min, eta * lambda_max]
    least = min((y - (1 - root) ** 2) * ((1 + root) ** 2 - y) for y in ends)
    return factor * (beta + 1) / math.sqrt(_complex_everywhere(least, eta, beta))


def power_bound_nesterov(
    beta: float, eta: float, lambda_min: float, lambda_max: float, factor: float = 2.0
) -> float:
    r"""Give Nesterov's bound on the powers, $2(\beta(1-\eta\lambda_{\min})+1)/\sqrt{\min g}$.

    $g(y) = 4\beta(1-y) - \big((1+\beta)(1-y)\big)^2$ is least at an end of the spectrum.

    Args:
        beta: Momentum.
        eta: Step size.
        lambda_min: Least eigenvalue.
        lambda_max: Greatest eigenvalue.
        factor: 2, or another factor for a variant of the lemma.

    Returns:
        The bound on sup_j ||M^j|| / rho^j; at most 12 sqrt(kappa) for the papers' tuning.

    Source: Liu, Tao and Pan (2022), lemma on the companion matrix (reconstructed).

    Example:
        >>> round(power_bound_nesterov(14 / 16, 0.5, 0.01, 1.0), 3)
        84.867
    """
    ends = [eta * lambda_min, eta * lambda_max]
    least = min((1 - y) * ((1 + beta) ** 2 * y - (1 - beta) ** 2) for y in ends)
    trace = factor * (beta * (1 - ends[0]) + 1)
    return trace / math.sqrt(_complex_everywhere(least, eta, beta))


def _complex_everywhere(least: float, eta: float, beta: float) -> float:
    if not least > 0:
        raise ValueError(
            f"step size {eta} with momentum {beta} has real roots on this spectrum, and the bound "
            "needs complex ones: keep the spectrum inside oscillatory_interval(method)."
        )
    return least


def _log_rate(solved: _modes.Modes, rate: float | None) -> float:
    log_rate = float(solved.log_radius.max()) if rate is None else math.log(rate or 5e-324)
    if log_rate < -700:
        raise ValueError(
            "the radius is 0 on these eigenvalues, so no power can be divided by it: "
            "add an eigenvalue or change the step size."
        )
    return log_rate


def _default_steps(values: torch.Tensor) -> int:
    least = float(values[values > 0].min()) if bool((values > 0).any()) else 1.0
    return int(min(20 * math.sqrt(max(float(values.max()) / least, 1.0)) + 50, 20000))


def _chunks(values: torch.Tensor, last: int) -> Iterator[torch.Tensor]:
    width = max(1, _CHUNK // values.numel())
    for first in range(0, last + 1, width):
        yield torch.arange(first, min(first + width, last + 1)).to(values)
