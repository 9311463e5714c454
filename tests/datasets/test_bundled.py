"""The bundled sets against NumPy and scikit-learn."""

from __future__ import annotations

import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from rootkappa import datasets


def test_digits_are_the_principal_components():
    data = datasets.digits(8)
    assert data.X.shape == (8, 1797)
    assert data.Y.argmax(0).tolist() == load_digits().target.tolist()
    assert float(data.Y.mean(1).abs().max()) < 1e-15
    pca = PCA(8, svd_solver="full").fit(load_digits().data)
    kappa = pca.explained_variance_[0] / pca.explained_variance_[-1]
    assert data.condition_number == pytest.approx(kappa, rel=1e-9)
    for matrix in (data.X, data.Y):
        assert float(torch.linalg.matrix_norm(matrix, 2)) == pytest.approx(1)


def test_the_number_of_components_dials_the_condition_number():
    kappas = [datasets.digits(components).condition_number for components in (2, 10, 30)]
    assert kappas == sorted(kappas)
    assert kappas[-1] > 20 * kappas[0]


def test_diabetes_is_standardised():
    data = datasets.diabetes()
    assert data.X.shape == (10, 442)
    assert float(data.Y.mean()) == pytest.approx(0, abs=1e-12)
    assert float(data.Y.square().mean()) == pytest.approx(1)
