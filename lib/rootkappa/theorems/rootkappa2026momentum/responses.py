r"""How a residual answers to its start and to a kick while the kernel stays frozen: Lemma 1.

With p = 1 + beta - eta (1 + gamma) lambda and q = beta - eta gamma lambda, a kick of size 1 is
answered by

    U_0 = 1,   U_1 = p,   U_{j+1} = p U_j - q U_{j-1},

and a start at rest by h_t = U_t - beta U_{t-1}. So a residual that each step kicks by phi_s is
xi_t = h_t(H_0) xi_0 + sum_{s < t} U_{t-1-s}(H_0) phi_s, exactly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rootkappa.dynamics import spectral_radius
from rootkappa.optimizers import Method
from rootkappa.problems import Spectrum

# What is left of the sum over all kicks when the summation stops, as a share; it is added on top.
_LEFT = 1e-9
_LONGEST = 10**5
_BLOCK = 100  # of steps after which the sums are looked at

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Responses:
    """What a method with constant numbers does on the eigenvalues of a frozen kernel.

    Args:
        method: The method.
        radius: rho, its largest radius on these eigenvalues.
        rate: rho_1 = (1 + rho)/2, the rate at which the theorem lets the residual decay.
        start: C = sup_t max |h_t| / rho_1^t, at least 1.
        kick: G = sum_j max |U_j| / rho_1^{j+1}, at least 1/(eta lambda_min).
        steps: S = sum_j |c_j| / rho_1^j, with c_j the share of a gradient j steps later.
        path: P = sum_j |c_j|, which is 1/(1 - beta) where no share is negative.
    """

    method: Method
    radius: float
    rate: float
    start: float
    kick: float
    steps: float
    path: float

    @property
    def decays(self) -> bool:
        """Whether beta < rho_1 < 1, without which the sums diverge."""
        return self.method.constants("the responses")[1] < self.rate < 1


def responses(method: Method, spectrum: Spectrum) -> Responses:
    """Sum up the responses of a method on the eigenvalues of a kernel.

    Args:
        method: A method with constant numbers.
        spectrum: The kernel's spectrum, with all its eigenvalues.

    Returns:
        The sums; infinite where they diverge, or where 10^5 steps do not exhaust them.

    Raises:
        ValueError: If the method has a schedule or a restart rule.

    Source: derived for this book, Lemma 1 of the chapter of proofs.

    Example:
        >>> from rootkappa.optimizers import gradient_descent
        >>> found = responses(gradient_descent(1.0), Spectrum(0.25, 1.0))
        >>> found.radius, found.rate, found.start, round(found.kick, 6), found.path
        (0.75, 0.875, 1.0, 8.0, 1.0)
    """
    eta, beta, gamma = method.constants("the responses")
    rho = float(spectral_radius(method, spectrum.eigenvalues).max())
    rate = (1 + rho) / 2
    late = abs(beta - gamma + beta * gamma)
    path = 1 + gamma + late / (1 - beta)
    if not beta < rate < 1:
        return Responses(method, rho, rate, math.inf, math.inf, math.inf, path)
    y = eta * spectrum.eigenvalues.numpy()
    p, q = 1 + beta - (1 + gamma) * y, beta - gamma * y
    start, kick = _sums(p / rate, q / rate**2, beta / rate, rho / rate)
    return Responses(method, rho, rate, start, kick / rate, 1 + gamma + late / (rate - beta), path)


def _sums(p: Vector, q: Vector, beta: float, share: float) -> tuple[float, float]:
    # In powers of rho_1. |U_j| <= (j + 1) rho^j bounds what is left out.
    before, now = np.zeros_like(p), np.ones_like(p)
    start, kick = 0.0, 0.0
    for first in range(0, _LONGEST, _BLOCK):
        block = [before, now]
        for _ in range(_BLOCK):
            block.append(p * block[-1] - q * block[-2])
        before, now = block[-2:]
        U, j = np.array(block[:-1]), np.arange(first, first + _BLOCK)
        starts = np.maximum.accumulate(np.abs(U[1:] - beta * U[:-1]).max(1))
        kicks = kick + np.cumsum(np.abs(U[1:]).max(1))
        left = share ** (j + 1.0) * (j + 2) / (1 - share) ** 2
        small = np.flatnonzero(left < _LEFT * kicks)
        if len(small):
            end = small[0]
            return max(start, float(starts[end])), float(kicks[end] + left[end])
        start, kick = max(start, float(starts[-1])), float(kicks[-1])
    return math.inf, math.inf
