"""Real data that scikit-learn carries, so that nothing is downloaded."""

from __future__ import annotations

from dataclasses import dataclass

import torch
<<<<<<< HEAD

from rootkappa import _checks
from rootkappa.datasets.dataset import Dataset
=======
>>>>>>> models


@dataclass(frozen=True)
class Raw:
    """A data set as it is published.

    Args:
        X: Inputs, shape (d, n), float64.
        y: Labels, shape (n,), float64; classes are their numbers.
        classes: How many classes there are; 0 for a regression.
        images: Whether the inputs are pixels, which are comparable, or features with units.
        note: What a page must say of where it comes from.
    """

    X: torch.Tensor
    y: torch.Tensor
    classes: int
    images: bool
    note: str = ""


# scikit-learn's loader and the number of classes.
BUNDLED = {
    "digits": ("load_digits", 10),
    "diabetes": ("load_diabetes", 0),
    "breast-cancer": ("load_breast_cancer", 2),
    "wine": ("load_wine", 3),
}


def read_bundled(name: str) -> Raw:
    """Read a set that scikit-learn carries.

    Args:
        name: One of `BUNDLED`.

    Returns:
        The set.
    """
<<<<<<< HEAD
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
=======
    from sklearn import datasets

    loader, classes = BUNDLED[name]
    features, labels = getattr(datasets, loader)(return_X_y=True)
    X = torch.as_tensor(features, dtype=torch.float64).T
    return Raw(X, torch.as_tensor(labels).double(), classes, images=name == "digits")
>>>>>>> models
