"""Real data that scikit-learn carries, so that nothing is downloaded."""

from __future__ import annotations

from dataclasses import dataclass

import torch


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
    from sklearn import datasets

    loader, classes = BUNDLED[name]
    features, labels = getattr(datasets, loader)(return_X_y=True)
    X = torch.as_tensor(features, dtype=torch.float64).T
    return Raw(X, torch.as_tensor(labels).double(), classes, images=name == "digits")
