"""Bartlett factors have the law of QR."""

from __future__ import annotations

import pytest
import torch

from rootkappa.draws import generator, normal
from rootkappa.reductions.bartlett import bartlett


def _agree(ours, theirs):
    """Means within four standard errors."""
    error = (ours.var(0) / len(ours) + theirs.var(0) / len(theirs)).sqrt()
    assert bool(((ours.mean(0) - theirs.mean(0)).abs() <= 4 * error + 1e-12).all())


def test_the_factor_has_the_law_of_qr():
    source = generator(0)
    R = torch.linalg.qr(normal((3000, 7, 3), source))[1]
    direct = R * R.diagonal(dim1=-2, dim2=-1).sign()[:, :, None]
    ours = bartlett(3, 7, range(3000))
    _agree(ours.flatten(1), direct.flatten(1))
    _agree(ours.square().flatten(1), direct.square().flatten(1))


def test_the_mean_of_the_wishart_matrix_is_the_width_by_hand():
    R = bartlett(2, 1000, range(2000))
    gram = (R.mT @ R).mean(0)
    assert gram.diagonal().tolist() == pytest.approx([1000, 1000], rel=0.01)
    assert abs(float(gram[0, 1])) < 4 * (1000 / 2000) ** 0.5


def test_a_seed_gives_its_factor_whatever_stands_beside_it():
    assert torch.equal(bartlett(3, 10**8, [4, 9])[1], bartlett(3, 10**8, [9])[0])


def test_bad_sizes_and_seeds_are_refused():
    with pytest.raises(ValueError, match="width must be at least 3, got 2"):
        bartlett(3, 2, [0])
    with pytest.raises(TypeError, match="seeds must be a sequence, got 0"):
        bartlett(3, 4, 0)
