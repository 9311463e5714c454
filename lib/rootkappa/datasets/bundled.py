"""Real data that scikit-learn carries, so that nothing is downloaded."""

from __future__ import annotations

import torch

from rootkappa import _checks
from rootkappa.datasets.dataset import Dataset


def digits(components: int = 10) -> Dataset:
    """Give the handwritten digits, projected on their first principal components.

    kappa(X) is the ratio of the first to the last variance that is kept: it is dialled by the
    number of components.

    Args:
        components: How many principal components to keep, 1 to 61.

    Returns:
        X (components, 1797) and the one-hot labels Y (10, 1797), both centred, because linear
        networks have no bias, and scaled to spectral norm 1.

    Raises:
        ValueError: If the number of components is out of range.

    Source: the test part of the UCI set Optical Recognition of Handwritten Digits.
    """
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    pixels = torch.as_tensor(images, dtype=torch.float64)
    centred = pixels - pixels.mean(0)
    _, S, Vt = torch.linalg.svd(centred, full_matrices=False)
    rank = int((S / S[0] > 1e-10).sum())
    if _checks.count("number of components", components) > rank:
        raise ValueError(
            f"the digits have {rank} principal components, got {components}: ask for fewer."
        )
    X = Vt[:components] @ centred.T / S[0]
    one_hot = torch.nn.functional.one_hot(torch.as_tensor(labels), 10).double().T
    Y = one_hot - one_hot.mean(1, keepdim=True)
    Y = Y / torch.linalg.matrix_norm(Y, 2)
    return Dataset(X, Y, f"{X.shape[1]} handwritten digits, {components} principal components")


def diabetes() -> Dataset:
    """Give the diabetes regression set: 10 measurements, progression of the disease after a year.

    Returns:
        X (10, 442), scaled to spectral norm 1, and Y (1, 442), with mean 0 and variance 1.

    Source: Efron, Hastie, Johnstone and Tibshirani, Least angle regression (2004).
    """
    from sklearn.datasets import load_diabetes

    measurements, progression = load_diabetes(return_X_y=True)
    X = torch.as_tensor(measurements, dtype=torch.float64).T
    Y = torch.as_tensor(progression, dtype=torch.float64)[None, :]
    Y = (Y - Y.mean()) / Y.std(correction=0)
    X = X / torch.linalg.matrix_norm(X, 2)
    return Dataset(X, Y, f"{X.shape[1]} diabetes patients, {len(X)} measurements")
