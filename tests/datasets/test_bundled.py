"""The bundled sets are those of scikit-learn, as they are published."""

from __future__ import annotations

import pytest
from sklearn import datasets as published

from rootkappa.datasets.bundled import BUNDLED, read_bundled


@pytest.mark.parametrize("name", BUNDLED)
def test_sets_are_read_as_they_are_published(name):
    raw = read_bundled(name)
    features, labels = getattr(published, f"load_{name.replace('-', '_')}")(return_X_y=True)
    assert raw.X.T.tolist() == features.tolist()
    assert raw.y.tolist() == labels.tolist()
    assert raw.classes == (0 if name == "diabetes" else len(set(labels)))
    assert raw.images == (name == "digits")
