"""Made data: a prescribed condition number, points on the sphere, pairs of them."""

from __future__ import annotations

import math

import torch

from rootkappa import _checks
from rootkappa.datasets.dataset import Dataset
from rootkappa.draws import generator, haar, normal

_ABOVE = 100


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
        kappa: The condition number sigma_max(X)^2 / sigma_min(X)^2, from 1 to about 1e24: beyond
            it the least singular value is rounding. Up to there it is met to 1 %, up to 1e16 to
            eight digits.
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
    d, k = _checks.count("d", d), _checks.count("k", k)
    n = _checks.count("number of samples n", n, least=d)
    kappa = _resolved(_checks.at_least("kappa", kappa, 1.0), n)
    noise = _checks.at_least("noise", noise, 0.0, "use its standard deviation")
    source = generator(seed)
    scales = torch.logspace(0, -0.5 * math.log10(kappa), d, dtype=torch.float64)
    X = (haar(d, d, source) * scales) @ haar(n, d, source).T
    Y = normal((k, d), source) / math.sqrt(d) @ X + noise * normal((k, n), source)
    return Dataset(X, Y, f"{n} Gaussian samples in {d} dimensions, kappa(X) = {kappa:g}")


def _resolved(kappa: float, n: int) -> float:
    # The least singular value stays this far above what counts as zero.
    most = (_ABOVE * n * torch.finfo(torch.float64).eps) ** -2
    if kappa > most:
        raise ValueError(
            f"kappa must be at most {most:.1e} for n = {n}, got {kappa:.3g}: beyond it the least "
            "singular value is rounding, choose less."
        )
    return kappa


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
    d, k, n = _checks.count("d", d), _checks.count("k", k), _checks.count("n", n)
    source = generator(seed)
    X = normal((d, n), source)
    return Dataset(
        X / X.norm(dim=0), normal((k, n), source), f"{n} points on the unit sphere of R^{d}"
    )


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
    angle = _checks.within("angle", angle, 0.0, math.pi, "choose one, in radians")
    d, k = _checks.count("d", d, least=2), _checks.count("k", k)
    pairs = _checks.count("pairs", pairs)
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
