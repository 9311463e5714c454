"""The recursion of the residual with a frozen kernel, solved mode by mode.

With kernel H = V diag(lambda) V^T the residual is xi_t = V diag(u_t(lambda)) V^T xi_0, and u_t is
known in closed form at any step. Nothing loops over steps, so step counts on quadratics are exact
and cost nothing. It is the infinite-width limit of every network in the book.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch

from rootkappa import _checks, _search
from rootkappa.dynamics import _inputs, _modes
from rootkappa.dynamics._inputs import Eigenvalues, Kernel
from rootkappa.optimizers.method import Method

FrozenStart = Literal["rest", "recursion"]

# Steps that are looked at together: few at first, for a crossing is often near.
_FIRST_BLOCK, _BLOCK = 64, 4096
_FARTHEST = 10**12
# A question about so many steps costs about twice one about a single step.
_AT_ONCE = 32
# Its square is still a normal number.
_LEAST_ACCURACY = 1e-150


def modal_response(
    method: Method,
    eigenvalues: Eigenvalues,
    steps: int | Sequence[int] | torch.Tensor,
    start: FrozenStart = "rest",
) -> torch.Tensor:
    """Give u_t for each eigenvalue: the residual of a mode that starts at 1.

    Constant numbers are solved in closed form (complex, real and double roots), to about
    1e-16 t relative to the decay. Schedules are followed step by step.

    Args:
        method: Any method without a restart rule.
        eigenvalues: Eigenvalues of the kernel, shape (...), or a spectrum.
        steps: The last step T, for all of t = 0, ..., T; or the steps wanted, in any order, shape
            (S,).
        start: "rest" is w_{-1} = w_0, u_1 = 1 - (1 + gamma) eta lambda, as torch.optim.SGD and
            every run here. "recursion" is u_{-1} = u_0 inside the recursion, u_1 = 1 - eta lambda.

    Returns:
        Responses at the evaluation point, shape (..., T + 1) or (..., S), in float64.

    Raises:
        ValueError: If a step is negative, `start` is unknown, the method restarts, or a schedule
            is asked for the start "recursion".

    Example:
        >>> from rootkappa.optimizers import gradient_descent, nesterov
        >>> modal_response(gradient_descent(0.5), [1.0], 3).tolist()
        [[1.0, 0.5, 0.25, 0.125]]
        >>> round(float(modal_response(nesterov(0.5, 0.5), [1.0], 2)[0, 1]), 12)
        0.25
    """
    _checks.choice("start", start, ("rest", "recursion"))
    _checks.instance("method", method, Method, "heavy_ball(0.1, 0.9), say")
    values = _inputs.eigenvalues(eigenvalues)
    times = _inputs.steps(steps, values)
    if not method.is_constant:
        return _follow(method, values, times, start)
    solved = _modes.modes(method, values.unsqueeze(-1), "the closed form")
    return solved.responses(times, 0.0, start == "recursion")


def frozen_residuals(
    method: Method,
    kernel: Kernel,
    residual: torch.Tensor,
    steps: int | Sequence[int] | torch.Tensor,
    start: FrozenStart = "rest",
) -> torch.Tensor:
    """Give the residual vectors of a run whose kernel stays frozen.

    Args:
        method: Any method without a restart rule.
        kernel: Symmetric kernels, shape (..., N, N), whose eigenvalues count as zero by the rule of
            `Spectrum`; or their eigenvalues (..., N) and eigenvectors (..., N, N), as from
            torch.linalg.eigh.
        residual: The residual at the start, shape (..., N).
        steps: As for `modal_response`.
        start: As for `modal_response`.

    Returns:
        Residuals, shape (..., T + 1, N) or (..., S, N).

    Example:
        >>> from rootkappa.optimizers import gradient_descent
        >>> frozen_residuals(gradient_descent(0.25), [[1.0, 0], [0, 2.0]], [1.0, 1.0], [2]).tolist()
        [[0.5625, 0.25]]
    """
    values, vectors, weights = _inputs.decompose(kernel, residual)
    response = modal_response(method, values, steps, start)
    return torch.einsum("...nm,...m,...mt->...tn", vectors, weights, response)


def frozen_norms(
    method: Method,
    eigenvalues: Eigenvalues,
    weights: torch.Tensor,
    steps: int | Sequence[int] | torch.Tensor,
    start: FrozenStart = "rest",
) -> torch.Tensor:
    """Give the norms of the residual of a run whose kernel stays frozen.

    Args:
        method: Any method without a restart rule.
        eigenvalues: Eigenvalues of the kernel, shape (..., N), or a spectrum.
        weights: The residual at the start in the basis of eigenvectors, V^T xi_0, shape (..., N).
        steps: As for `modal_response`.
        start: As for `modal_response`.

    Returns:
        Norms, shape (..., T + 1) or (..., S).

    Example:
        >>> from rootkappa.optimizers import gradient_descent
        >>> frozen_norms(gradient_descent(0.5), [1.0, 1.0], [3.0, 4.0], 2).tolist()
        [5.0, 2.5, 1.25]
    """
    values = _inputs.eigenvalues(eigenvalues)
    xi = _inputs.shares(weights, values).unsqueeze(-1)
    norms: torch.Tensor = torch.linalg.vector_norm(
        xi * modal_response(method, values, steps, start), dim=-2
    )
    return norms


def steps_to(
    method: Method,
    eigenvalues: Eigenvalues,
    weights: torch.Tensor,
    accuracy: float,
    start: FrozenStart = "rest",
) -> int:
    """Count the steps until ||xi_t|| < accuracy ||xi_0|| for the first time, exactly.

    Modes that decay monotonically bound the norm from below; a bisection skips every step at
    which that bound alone is too large, and the rest is scanned. Gradient descent takes the
    bisection only, and momentum needs few steps.

    Args:
        method: A method with constant numbers.
        eigenvalues: Eigenvalues of the kernel, shape (N,), or a spectrum.
        weights: The residual at the start in the basis of eigenvectors, shape (N,).
        accuracy: In [1e-150, 1).
        start: As for `modal_response`.

    Returns:
        The number of steps.

    Raises:
        ValueError: If the shapes differ, accuracy is out of range, all weights vanish, or a mode
            with weight does not decay.

    Example:
        >>> from rootkappa.optimizers import gradient_descent
        >>> kappa = 1e6
        >>> steps_to(gradient_descent(1.0), [1 / kappa], [1.0], 1e-6)
        13815504
    """
    accuracy = _checks.number("accuracy", accuracy)
    if not _LEAST_ACCURACY <= accuracy < 1:
        raise ValueError(
            f"accuracy must lie in [{_LEAST_ACCURACY:g}, 1), got {accuracy}: use 1e-6, say."
        )
    recursion = _checks.choice("start", start, ("rest", "recursion")) == "recursion"
    values = _checks.vector("eigenvalues", _inputs.eigenvalues(eigenvalues))
    xi = _checks.vector("weights", _inputs.shares(weights, values))
    share = xi[xi != 0]
    if share.numel() == 0:
        raise ValueError("all weights are 0: there is no residual whose decay could be counted.")
    share = share / share.abs().max()  # so that no square overflows
    share = (share / torch.linalg.vector_norm(share)).square()
    solved = _modes.modes(method, values[xi != 0].unsqueeze(-1), "an exact count of steps")
    if float(solved.log_radius.max()) >= 0:
        raise ValueError(
            f"the slowest mode changes by {float(solved.radius.max()):.12g} a step, so "
            f"{method.name} never reaches {accuracy}: lower the step size or drop the weights "
            "on zero eigenvalues."
        )
    first, block = _skip(solved, share, accuracy, recursion), _FIRST_BLOCK
    while first < _FARTHEST:
        times = torch.arange(first, first + block).to(share)
        norms = share @ solved.responses(times, 0.0, recursion).square()
        below = torch.nonzero(norms < accuracy**2)
        if below.numel():
            return first + int(below[0])
        first, block = first + block, min(2 * block, _BLOCK)
    raise ValueError(f"{method.name} needs over {_FARTHEST} steps: raise the accuracy.")


def _skip(solved: _modes.Modes, share: torch.Tensor, accuracy: float, recursion: bool) -> int:
    # A step up to which the monotone modes alone keep the norm at or above the target.
    steady = _monotone(solved, recursion).squeeze(-1)

    def enough(steps: list[int]) -> list[bool]:
        u = solved.responses(torch.tensor(steps).to(share), 0.0, recursion)
        found: list[bool] = ((share * steady) @ u.square() >= accuracy**2).tolist()
        return found

    return _search.last_true_step(enough, _FARTHEST, _AT_ONCE) if enough([0])[0] else 0


def _monotone(solved: _modes.Modes, recursion: bool) -> torch.Tensor:
    # u_t = a z_1^t + (1 - a) z_2^t with a = 1/2 + (u_1 - p/2)/(z_1 - z_2). For 0 <= z_2 < z_1 < 1
    # and a >= 0 the response stays positive and falls. For q = 0 it is u_1 p^(t-1).
    speed = solved.half_speed_recursion if recursion else solved.half_speed
    falling = (solved.p > 0) & (solved.q >= 0) & (2 * speed >= -solved.root)
    return ~solved.oscillatory & (falling | (solved.q == 0))


def _follow(
    method: Method, values: torch.Tensor, times: torch.Tensor, start: FrozenStart
) -> torch.Tensor:
    if method.restart is not None:
        raise ValueError(
            f"{method.name} has a restart rule, which depends on the whole run: train a Quadratic."
        )
    if start != "rest":
        raise ValueError(f"start {start!r} needs constant numbers: use start='rest'.")
    wanted = [int(t) for t in times.tolist()]
    found = dict.fromkeys(wanted, values)
    before = now = torch.ones_like(values)
    for t in range(max(wanted, default=-1) + 1):
        eta, beta, gamma = method.coefficients(t)
        velocity = now - before
        response = now + gamma * velocity
        if t in found:
            found[t] = response
        before, now = now, now + beta * velocity - eta * values * response
    return torch.stack([found[t] for t in wanted], -1) if wanted else values[..., None][..., :0]
