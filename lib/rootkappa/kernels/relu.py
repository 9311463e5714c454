r"""The tangent kernel of a wide two-layer ReLU network, in closed form.

A Gaussian neuron is active on both of two inputs at the angle theta with probability
p = (pi - theta)/(2 pi), and inactive on both with the same. At width m the kernel is X^T X times a
mean of m such coin tosses, entry by entry, so its mean and its mean square deviation are exact at
every width. With a leak alpha a toss gives 1, alpha^2 or else alpha: the mean is
alpha + (1 - alpha)^2 p.
"""

from __future__ import annotations

import math

import torch

from rootkappa import _checks

# Closer than this the kernel is singular to working precision: lambda_min is angle/(2 pi).
_SAME = 1e-12
_UNIT = 1e-6


def _angles(X: torch.Tensor) -> torch.Tensor:
    # 2 atan2(|u - v|, |u + v|) keeps its digits where arccos(u . v) loses half of them.
    unit = (X / X.norm(dim=-2, keepdim=True)).mT
    apart = torch.cdist(unit, unit, compute_mode="donot_use_mm_for_euclid_dist")
    across = torch.cdist(unit, -unit, compute_mode="donot_use_mm_for_euclid_dist")
    return 2 * torch.atan2(apart, across)


def _joint_activity(X: torch.Tensor) -> torch.Tensor:
    # The probability p that a Gaussian neuron is active on both of two inputs.
    return (math.pi - _angles(X)) / (2 * math.pi)


def relu_limit(X: torch.Tensor, *, leak: float = 0.0) -> torch.Tensor:
    r"""Give the kernel at infinite width, $H_\infty = x_i^\top x_j\,(\pi-\theta_{ij})/(2\pi)$.

    With a leak, $x_i^\top x_j\,(\alpha+(1-\alpha)^2(\pi-\theta_{ij})/(2\pi))$.

    Args:
        X: Inputs without zero columns, shape (..., d, n). With biases, the inputs with a row of
            ones: `TwoLayerReLU.inputs`.
        leak: alpha, the slope below zero, in [0, 1).

    Returns:
        Kernels, shape (..., n, n). Without a leak, divided by X^T X they are p, the probability
        that a neuron is active on both inputs.

    Raises:
        ValueError: If X holds no vectors, or a zero one, or the leak is out of range.

    Source: Du, Zhai, Poczos and Singh (2018), equation of H^infinity; with a leak derived.

    Example:
        >>> relu_limit(torch.eye(2, dtype=torch.float64)).tolist()
        [[0.5, 0.0], [0.0, 0.5]]
    """
    X = _inputs(X)
    leak = _checks.leak(leak)
    limit: torch.Tensor = (X.mT @ X) * (leak + (1 - leak) ** 2 * _joint_activity(X))
    return limit


def relu_mean_square(
    X: torch.Tensor, width: int, *, paired: bool = False, leak: float = 0.0
) -> torch.Tensor:
    r"""Give $E\|H_m - H_\infty\|_F^2 = \frac1m\sum_{ij}(x_i^\top x_j)^2 p_{ij}(1-p_{ij})$, exactly.

    With a leak, $(1-\alpha)^2p_{ij}(1+\alpha^2-(1-\alpha)^2p_{ij})$ for $p_{ij}(1-p_{ij})$.

    Args:
        X: Inputs without zero columns, shape (..., d, n).
        width: m.
        paired: Whether neurons come in pairs with equal weights, as in antisymmetric
            initialisation: then only m/2 of them are independent.
        leak: alpha, the slope below zero, in [0, 1).

    Returns:
        Mean squares, shape (...).

    Raises:
        ValueError: If X holds no vectors, or a zero one, or a number is out of range.

    Source: derived for this book: m independent coin tosses an entry.

    Example:
        >>> float(relu_mean_square(torch.eye(2, dtype=torch.float64), 10))
        0.05
    """
    X, width = _inputs(X), _checks.count("width", width)
    leak = _checks.leak(leak)
    both = (1 - leak) ** 2 * _joint_activity(X)
    total = ((X.mT @ X).square() * both * (1 + leak**2 - both)).sum((-2, -1))
    return total / (width / 2 if paired else width)


def pair_eigenvalue(angle: float) -> float:
    r"""Give the least eigenvalue of the limit kernel of two unit inputs.

    $\lambda = (1-\cos\delta)/2 + \delta\cos\delta/(2\pi) \sim \delta/(2\pi)$: the closest pair of a
    data set bounds its least eigenvalue, and so dials its condition number.

    Args:
        angle: delta in radians, in (0, pi/2].

    Returns:
        The eigenvalue.

    Raises:
        ValueError: If the angle is out of range.

    Example:
        >>> round(pair_eigenvalue(1e-6) / 1e-6 * 2 * math.pi, 4)
        1.0
    """
    if not 0 < _checks.number("angle", angle) <= math.pi / 2:
        raise ValueError(f"angle must lie in (0, pi/2] radians, got {angle}: choose one.")
    return math.sin(angle / 2) ** 2 + angle * math.cos(angle) / (2 * math.pi)


def _inputs(X: torch.Tensor) -> torch.Tensor:
    given = _checks.floating("X", X)
    if given.ndim < 2 or given.numel() == 0:
        raise ValueError(f"X must have shape (..., d, n), got {tuple(given.shape)}: reshape it.")
    if bool((given.norm(dim=-2) == 0).any()):
        raise ValueError("X has a zero column, which no neuron sees: drop that sample.")
    return given


def _closest_pair(X: torch.Tensor) -> tuple[int, int, float]:
    angles = _angles(X).fill_diagonal_(torch.inf)
    first, second = divmod(int(angles.argmin()), len(angles))
    return first, second, float(angles[first, second])


def require_separated(X: torch.Tensor) -> None:
    """Refuse inputs that are zero or point the same way: the kernel is singular.

    Opposite inputs are not refused: up to d pairs of them do no harm.

    Args:
        X: Inputs, shape (d, n).

    Raises:
        ValueError: If an input is zero or two are parallel, naming them.
    """
    zero = torch.nonzero(X.norm(dim=0) == 0).flatten()
    if len(zero):
        raise ValueError(
            f"input {int(zero[0])} is zero, so the kernel is singular: drop that sample."
        )
    if X.shape[1] < 2:
        return
    first, second, angle = _closest_pair(X)
    if angle < _SAME:
        raise ValueError(
            f"inputs {first} and {second} are parallel (angle {angle:.1g}), so the kernel is "
            "singular: drop one of the two."
        )


def require_unit_inputs(X: torch.Tensor) -> None:
    """Refuse inputs that are not of unit norm.

    Args:
        X: Inputs, shape (d, n).

    Raises:
        ValueError: If a norm differs from 1, naming the sample.
    """
    norms = X.norm(dim=0)
    worst = int((norms - 1).abs().argmax())
    if abs(float(norms[worst]) - 1) > _UNIT:
        raise ValueError(
            f"the theorem assumes inputs of unit norm, and input {worst} has norm "
            f"{float(norms[worst]):.4g}: divide each column by its norm."
        )
