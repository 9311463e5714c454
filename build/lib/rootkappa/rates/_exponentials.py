"""The slowest term of a sum of decaying exponentials with positive weights."""

from __future__ import annotations

import math

import torch

_SAMPLES = 60
_TERMS = 6
_NOISE = 1e-13
_SHARE = 0.2
_CLEAN = 1e-2


def line(t: torch.Tensor, g: torch.Tensor) -> tuple[float, float, float]:
    """Fit g = a + b t by least squares.

    Args:
        t: Times, shape (n,), n at least 3.
        g: Values, shape (n,).

    Returns:
        The slope b, its standard error, and the intercept a at t = 0.
    """
    centred = t - t.mean()
    spread = float(centred.square().sum())
    slope = float((centred * g).sum()) / spread
    rest = g - g.mean() - slope * centred
    error = math.sqrt(float(rest.square().sum()) / (len(t) - 2) / spread)
    return slope, error, float(g.mean() - slope * t.mean())


def slowest(t: torch.Tensor, g: torch.Tensor) -> tuple[float, float]:
    """Give the slope of g in the long run, where exp(2 g) is a sum of decaying exponentials.

    A line first. If a matrix pencil of more terms, all real with positive weights, explains the
    values much better (Bayesian information criterion), the slope of its slowest term. Noise
    speaks for the line.

    Args:
        t: Consecutive times, shape (n,).
        g: Logarithms of amplitudes, shape (n,).

    Returns:
        The slope, and its standard error.
    """
    slope, error, intercept = line(t, g)
    stride = max(1, (len(t) - 1) // (_SAMPLES - 1))
    # The last sample is the last time: there the slowest term weighs most.
    places = torch.arange(len(t) - 1, -1, -stride).flip(0)
    if len(places) < 12:
        return slope, error
    values = torch.exp(2 * (g - intercept - slope * t))[places]
    best = _criterion(values, torch.ones_like(values) * values.mean(), 1)
    chosen = 0.0
    for terms in range(2, _TERMS + 1):
        found = _pencil(values, terms)
        if found is None:
            continue
        growth, fitted = found
        criterion = _criterion(values, fitted, terms)
        if criterion < best - 10:
            best, chosen = criterion, growth
    miss = math.exp(best / len(values) / 2)
    if chosen == 0.0 or miss > _CLEAN:
        return slope, error
    return slope + chosen / (2 * stride), miss / (stride * len(values))


def _criterion(values: torch.Tensor, fitted: torch.Tensor, terms: int) -> float:
    miss = float(((values - fitted) / values).square().mean())
    return len(values) * math.log(miss + _NOISE**2) + 2 * terms * math.log(len(values))


def _pencil(values: torch.Tensor, terms: int) -> tuple[float, torch.Tensor] | None:
    # Hua and Sarkar (1990), in its form with the leading singular vectors of the Hankel matrix.
    hankel = values.unfold(0, len(values) // 2, 1)
    _, _, right = torch.linalg.svd(hankel, full_matrices=False)
    basis = right[:terms].T
    shift = torch.linalg.lstsq(basis[:-1], basis[1:]).solution
    nodes = torch.linalg.eigvals(shift)
    if float(nodes.imag.abs().max()) > 0 or float(nodes.real.min()) <= 0:
        return None
    real = nodes.real.sort(descending=True).values
    powers = real.unsqueeze(0) ** torch.arange(len(values)).to(values).unsqueeze(1)
    weights = torch.linalg.lstsq(powers, values.unsqueeze(1)).solution.squeeze(1)
    parts = powers * weights
    if float(weights.min()) < 0 or float(parts[-1, 0] / parts[-1].sum()) < _SHARE:
        return None
    return math.log(float(real[0])), parts.sum(1)
