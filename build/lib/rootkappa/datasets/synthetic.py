"""Made data: a prescribed condition number, points on the sphere, near-parallel pairs."""

from __future__ import annotations

import math

import torch

from rootkappa import _checks
from rootkappa.datasets.dataset import Dataset
from rootkappa.draws import generator, haar, normal


def gaussian(
    d: int = 10, k: int = 3, n: int = 50, kappa: float = 25.0, noise: float = 0.0, seed: int = 0
) -> Dataset:
    """Make inputs with kappa(X) exactly as asked and labels W* X + noise.

    X = Q_1 diag(s) Q_2^T with Haar Q_1, Q_2 and s log-spaced from 1 to kappa^{-1/2}; the entries of
    W* are N(0, 1/d).

    Args:
        d: Number of input features.
        k: Number of outputs.
        n: Number of samples, at least d.
        kappa: The condition number sigma_max(X)^2 / sigma_min(X)^2, at least 1.
        noise: Standard deviation of Gaussian noise added to the labels.
        seed: Seed of all draws.

    Returns:
        The data, float64.

    Raises:
        ValueError: If a number is out of range.

    Example:
        >>> round(gaussian(kappa=100.0).condition_number, 6)
        100.0
    """
    _checks.count("number of samples n", n, least=_checks.count("d", d))
    _checks.count("k", k)
    if not (math.isfinite(kappa) and kappa >= 1):
        raise ValueError(f"kappa must be finite and at least 1, got {kappa}: raise it.")
    if not noise >= 0:
        raise ValueError(f"noise must be at least 0, got {noise}: use its standard deviation.")
    source = generator(seed)
    scales = torch.logspace(0, -0.5 * math.log10(kappa), d, dtype=torch.float64)
    X = (haar(d, d, source) * scales) @ haar(n, d, source).T
    Y = normal((k, d), source) / math.sqrt(d) @ X + noise * normal((k, n), source)
    return Dataset(X, Y, f"{n} Gaussian samples in {d} dimensions, kappa(X) = {kappa:g}")


def sphere(d: int = 20, k: int = 1, n: int = 50, seed: int = 0) -> Dataset:
    """Draw inputs uniformly from the unit sphere, and labels N(0, 1).

    Args:
        d: Dimension of the inputs.
        k: Number of outputs.
        n: Number of samples.
        seed: Seed of all draws.

    Returns:
        The data, float64.

    Raises:
        ValueError: If a number is below 1.
    """
    for name, value in (("d", d), ("k", k), ("n", n)):
        _checks.count(name, value)
    source = generator(seed)
    X = normal((d, n), source)
    return Dataset(
        X / X.norm(dim=0), normal((k, n), source), f"{n} points on the unit sphere of R^{d}"
    )


def near_parallel_pair(
    angle: float, d: int = 20, k: int = 1, n: int = 50, seed: int = 0
) -> Dataset:
    """Take points on the sphere and turn the second towards the first, up to an angle.

    The closer the pair, the smaller the least eigenvalue of the ReLU kernel.

    Args:
        angle: Angle of the pair in radians, in (0, pi).
        d: Dimension of the inputs, at least 2.
        k: Number of outputs.
        n: Number of samples, at least 2.
        seed: Seed of all draws.

    Returns:
        The data, float64.

    Raises:
        ValueError: If the angle or a number is out of range.
    """
    if not 0 < angle < math.pi:
        raise ValueError(f"angle must lie between 0 and pi radians, got {angle}: choose one.")
    _checks.count("d", d, least=2)
    _checks.count("n", n, least=2)
    base = sphere(d, k, n, seed)
    first, second = base.X[:, 0], base.X[:, 1]
    across = second - (first @ second) * first
    X = base.X.clone()
    X[:, 1] = math.cos(angle) * first + math.sin(angle) * across / across.norm()
    return Dataset(X, base.Y, f"{base.description}, one pair at angle {angle:g}")


def paired(angle: float, pairs: int = 6, d: int = 8, k: int = 1, seed: int = 0) -> Dataset:
    """Draw pairs of points on the sphere, every pair at the same angle; labels N(0, 1).

    Each pair has a slow mode of the ReLU kernel, so that labels of any kind excite it.

    Args:
        angle: Angle of every pair in radians, in (0, pi).
        pairs: Number of pairs; n = 2 pairs.
        d: Dimension of the inputs, at least 2.
        k: Number of outputs.
        seed: Seed of all draws.

    Returns:
        The data, float64; columns i and i + pairs are a pair.

    Raises:
        ValueError: If the angle or a number is out of range.
    """
    if not 0 < angle < math.pi:
        raise ValueError(f"angle must lie between 0 and pi radians, got {angle}: choose one.")
    _checks.count("d", d, least=2)
    for name, value in (("pairs", pairs), ("k", k)):
        _checks.count(name, value)
    source = generator(seed)
    U = normal((d, pairs), source)
    U = U / U.norm(dim=0)
    V = normal((d, pairs), source)
    V = V - (U * V).sum(0) * U
    V = V / V.norm(dim=0)
    c, s = math.cos(angle / 2), math.sin(angle / 2)
    X = torch.cat([c * U + s * V, c * U - s * V], dim=1)
    text = f"{pairs} pairs on the unit sphere of R^{d}, each at angle {angle:g}"
    return Dataset(X, normal((k, 2 * pairs), source), text)
