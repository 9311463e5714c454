"""Real data by name, as theorems on ReLU networks want it: few samples of unit norm, one output."""

from __future__ import annotations

from collections.abc import Callable

import torch

from rootkappa import _checks
from rootkappa.datasets.dataset import Dataset
from rootkappa.datasets.downloaded import SOURCES, fetch
from rootkappa.draws import generator

_CLOSE = 1e-9


def names() -> list[str]:
    """List the data sets that `load` knows, bundled ones first.

    Returns:
        Their names.

    Example:
        >>> names()[:2]
        ['digits', 'diabetes']
    """
    return [*_BUNDLED, *SOURCES]


def load(name: str, n: int = 100, seed: int = 0) -> Dataset:
    """Give n samples of a data set with inputs of unit norm and labels of order 1.

    Images keep their pixels, tabular features are standardised over the whole set; then every
    sample is divided by its norm. Of classes, the first two are taken and labelled -1 and +1; a
    regression is standardised. Of samples that point the same way the first is kept, since two of
    them make the kernel singular.

    Args:
        name: A bundled set ("digits", "diabetes", "breast-cancer", "wine") or one that is
            downloaded the first time ("mnist", "fashion-mnist", "cifar-10", "energy", "housing",
            "yacht").
        n: How many samples to draw without replacement.
        seed: Seed of the draw.

    Returns:
        X (d, n) with unit columns and Y (1, n).

    Raises:
        ValueError: If the name is unknown, or there are fewer than n samples.
    """
    _checks.choice("data set", name, names())
    raw, classes, images = _BUNDLED[name]() if name in _BUNDLED else _fetched(name)
    X, y = raw.X, raw.Y[0]
    if not images:
        spread = X.std(1, correction=0, keepdim=True)
        X = (X - X.mean(1, keepdim=True)) / torch.where(spread > 0, spread, 1.0)
    if classes:
        two = y <= 1
        X, y = X[:, two], 2 * y[two] - 1
    else:
        y = (y - y.mean()) / y.std(correction=0)
    norms = X.norm(dim=0)
    X, y = X[:, norms > 0] / norms[norms > 0], y[norms > 0]
    kept = subsample(Dataset(X, y[None, :], name), min(2 * n, len(y)), seed)
    first = _first_of_parallel(kept.X)
    if int(first.sum()) < n:
        raise ValueError(
            f"data set {name!r} has {int(first.sum())} samples of different directions, got "
            f"n = {n}: ask for fewer."
        )
    text = f"{n} samples of {name}, unit norm"
    return Dataset(kept.X[:, first][:, :n], kept.Y[:, first][:, :n], text)


def subsample(data: Dataset, n: int, seed: int = 0) -> Dataset:
    """Draw samples without replacement.

    Args:
        data: X (d, N) and Y (k, N).
        n: How many, at most N.
        seed: Seed of the draw.

    Returns:
        The data with n samples.

    Raises:
        ValueError: If n is out of range.
    """
    there = data.X.shape[1]
    if _checks.count("n", n) > there:
        raise ValueError(f"there are {there} samples, got n = {n}: ask for fewer.")
    chosen = torch.randperm(there, generator=generator(seed))[:n]
    return Dataset(data.X[:, chosen], data.Y[:, chosen], f"{n} of {data.description}")


def _first_of_parallel(X: torch.Tensor) -> torch.Tensor:
    same = torch.cdist(X.mT, X.mT, compute_mode="donot_use_mm_for_euclid_dist") < _CLOSE
    return ~same.tril(-1).any(1)


def _fetched(name: str) -> tuple[Dataset, bool, bool]:
    classes = SOURCES[name].classes > 0
    return fetch(name), classes, classes


def _from(
    loader: str, classes: bool, images: bool = False
) -> Callable[[], tuple[Dataset, bool, bool]]:
    def read() -> tuple[Dataset, bool, bool]:
        from sklearn import datasets

        features, labels = getattr(datasets, loader)(return_X_y=True)
        X = torch.as_tensor(features, dtype=torch.float64).T
        return Dataset(X, torch.as_tensor(labels).double()[None, :], ""), classes, images

    return read


_BUNDLED = {
    "digits": _from("load_digits", classes=True, images=True),
    "diabetes": _from("load_diabetes", classes=False),
    "breast-cancer": _from("load_breast_cancer", classes=True),
    "wine": _from("load_wine", classes=True),
}
