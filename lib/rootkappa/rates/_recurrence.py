r"""What a method with constant numbers says about the residuals of a frozen symmetric kernel H.

A mode of eigenvalue lambda obeys $x_{t+1} = p x_t - q x_{t-1}$ with $p = 1 + \beta - \eta(1 +
\gamma)\lambda$ and $q = \beta - \eta\gamma\lambda$. Solved for lambda, a run gives products with H:

    H u_t = v_t,   u_t = (1 + gamma) xi_t - gamma xi_{t-1},
                   v_t = ((1 + beta) xi_t - beta xi_{t-1} - xi_{t+1}) / eta.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from rootkappa.dynamics import spectral_radius, stability_limit
from rootkappa.dynamics.companion import oscillatory_interval
from rootkappa.optimizers import Method
from rootkappa.optimizers.method import as_method
from rootkappa.rates._residuals import Array

# A logarithm of zero that stays finite when multiplied by 0: exp of it times 1 underflows.
_LOG_ZERO = -1e4


@dataclass(frozen=True)
class Recurrence:
    """The recurrence of a method.

    Args:
        method: A method with constant numbers.
        eta: Its step size.
        beta: Its momentum.
        gamma: Its extrapolation.
        limit: The eigenvalue at which it ceases to converge.
        fastest: The eigenvalue that contracts fastest: the radius falls up to it, then rises.
    """

    method: Method
    eta: float
    beta: float
    gamma: float
    limit: float
    fastest: float

    @property
    def has_memory(self) -> bool:
        """Whether a step looks at the step before it."""
        return self.beta != 0 or self.gamma != 0

    @property
    def gain(self) -> float:
        """By how much noise of xi_t enters v_t - H u_t: |p| <= 1 + beta, |q| <= max(beta, 1)."""
        before = max(self.beta, 1.0 if self.gamma else 0.0)
        return math.hypot(1 + self.beta, before, 1.0) / self.eta

    def radius(self, eigenvalues: Array) -> Array:
        """Give the factor by which modes contract in the long run.

        Args:
            eigenvalues: Shape (n,), at or above 0.

        Returns:
            Radii, shape (n,).
        """
        radii: Array = spectral_radius(self.method, torch.from_numpy(eigenvalues)).numpy()
        return radii

    def factor(self, eigenvalue: float) -> float:
        """Give the factor of one mode; an eigenvalue below 0 counts as 0.

        Args:
            eigenvalue: The eigenvalue.

        Returns:
            Its radius.
        """
        return float(self.radius(np.array([max(eigenvalue, 0.0)]))[0])

    def products(self, xi: Array, steps: npt.NDArray[np.int64]) -> tuple[Array, Array]:
        """Give u_t and v_t = H u_t.

        Args:
            xi: Residuals, shape (T + 1, N).
            steps: Steps t from 1 to T - 1, shape (n,).

        Returns:
            Two matrices of shape (N, n).
        """
        before, now, after = xi[steps - 1], xi[steps], xi[steps + 1]
        u = (1 + self.gamma) * now - self.gamma * before
        v = ((1 + self.beta) * now - self.beta * before - after) / self.eta
        return u.T, v.T

    def from_rest(self, eigenvalues: Array, times: Array) -> Array:
        """Give the response x_t of a mode to x_0 = 1 with w_{-1} = w_0.

        Args:
            eigenvalues: Shape (n,).
            times: Shape (m,).

        Returns:
            Responses, shape (m, n).
        """
        # x_1 = 1 - eta (1 + gamma) lambda = p - beta, hence x_t = U_t - beta U_{t-1}.
        now, before = self.responses(eigenvalues, times)
        return now - self.beta * before

    def responses(self, eigenvalues: Array, times: Array) -> tuple[Array, Array]:
        """Give U_t = (z_1^{t+1} - z_2^{t+1})/(z_1 - z_2), and U_{t-1}, of the roots z_1, z_2.

        From a state (x_0, x_{-1}) a mode goes on as x_t = x_0 U_t - q x_{-1} U_{t-1}.

        Args:
            eigenvalues: Shape (n,).
            times: At least 0, shape (m,).

        Returns:
            The two, shape (m, n) each; U_{-1} = 0.
        """
        larger, smaller = self.roots(eigenvalues)
        gap = np.where(larger == 0, 1.0, larger - smaller) / np.where(larger == 0, 1.0, larger)
        log_larger = _log(larger)
        # 1 - (z_2/z_1)^t without cancellation next to a double root, where the quotient is t.
        log_ratio = np.where(gap == 1, _LOG_ZERO, np.log1p(-np.where(gap == 1, 0.0, gap)))
        all_times, places = np.unique(np.r_[times, times - 1], return_inverse=True)
        t = all_times[:, None]
        quotient = -np.expm1((t + 1) * log_ratio) / np.where(gap == 0, 1.0, gap)
        quotient = np.where(gap == 0, t + 1, quotient)
        answers = (np.exp(np.maximum(t, 0.0) * log_larger) * quotient).real
        return answers[places[: len(times)]], answers[places[len(times) :]]

    def roots(self, eigenvalues: Array) -> tuple[npt.NDArray[np.complex128], ...]:
        """Give the two roots of modes, the larger one first.

        Args:
            eigenvalues: Shape (n,).

        Returns:
            z_1 and z_2 = q/z_1, shape (n,) each.
        """
        p = 1 + self.beta - self.eta * (1 + self.gamma) * eigenvalues
        root = np.sqrt((p * p - 4 * self.determinants(eigenvalues)).astype(complex))
        return (p + np.copysign(1.0, p) * root) / 2, (p - np.copysign(1.0, p) * root) / 2

    def determinants(self, eigenvalues: Array) -> Array:
        """Give q = z_1 z_2 of modes.

        Args:
            eigenvalues: Shape (n,).

        Returns:
            Determinants of the companion matrices, shape (n,).
        """
        return self.beta - self.eta * self.gamma * eigenvalues


def _log(roots: npt.NDArray[np.complex128]) -> npt.NDArray[np.complex128]:
    logs: npt.NDArray[np.complex128] = np.log(np.where(roots == 0, math.exp(-700), roots))
    return np.where(roots == 0, _LOG_ZERO, logs)


def recurrence(method: Method) -> Recurrence:
    """Give the recurrence of a method.

    Args:
        method: The method.

    Returns:
        The recurrence.

    Raises:
        ValueError: If the method has a schedule or a restart rule.
    """
    if not as_method(method).is_constant:
        raise ValueError(
            f"{method.name} has a schedule or a restart rule, and so no factor of its own: read "
            "what the run showed with effective_factor."
        )
    eta, beta, gamma = method.coefficients(0)
    # r is least at an end of the oscillatory interval, or where the two roots cancel: p = 0.
    places = np.array([*oscillatory_interval(method), (1 + beta) / (1 + gamma) / eta])
    radii = spectral_radius(method, torch.from_numpy(places)).numpy()
    limit = stability_limit(method) / eta
    return Recurrence(method, eta, beta, gamma, limit, float(places[radii.argmin()]))
