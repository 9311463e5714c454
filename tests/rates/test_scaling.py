import math

import pytest
import torch
from scipy import stats

from rootkappa.rates import scaling_exponent

X = torch.tensor([4.0, 16.0, 64.0, 256.0, 1024.0], dtype=torch.float64)


@pytest.mark.parametrize("exponent", [1.0, 0.5, -0.5, -1.0])
def test_exact_laws(exponent):
    fit = scaling_exponent(X, 3 * X**exponent)
    assert (fit.value, fit.intercept) == pytest.approx((exponent, math.log(3)), abs=1e-12)
    assert fit.interval == pytest.approx((exponent, exponent), abs=1e-12)
    assert fit.points == 5


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_against_scipy(confidence):
    source = torch.Generator().manual_seed(3)
    y = X * torch.exp(0.1 * torch.randn(5, generator=source, dtype=torch.float64))
    fit = scaling_exponent(X, y, confidence)
    oracle = stats.linregress(X.log(), y.log())
    reach = stats.t.ppf(0.5 + confidence / 2, 3) * oracle.stderr
    assert fit.value == pytest.approx(oracle.slope, rel=1e-12)
    assert fit.intercept == pytest.approx(oracle.intercept, rel=1e-10)
    assert fit.interval == pytest.approx((oracle.slope - reach, oracle.slope + reach), rel=1e-10)


def test_the_interval_covers_as_often_as_it_says():
    source = torch.Generator().manual_seed(4)
    covered = 0
    for _ in range(400):
        y = X**0.5 * torch.exp(0.3 * torch.randn(5, generator=source, dtype=torch.float64))
        covered += scaling_exponent(X, y, 0.8).contains(0.5)
    assert stats.binomtest(covered, 400, 0.8).pvalue > 1e-3


def test_replicates_and_weights_are_repeated_points():
    y = torch.stack([X, 1.1 * X**1.1], 1)
    joint = scaling_exponent(X, y)
    listed = scaling_exponent(torch.cat([X, X]), torch.cat([y[:, 0], y[:, 1]]))
    assert (joint.value, joint.points) == (pytest.approx(listed.value), 10)
    weighted = scaling_exponent(X, y[:, 1], weights=[1.0, 1.0, 1.0, 1.0, 1e-12])
    assert weighted.value == pytest.approx(1.1)
    bent = y[:, 1].clone()
    bent[-1] = 1e9
    ignored = scaling_exponent(X, bent, weights=[1.0, 1.0, 1.0, 1.0, 1e-12])
    assert ignored.value == pytest.approx(1.1, abs=1e-6)


@pytest.mark.parametrize(
    ("x", "y", "options", "message"),
    [
        ([1.0, 2.0], [1.0, 2.0], {}, "got 2 points at 2 different x.*3 points"),
        ([2.0, 2.0, 2.0], [1.0, 2.0, 3.0], {}, "3 points at 1 different x"),
        ([1.0, 2.0, 0.0], [1.0, 2.0, 3.0], {}, "x must hold finite numbers above 0, got 0.0"),
        ([1.0, 2.0, 3.0], [1.0, math.inf, 3.0], {}, "y must hold.*got inf.*drop runs"),
        ([1.0, 2.0, 3.0], [1.0, math.nan, 3.0], {}, "y must hold.*got nan"),
        ([1.0, 2.0, 3.0], [1.0, 2.0], {}, r"x has shape \(3,\), y \(2,\)"),
        ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], {"confidence": 95}, r"\(0, 1\), got 95"),
        ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], {"weights": [1.0, 0.0, 1.0]}, "weights must hold"),
    ],
)
def test_messages(x, y, options, message):
    with pytest.raises(ValueError, match=message):
        scaling_exponent(x, y, **options)
