import numpy as np
import pytest

from rootkappa.rates._floor import left_out
from rootkappa.rates._residuals import largest_to_come

T = np.arange(2001.0)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("level", [1e-3, 1e-9])
def test_a_floor(level, seed):
    norms = np.hypot(0.98**T, level * np.random.default_rng(seed).standard_normal(len(T)))
    last, remark = left_out(largest_to_come(norms), norms, 2000)
    assert norms[last] > 5 * level
    assert last < np.log(level) / np.log(0.98)
    assert "a floor at" in remark


@pytest.mark.parametrize("norms", [0.99**T, 1 / (1 + T), (1 + T) ** -0.5, np.ones(2001)])
def test_no_floor(norms):
    assert left_out(largest_to_come(norms), norms, 2000) == (2000, "")


def test_too_short_to_say():
    norms = np.full(15, 1e-3)
    assert left_out(norms, norms, 14) == (14, "")
