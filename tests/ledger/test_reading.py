"""What chapters give, read: once or draw by draw."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from rootkappa.ledger import Binomial, Claim
from rootkappa.ledger._reading import joint, read, summarised
from rootkappa.ledger.measurements import Measured, Spread

CLAIM = Claim("a/b", "ours", "derived", "bound", "s", "p", "c", {"x": (0, 1), "y": (0, 1)})


@pytest.mark.parametrize(
    "draws", [[0.5, 2.0], np.array([0.5, 2.0]), torch.tensor([0.5, 2.0]), [np.float32(0.5), 2]]
)
def test_one_number_a_draw(draws):
    assert read(CLAIM, {"x": draws}, "measured") == {"x": [0.5, 2.0]}


@pytest.mark.parametrize("once", [0.5, torch.tensor(0.5), (0.5, (0.4, 0.6)), Binomial(1, 2)])
def test_one_number_for_all(once):
    (value,) = read(CLAIM, {"x": once}, "measured").values()
    assert isinstance(value, Measured)
    assert value.value == 0.5


def test_draws_are_counted_together():
    raw = {"x": [0.5, 0.5, 2.0, 2.0], "y": [0.5, 2.0, 0.5, 2.0]}
    assert joint(CLAIM, raw) == Binomial(1, 4)
    assert joint(CLAIM, {"x": Measured(0.5)}) is None
    assert joint(replace(CLAIM, accept={"x": (0, 3)}), {"x": raw["x"]}) == Binomial(4, 4)


def test_only_draws_become_a_spread():
    kept = summarised({"x": [0.5, 2.0], "y": Measured(0.5)}, CLAIM.accept)
    assert kept == {"x": Spread(2, 1, 1.25, 0.5, 2.0), "y": Measured(0.5)}
