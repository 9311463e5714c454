"""Powers of the companion matrices: the prefactors of the theorems, exact and as a bound.

How far ||M^j|| exceeds rho^j is the price of a rate in the worst start; what a start at rest pays
is less.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Literal

import torch

from rootkappa import _checks
from rootkappa.dynamics import _inputs, _modes
from rootkappa.dynamics._inputs import Eigenvalues
from rootkappa.optimizers.method import Method
from rootkappa.problems import Spectrum

Start = Literal["rest", "recursion", "worst"]

_POWERS = "a power of the companion matrix"
# Numbers held at once by a scan over steps: 8 MiB a temporary, which stays near the cache.
_CHUNK = 2**20


def power_norms(
    method: Method,
    eigenvalues: Eigenvalues,
    steps: int | Sequence[int] | torch.Tensor,
    rate: float | None = None,
) -> torch.Tensor:
    r"""Give $\|M^j\|_2/\rho^j$ in closed form.

    $M^j = U_j M - q U_{j-1} I$ with $U_j = (z_1^j - z_2^j)/(z_1 - z_2)$, which is
    $r^{j-1}\sin(j\theta)/\sin\theta$ for a complex pair $r e^{\pm i\theta}$.

    Args:
        method: A method with constant numbers.
        eigenvalues: Eigenvalues of the kernel, shape (...), or a spectrum.
        steps: The last power J, for all of j = 0, ..., J; or the powers wanted, shape (S,).
        rate: rho; the largest radius over the eigenvalues if None.

    Returns:
        Norms, shape (..., J + 1) or (..., S).

    Raises:
        ValueError: If rho is zero, or a power is negative.

    Example:
        >>> from rootkappa.dynamics import companion
        >>> from rootkappa.optimizers import heavy_ball
        >>> norms = power_norms(heavy_ball(1.0, 0.25), [1.0], 2)
        >>> matrix = companion(heavy_ball(1.0, 0.25), 1.0) / 0.5
        >>> powers = [torch.linalg.matrix_power(matrix, j) for j in range(3)]
        >>> oracle = torch.stack([torch.linalg.matrix_norm(power, 2) for power in powers])
        >>> torch.allclose(norms[0], oracle)
        True
    """
    values = _inputs.eigenvalues(eigenvalues).unsqueeze(-1)
    j = _inputs.steps(steps, values)
    solved = _modes.modes(method, values, _POWERS)
    return _norms(solved, j, _log_rate(solved, rate))


def prefactor(
    method: Method,
    eigenvalues: Eigenvalues,
    steps: int | None = None,
    start: Start = "rest",
) -> float:
    r"""Give $\sup_t \|(\xi_t, \xi_{t-1})\| / (\rho^t \|(\xi_0, \xi_{-1})\|)$ over all residuals.

    The squared norm is a weighted mean over the modes, so the supremum over all residuals on
    these eigenvalues is the largest value over single modes. By convention $\xi_{-1} = \xi_0$.

    Args:
        method: A method with constant numbers.
        eigenvalues: Eigenvalues of the kernel, or a spectrum; a grid for "all spectra in an
            interval".
        steps: Last t; min(20 sqrt(kappa) + 50, 20000) if None.
        start: "rest", the start of every run here, u_1 = 1 - (1 + gamma) eta lambda; "recursion",
            u_{-1} = u_0 inside the recursion, u_1 = 1 - eta lambda; "worst", any pair
            (xi_0, xi_{-1}): the supremum of ||M^t|| / rho^t.

    Returns:
        The supremum; rho is the largest radius over the eigenvalues.

    Raises:
        ValueError: If `start` is unknown, or rho is zero.

    Example:
        >>> from rootkappa.optimizers import modular_heavy_ball
        >>> grid, tuned = torch.logspace(-2, 0, 60).double(), modular_heavy_ball(0.01, 1.0)
        >>> round(prefactor(tuned, grid), 3), round(prefactor(tuned, grid, start="worst"), 3)
        (1.155, 22.517)
    """
    _checks.choice("start", start, ("rest", "recursion", "worst"))
    values = _inputs.eigenvalues(eigenvalues).reshape(-1, 1)
    last = _default_steps(values) if steps is None else _checks.count("steps", steps, 0)
    solved = _modes.modes(method, values, _POWERS)
    log_rate = _log_rate(solved, None)
    largest = 0.0
    for t in _chunks(values, last):
        if start == "worst":
            sizes = _norms(solved, t, log_rate)
        else:
            sizes = _pair_norms(solved, t, log_rate, start == "recursion")
        largest = max(largest, float(sizes.max()))
    return largest


def power_bound(method: Method, spectrum: Spectrum, factor: float = 2.0) -> float:
    r"""Give the theorems' bound on the powers, $2(q_{\max}+1)/\sqrt{\min(4q-p^2)}$.

    For complex roots the eigenvectors P of M have $|\det P|^2 = 4q - p^2$ and
    $\operatorname{tr} P P^* = 2q + 2$, and $\|M^j\|\le\|P\|\|P^{-1}\|\rho^j$. The first is concave
    in the eigenvalue, so it is least at an end of the spectrum. For heavy ball this is
    $2(\beta+1)/\sqrt{\min h}$ with $h = 4\beta - (1+\beta-\eta\lambda)^2$; for Nesterov it is
    $2(\beta(1-\eta\lambda_{\min})+1)/\sqrt{\min g}$. The wording recalled for heavy ball has
    $\sqrt 2$ in place of 2, which the powers exceed.

    Args:
        method: A method with constant numbers.
        spectrum: The spectrum; all its roots must be complex.
        factor: 2, or sqrt(2) for the recalled version.

    Returns:
        The bound on sup_j ||M^j|| / rho^j; for Nesterov in the papers' tuning at most
        12 sqrt(kappa).

    Raises:
        ValueError: If an eigenvalue has real roots.

    Source: Wang, Lin and Abernethy (2021), lemma on the companion matrix (recalled); Liu, Tao and
    Pan (2022), the same for Nesterov (reconstructed).

    Example:
        >>> from rootkappa.optimizers import lazy_nesterov, modular_heavy_ball
        >>> spectrum = Spectrum(0.01, 1.0)
        >>> round(power_bound(modular_heavy_ball(spectrum), spectrum), 3)
        22.561
        >>> round(power_bound(lazy_nesterov(spectrum), spectrum), 3)
        84.867
    """
    eta, beta, gamma = _modes.constants(method, _POWERS)
    example = "Spectrum(lambda_min, lambda_max)"
    ends = _checks.instance("spectrum", spectrum, Spectrum, example)
    low, high = _modes.double_roots(beta, gamma)
    products = [eta * ends.lambda_min, eta * ends.lambda_max]
    least = (1 + gamma) ** 2 * min((y - low) * (high - y) for y in products)
    if not least > 0:
        raise ValueError(
            f"{method.name} has real roots on this spectrum, and the bound needs complex ones: "
            "keep the spectrum inside oscillatory_interval(method)."
        )
    largest = beta - gamma * products[0]
    return _checks.positive("factor", factor) * (largest + 1) / math.sqrt(least)


def _norms(solved: _modes.Modes, j: torch.Tensor, log_rate: float) -> torch.Tensor:
    before = (j - 1).clamp(min=0.0)
    # U_j / rho^j and U_{j-1} / rho^j; U_0 = 0 and U_{-1} = -1/q, so that M^0 = I.
    ahead = solved.scaled_powers(j)[1] * torch.exp(before * solved.log_radius - j * log_rate)
    two_before = (j - 2).clamp(min=0.0)
    behind = solved.scaled_powers(before)[1]
    behind = behind * torch.exp(two_before * solved.log_radius - j * log_rate)
    diagonal = torch.where(j == 0, 1.0, -solved.q * behind)
    # [[a, b], [c, d]] has the norm (|(a + d, b - c)| + |(a - d, b + c)|)/2.
    rotation = torch.hypot(solved.p * ahead + 2 * diagonal, (1 + solved.q) * ahead)
    reflection = torch.hypot(solved.p * ahead, (1 - solved.q) * ahead)
    return (rotation + reflection) / 2


def _pair_norms(
    solved: _modes.Modes, t: torch.Tensor, log_rate: float, recursion: bool
) -> torch.Tensor:
    now = solved.responses(t, log_rate, recursion)
    before = solved.responses((t - 1).clamp(min=0.0), log_rate, recursion)
    before = torch.where(t == 0, 1.0, before * math.exp(-log_rate))
    return torch.hypot(now, before) / math.sqrt(2)


def _log_rate(solved: _modes.Modes, rate: float | None) -> float:
    if rate is not None:
        return math.log(_checks.positive("rate", rate))
    log_rate = float(solved.log_radius.max())
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
