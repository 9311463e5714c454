"""The recursion of the residual with a frozen kernel, solved mode by mode.

With kernel H = V diag(lambda) V^T the residual is xi_t = V diag(u_t(lambda)) V^T xi_0, and u_t is
known in closed form at any step. Nothing loops over steps, so step counts on quadratics are exact
and cost nothing. It is the infinite-width limit of every network in the book.
"""

from __future__ import annotations

from typing import Literal

import torch

from rootkappa import _checks
from rootkappa.dynamics import _modes
from rootkappa.optimizers.method import Method

FrozenStart = Literal["rest", "recursion"]

_BLOCK = 4096
_FARTHEST = 10**12
# Its square is still a normal number.
_LEAST_ACCURACY = 1e-150


def modal_response(
    method: Method,
    eigenvalues: torch.Tensor,
    steps: int | torch.Tensor,
    start: FrozenStart = "rest",
) -> torch.Tensor:
    """Give u_t for each eigenvalue: the residual of a mode that starts at 1.

    Constant numbers are solved in closed form (complex, real and double roots), to about
    1e-16 t relative to the decay. Schedules are followed step by step.

    Args:
        method: Any method without a restart rule.
        eigenvalues: Eigenvalues of the kernel, shape (...).
        steps: The last step T, for all of t = 0, ..., T; or the steps wanted, shape (S,).
        start: "rest" is w_{-1} = w_0, u_1 = 1 - (1 + gamma) eta lambda, as torch.optim.SGD and
            every run here. "recursion" is u_{-1} = u_0 inside the recursion, u_1 = 1 - eta lambda.

    Returns:
        Responses at the evaluation point, shape (..., T + 1) or (..., S), in float64.

    Raises:
        ValueError: If a step is negative, `start` is unknown, the method restarts, or a schedule
            is asked for the start "recursion".

    Example:
        >>> from rootkappa.optimizers.method import gradient_descent, nesterov
        >>> modal_response(gradient_descent(0.5), torch.tensor([1.0]), 3).tolist()
        [[1.0, 0.5, 0.25, 0.125]]
        >>> round(float(modal_response(nesterov(0.5, 0.5), torch.tensor([1.0]), 2)[0, 1]), 12)
        0.25
    """
    _checks.choice("start", start, ("rest", "recursion"))
    times = _times(steps, eigenvalues)
    if not method.is_constant:
        return _follow(method, _modes.spectrum(eigenvalues), times, start)
    solved = _modes.modes(method, eigenvalues.unsqueeze(-1))
    return solved.responses(times, 0.0, start == "recursion")


def frozen_residuals(
    method: Method,
    kernel: torch.Tensor | tuple[torch.Tensor, torch.Tensor],
    residual: torch.Tensor,
    steps: int | torch.Tensor,
    start: FrozenStart = "rest",
) -> torch.Tensor:
    """Give the residual vectors of a run whose kernel stays frozen.

    Args:
        method: Any method without a restart rule.
        kernel: Symmetric kernels, shape (..., N, N); or their eigenvalues (..., N) and
            eigenvectors (..., N, N), as from torch.linalg.eigh.
        residual: The residual at the start, shape (..., N).
        steps: The last step T, for all of t = 0, ..., T; or the steps wanted, shape (S,).
        start: See `modal_response`.

    Returns:
        Residuals, shape (..., T + 1, N) or (..., S, N).

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> from rootkappa.optimizers.method import gradient_descent
        >>> kernel = torch.diag(torch.tensor([1.0, 2.0], dtype=torch.float64))
        >>> start = torch.ones(2, dtype=torch.float64)
        >>> frozen_residuals(gradient_descent(0.25), kernel, start, torch.tensor([2])).tolist()
        [[0.5625, 0.25]]
    """
    values, vectors = decompose(kernel, residual)
    weights = (vectors.transpose(-1, -2) @ residual.double().unsqueeze(-1)).squeeze(-1)
    response = modal_response(method, values, steps, start)
    return torch.einsum("...nm,...m,...mt->...tn", vectors, weights, response)


def frozen_norms(
    method: Method,
    eigenvalues: torch.Tensor,
    weights: torch.Tensor,
    steps: int | torch.Tensor,
    start: FrozenStart = "rest",
) -> torch.Tensor:
    """Give the norms of the residual of a run whose kernel stays frozen.

    Args:
        method: Any method without a restart rule.
        eigenvalues: Eigenvalues of the kernel, shape (..., N).
        weights: The residual at the start in the basis of eigenvectors, V^T xi_0, shape (..., N).
        steps: The last step T, for all of t = 0, ..., T; or the steps wanted, shape (S,).
        start: See `modal_response`.

    Returns:
        Norms, shape (..., T + 1) or (..., S).

    Example:
        >>> from rootkappa.optimizers.method import gradient_descent
        >>> frozen_norms(gradient_descent(0.5), torch.ones(2), torch.tensor([3.0, 4.0]), 2).tolist()
        [5.0, 2.5, 1.25]
    """
    response = modal_response(method, eigenvalues, steps, start)
    squares = (weights.double().unsqueeze(-1) * response).square()
    return squares.sum(-2).sqrt()


def steps_to(
    method: Method,
    eigenvalues: torch.Tensor,
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
        eigenvalues: Eigenvalues of the kernel, shape (N,).
        weights: The residual at the start in the basis of eigenvectors, shape (N,).
        accuracy: In [1e-150, 1).
        start: See `modal_response`.

    Returns:
        The number of steps.

    Raises:
        ValueError: If the shapes differ, accuracy is out of range, all weights vanish, or a mode
            with weight does not decay.

    Example:
        >>> from rootkappa.optimizers.method import gradient_descent
        >>> kappa = 1e6
        >>> mode = torch.tensor([1 / kappa], dtype=torch.float64)
        >>> steps_to(gradient_descent(1.0), mode, torch.ones(1), 1e-6)
        13815504
    """
    if eigenvalues.ndim != 1 or eigenvalues.shape != weights.shape:
        raise ValueError(
            f"eigenvalues have shape {tuple(eigenvalues.shape)} and weights "
            f"{tuple(weights.shape)}: give two vectors of the same length."
        )
    if not _LEAST_ACCURACY <= accuracy < 1:
        raise ValueError(
            f"accuracy must lie in [{_LEAST_ACCURACY:g}, 1), got {accuracy}: use 1e-6, say."
        )
    _checks.choice("start", start, ("rest", "recursion"))
    kept = weights != 0
    share = _checks.floating("weights", weights)[kept].double()
    if share.numel() == 0:
        raise ValueError("all weights are 0: there is no residual whose decay could be counted.")
    share = (share / torch.linalg.vector_norm(share)).square()
    solved = _modes.modes(method, eigenvalues[kept].unsqueeze(-1))
    slowest = float(solved.log_radius.max())
    if slowest >= 0:
        raise ValueError(
            f"the slowest mode changes by {float(solved.radius.max()):.12g} a step, so "
            f"{method.name} never reaches {accuracy}: lower the step size or drop the weights "
            "on zero eigenvalues."
        )
    recursion = start == "recursion"
    first = _skip(solved, share, accuracy, recursion)
    while first < _FARTHEST:
        times = torch.arange(first, first + _BLOCK).to(share)
        norms = share @ solved.responses(times, 0.0, recursion).square()
        below = torch.nonzero(norms < accuracy**2)
        if below.numel():
            return first + int(below[0])
        first += _BLOCK
    raise ValueError(f"{method.name} needs over {_FARTHEST} steps: raise the accuracy.")


def _skip(solved: _modes.Modes, share: torch.Tensor, accuracy: float, recursion: bool) -> int:
    # A step up to which the monotone modes alone keep the norm at or above the target.
    steady = _monotone(solved, recursion).squeeze(-1)

    def enough(t: int) -> bool:
        times = torch.tensor([t]).to(share)
        u = solved.responses(times, 0.0, recursion).squeeze(-1)
        return float((share * u.square())[steady].sum()) >= accuracy**2

    if not bool(steady.any()) or not enough(0):
        return 0
    low, high = 0, 1
    while enough(high) and high < _FARTHEST:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if enough(middle) else (low, middle)
    return low


def _monotone(solved: _modes.Modes, recursion: bool) -> torch.Tensor:
    # u_t = a z_1^t + (1 - a) z_2^t with a = 1/2 + (u_1 - p/2)/(z_1 - z_2). For 0 <= z_2 < z_1 < 1
    # and a >= 0 the response stays positive and falls. For q = 0 it is u_1 p^(t-1).
    speed = solved.half_speed_recursion if recursion else solved.half_speed
    falling = (solved.p > 0) & (solved.q >= 0) & (2 * speed >= -solved.root)
    return ~solved.oscillatory & (falling | (solved.q == 0)) & (solved.log_radius <= 0)


def _times(steps: int | torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    if isinstance(steps, torch.Tensor):
        if steps.ndim != 1 or (steps.numel() and float(steps.min()) < 0):
            raise ValueError(
                f"steps must be a vector of numbers at least 0, got shape {tuple(steps.shape)}: "
                "give an int for all steps up to it."
            )
        return steps.to(device=like.device, dtype=torch.float64)
    last = _checks.count("steps", steps, 0)
    return torch.arange(last + 1, device=like.device, dtype=torch.float64)


def _follow(
    method: Method, values: torch.Tensor, times: torch.Tensor, start: FrozenStart
) -> torch.Tensor:
    if method.restart is not None:
        raise ValueError(
            f"{method.name} has a restart rule, which depends on the whole run: train a Quadratic."
        )
    if start != "rest":
        raise ValueError(f"start {start!r} needs constant numbers: use start='rest'.")
    wanted = {int(t): place for place, t in enumerate(times.tolist())}
    found = values.new_empty((len(times), *values.shape))
    before = now = torch.ones_like(values)
    for t in range(max(wanted, default=-1) + 1):
        eta, beta, gamma = method.coefficients(t)
        velocity = now - before
        response = now + gamma * velocity
        if t in wanted:
            found[wanted[t]] = response
        before, now = now, now + beta * velocity - eta * values * response
    places = torch.tensor([wanted[int(t)] for t in times.tolist()], device=found.device)
    return found.index_select(0, places).movedim(0, -1)


def decompose(
    kernel: torch.Tensor | tuple[torch.Tensor, torch.Tensor], residual: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Give the spectrum of a kernel in float64, without the noise on its zero eigenvalues.

    Args:
        kernel: Symmetric kernels, shape (..., N, N); or their eigenvalues (..., N) and
            eigenvectors (..., N, N).
        residual: The residual that the kernel acts on, shape (..., N).

    Returns:
        Eigenvalues, shape (..., N), and eigenvectors, shape (..., N, N).

    Raises:
        ValueError: If the shapes do not fit.
    """
    if isinstance(kernel, torch.Tensor):
        _checks.floating("kernel", kernel)
        if kernel.ndim < 2 or kernel.shape[-1] != kernel.shape[-2]:
            raise ValueError(
                f"kernel must be square matrices (..., N, N), got shape {tuple(kernel.shape)}: "
                "pass the pair (eigenvalues, eigenvectors) if you have its spectrum."
            )
        values, vectors = torch.linalg.eigh(kernel.double())
        # Rounding leaves the zero eigenvalues of a singular kernel at about -1e-16.
        floor = 1e-13 * values.abs().amax(-1, keepdim=True)
        values = torch.where(values.abs() <= floor, 0.0, values)
    else:
        values, vectors = kernel[0].double(), kernel[1].double()
    if residual.shape[-1] != values.shape[-1]:
        raise ValueError(
            f"residual has {residual.shape[-1]} entries and the kernel {values.shape[-1]} "
            "eigenvalues: vectorise the residual column by column to (..., N)."
        )
    return values, vectors
