"""The larger data sets of the papers, from OpenML through scikit-learn, kept and checked.

Nothing here is needed for the default run of a chapter. A set is fetched once, parsed, and kept as
one file with the SHA-256 of its bytes beside it; every later reading compares the two. That sum is
the one *first seen*: it guards the kept copy against damage, not the first fetch against a changed
set. Pinned in advance are the identity on OpenML (id or name, and version), the shape, and for
MNIST the MD5 sum that OpenML publishes of its file. A set without a pinned sum says "first seen"
in its description.
"""

from __future__ import annotations

import hashlib
import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from rootkappa import _checks
from rootkappa._files import write_atomically
from rootkappa.datasets.dataset import Dataset

FOLDER_VARIABLE = "ROOTKAPPA_DATA"


@dataclass(frozen=True)
class Source:
    """Where a data set comes from, and what it must look like.

    Args:
        query: What `sklearn.datasets.fetch_openml` is asked for: `data_id`, or `name` and
            `version`.
        shape: Samples and features.
        instead: The bundled set to use where it cannot be downloaded.
        md5: The MD5 sum that OpenML publishes of its file; None where it is not pinned, and the
            content is trusted as first seen.
        classes: How many classes the labels have; 0 for a regression.
    """

    query: dict[str, Any]
    shape: tuple[int, int]
    instead: str
    md5: str | None = None
    classes: int = 0


SOURCES = {
    "mnist": Source(
        {"data_id": 554}, (70000, 784), "digits", "0298d579eb1b86163de7723944c7e495", classes=10
    ),
    "fashion-mnist": Source({"data_id": 40996}, (70000, 784), "digits", classes=10),
    "cifar-10": Source({"data_id": 40927}, (60000, 3072), "digits", classes=10),
    "energy": Source({"data_id": 44960}, (768, 8), "diabetes"),
    "housing": Source({"data_id": 531}, (506, 13), "diabetes"),
    "yacht": Source({"name": "yacht_hydrodynamics", "version": 1}, (308, 6), "diabetes"),
}


def fetch(name: str, folder: str | Path | None = None) -> Dataset:
    """Give a data set of the papers as it is published, fetching it the first time.

    Args:
        name: One of "mnist", "fashion-mnist", "cifar-10", "energy", "housing", "yacht".
        folder: Where it is kept; by default the folder named in ROOTKAPPA_DATA, else the folder
            `rootkappa` of scikit-learn's data home.

    Returns:
        X (d, n) and Y (1, n), float64, neither scaled nor centred. Classes are their numbers.

    Raises:
        ValueError: If the name is unknown, or the kept file or the download is not what it should
            be.
        FileNotFoundError: If it is not kept and cannot be downloaded.
    """
    source = SOURCES[_checks.choice("data set", name, SOURCES)]
    file = _folder(folder) / f"{name}.npz"
    if not file.exists():
        _keep(file, *_fetch(name, source, file))
    X, y = _read(name, file)
    return Dataset(
        torch.as_tensor(X.T, dtype=torch.float64).contiguous(),
        torch.as_tensor(y[None, :], dtype=torch.float64),
        f"{name}, {len(X)} samples{'' if source.md5 else ', content as first seen'}",
    )


def _folder(asked: str | Path | None) -> Path:
    chosen = asked or os.environ.get(FOLDER_VARIABLE)
    if chosen:
        return Path(chosen)
    from sklearn.datasets import get_data_home

    return Path(get_data_home()) / "rootkappa"


def _fetch(name: str, source: Source, file: Path) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import fetch_openml

    try:
        # This parser needs no pandas. It is slow on images, once.
        found = fetch_openml(**source.query, as_frame=False, parser="liac-arff", cache=False)
    except OSError as error:
        asked = " ".join(f"{key} {value}" for key, value in source.query.items())
        raise FileNotFoundError(
            f"data set {name!r} (OpenML, {asked}) is not kept in {file} and could not be "
            f"downloaded ({error}): connect once, or use the bundled set {source.instead!r}."
        ) from error
    published = found.details.get("md5_checksum")
    if source.md5 is not None and published != source.md5:
        raise ValueError(
            f"data set {name!r} has the MD5 sum {published} on OpenML, expected {source.md5}: it "
            "is not the version that the book uses."
        )
    return _parse(name, source, found.data, found.target)


def _parse(name: str, source: Source, data: Any, target: Any) -> tuple[np.ndarray, np.ndarray]:
    X, y = np.asarray(data, dtype=np.float64), np.asarray(target).astype(np.float64)
    if X.shape != source.shape or y.shape != X.shape[:1]:
        raise ValueError(
            f"data set {name!r} arrived with shape {X.shape} and {y.shape} labels, expected "
            f"{source.shape}: the download is cut short or not the version that the book uses."
        )
    bytes_suffice = np.array_equal(X, X.astype(np.uint8)) if X.min() >= 0 else False
    return (X.astype(np.uint8) if bytes_suffice else X), y


def _keep(file: Path, X: np.ndarray, y: np.ndarray) -> None:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, X=X, y=y)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(_sum_of(file), hashlib.sha256(buffer.getvalue()).hexdigest() + "\n")
    write_atomically(file, buffer.getvalue())


def _sum_of(file: Path) -> Path:
    return file.with_suffix(".sha256")


def _read(name: str, file: Path) -> tuple[np.ndarray, np.ndarray]:
    content = file.read_bytes()
    actual = hashlib.sha256(content).hexdigest()
    kept = _sum_of(file)
    recorded = kept.read_text().strip() if kept.exists() else "nothing"
    if actual != recorded:
        raise ValueError(
            f"the kept file of data set {name!r}, {file}, has the SHA-256 {actual[:12]}, and "
            f"{recorded[:12]} was recorded when it was fetched: delete it to fetch it again."
        )
    with np.load(io.BytesIO(content)) as arrays:
        return arrays["X"], arrays["y"]
