"""Triangular factors of wide Gaussian matrices, drawn at a cost that does not depend on the width.

An m x q matrix G with entries N(0, 1) enters a reduced network only through G^T G = R^T R, a
Wishart matrix. Bartlett: the entries of the upper triangular R are independent, N(0, 1) above the
diagonal and the root of a chi-square with m, m - 1, ... degrees of freedom on it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from rootkappa import _checks
from rootkappa.draws import numpy_generator


def triangular_factor(columns: int, width: int, source: np.random.Generator) -> torch.Tensor:
    """Draw the triangular factor of one m x q Gaussian matrix.

    Args:
        columns: q.
        width: m, at least q.
        source: A random generator.

    Returns:
        Upper triangular R with positive diagonal, shape (q, q), float64.

    Raises:
        ValueError: If the width is below q.
    """
    columns = _checks.count("columns", columns)
    width = _checks.count("width", width, least=columns)
    factor = np.triu(source.standard_normal((columns, columns)), 1)
    diagonal = np.sqrt(source.chisquare(width - np.arange(columns, dtype=float)))
    return torch.from_numpy(factor + np.diag(diagonal))


def bartlett(columns: int, width: int, seeds: Sequence[int]) -> torch.Tensor:
    """Draw the triangular factors of m x q Gaussian matrices.

    Args:
        columns: q.
        width: m, at least q; 1e8 costs what q does.
        seeds: One seed a replica.

    Returns:
        Upper triangular R with positive diagonal, shape (R, q, q), float64.

    Source: Bartlett (1933).

    Example:
        >>> R = bartlett(3, 10**8, [0])
        >>> bool(((R.mT @ R / 1e8 - torch.eye(3)).abs() < 1e-3).all())
        True
    """
    sources = [numpy_generator(seed) for seed in _checks.seeds(seeds)]
    return torch.stack([triangular_factor(columns, width, source) for source in sources])
