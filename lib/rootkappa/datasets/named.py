"""Real data by name, in the form that a theory asks for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from rootkappa import _checks
from rootkappa.datasets.bundled import BUNDLED, Raw, read_bundled
from rootkappa.datasets.dataset import Dataset
from rootkappa.datasets.downloaded import SOURCES, fetch
from rootkappa.problems import numerical_rank

_CLOSE = 1e-9
_FEW = 100


def names() -> list[str]:
    """List the data sets that `load` knows, bundled ones first.

    Returns:
        Their names.

    Example:
        >>> names()[:2]
        ['digits', 'diabetes']
    """
    return [*BUNDLED, *SOURCES]


def load(
    name: str,
    n: int | None = None,
    seed: int = 0,
    *,
    form: str = "unit",
    components: int | None = None,
    folder: str | Path | None = None,
) -> Dataset:
    """Give a real data set in the form that a theory asks for.

    * "unit", for ReLU networks: inputs of unit norm, one output of order 1. Of classes, the first
      two are taken and labelled -1 and +1; a regression is standardised. Of samples that point the
      same way the first is kept, since two of them make the kernel singular.
    * "linear", for linear networks, which have no bias: inputs centred and scaled to spectral norm
      1, all classes, one-hot, treated alike; a regression is standardised. `components` keeps that
      many principal components: kappa(X) is then the ratio of the first to the last variance.
    * "raw": as published. Classes are their numbers.

    Images keep their pixels, tabular features are first standardised over the whole set, but for
    "raw".

    Args:
        name: A bundled set ("digits", "diabetes", "breast-cancer", "wine") or one that is
            downloaded the first time ("mnist", "fashion-mnist", "cifar-10", "energy", "housing",
            "yacht").
        n: How many samples to draw without replacement; if None, 100 in the form "unit" and all
            in the others.
        seed: Seed of the draw.
        form: "unit", "linear" or "raw".
        components: How many principal components to keep, in the form "linear"; all features if
            None.
        folder: Where downloads are kept; by default the folder named in ROOTKAPPA_DATA, else the
            folder `rootkappa` of scikit-learn's data home.

    Returns:
        X (d, n) and Y (k, n), float64.

    Raises:
        ValueError: If a word is unknown, there are fewer than n samples or components, or a kept
            file is damaged.
        FileNotFoundError: If it is not kept and cannot be downloaded.

    Source: for the digits the test part of the UCI set Optical Recognition of Handwritten Digits;
    for diabetes Efron, Hastie, Johnstone and Tibshirani, Least angle regression (2004).

    Example:
        >>> load("digits", form="linear", components=8).X.shape
        torch.Size([8, 1797])
    """
    _checks.choice("data set", name, names())
    _checks.choice("form", form, ("unit", "linear", "raw"))
    if components is not None and form != "linear":
        raise ValueError(
            f"components belong to the form 'linear', got components = {components} and form = "
            f"{form!r}: drop one."
        )
    raw = read_bundled(name) if name in BUNDLED else fetch(name, folder)
    if form == "unit":
        return _unit(name, raw, _checks.count("n", _FEW if n is None else n), seed)
    if n is not None:
        some = Dataset(raw.X, raw.y[None, :]).subsample(n, seed)
        raw = replace(raw, X=some.X, y=some.Y[0])
    if form == "raw":
        return Dataset(raw.X, raw.y[None, :], f"{len(raw.y)} samples of {name}{raw.note}")
    return _linear(name, raw, components)


def _unit(name: str, raw: Raw, n: int, seed: int) -> Dataset:
    X, y = _comparable(raw), raw.y
    if raw.classes:
        two = y <= 1
        X, y = X[:, two], 2 * y[two] - 1
    else:
        y = _standardised(y)
    norms = X.norm(dim=0)
    X, y = X[:, norms > 0] / norms[norms > 0], y[norms > 0]
    # Twice as many, so that n are left where some point the same way.
    some = Dataset(X, y[None, :]).subsample(min(2 * n, len(y)), seed)
    first = _first_of_parallel(some.X)
    if int(first.sum()) < n:
        raise ValueError(
            f"data set {name!r} has {int(first.sum())} samples of different directions, got "
            f"n = {n}: ask for fewer."
        )
    text = f"{n} samples of {name}, unit norm{raw.note}"
    return Dataset(some.X[:, first][:, :n], some.Y[:, first][:, :n], text)


def _linear(name: str, raw: Raw, components: int | None) -> Dataset:
    features = _comparable(raw).T
    centred = features - features.mean(0)
    _, S, Vt = torch.linalg.svd(centred, full_matrices=False)
    X, text = centred.T / S[0], f"{len(raw.y)} samples of {name}"
    if components is not None:
        rank = numerical_rank(S, max(centred.shape))
        if _checks.count("number of components", components) > rank:
            raise ValueError(
                f"{name} has {rank} principal components, got {components}: ask for fewer."
            )
        X = Vt[: int(components)] @ centred.T / S[0]
        text = f"{text}, {int(components)} principal components"
    return Dataset(X, _targets(raw), text + raw.note)


def _targets(raw: Raw) -> torch.Tensor:
    if not raw.classes:
        return _standardised(raw.y)[None, :]
    one_hot = torch.nn.functional.one_hot(raw.y.long(), raw.classes).double().T
    Y: torch.Tensor = one_hot - one_hot.mean(1, keepdim=True)
    return Y / float(torch.linalg.matrix_norm(Y, 2))


def _comparable(raw: Raw) -> torch.Tensor:
    if raw.images:
        return raw.X
    spread = raw.X.std(1, correction=0, keepdim=True)
    return (raw.X - raw.X.mean(1, keepdim=True)) / torch.where(spread > 0, spread, 1.0)


def _standardised(y: torch.Tensor) -> torch.Tensor:
    return (y - y.mean()) / y.std(correction=0)


def _first_of_parallel(X: torch.Tensor) -> torch.Tensor:
    same = torch.cdist(X.mT, X.mT, compute_mode="donot_use_mm_for_euclid_dist") < _CLOSE
    return ~same.tril(-1).any(1)
