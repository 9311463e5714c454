"""Du, Zhai, Poczos and Singh by hand, and what every theorem on wide ReLU networks assumes."""

from __future__ import annotations

import pytest
import torch

from rootkappa import TwoLayerReLU, datasets
from rootkappa.theorems import ReluGradientDescent, ReluHeavyBall, ReluNesterov

DATA = datasets.sphere(d=8, n=10)


def test_numbers_by_hand(at_60_degrees):
    # lambda_0 = 1/3 and n = 2.
    theorem, model = ReluGradientDescent(), at_60_degrees()
    spectrum = theorem.spectrum(model)
    assert (spectrum.lambda_min, spectrum.lambda_max) == pytest.approx((1 / 3, 2 / 3))
    assert theorem.tuning(model).coefficients(0) == pytest.approx((1 / 12, 0, 0), rel=1e-12)
    assert theorem.rate(model) == pytest.approx((1, 1 - 1 / 72), rel=1e-12)
    assert theorem.required_width(model) == pytest.approx(2**6 * 3**4 / 0.1**3)


def test_samples_and_not_dimensions_count():
    # d = 8 and n = 10, so that n^2 = 100 and n^6 = 10^6.
    theorem, model = ReluGradientDescent(0.5), TwoLayerReLU(DATA.X, DATA.Y, 16)
    least = theorem.spectrum(model).lambda_min
    assert theorem.tuning(model).step_size == pytest.approx(least / 100, rel=1e-12)
    assert theorem.rate(model)[1] == pytest.approx(1 - least**2 / 200, rel=1e-12)
    assert theorem.required_width(model) == pytest.approx(10**6 / least**4 * 8, rel=1e-12)
    needed = theorem.check(model)["width of the theorem"]
    assert (needed.measured, needed.up_to_a_constant) == (16, True)


@pytest.fixture(params=[ReluGradientDescent(), ReluHeavyBall(), ReluNesterov()])
def theorem(request):
    return request.param


# What breaks one hypothesis each, of the four.
BROKEN = [{"initialisation": "antisymmetric"}, {"scaling": "mean-field"}, {"train_output": True},
          {"bias": True}]  # fmt: skip


@pytest.mark.parametrize("options", BROKEN)
def test_the_report_says_what_is_missing(theorem, at_60_degrees, options):
    assert theorem.check(at_60_degrees()).unmet == ("width of the theorem",)
    assert len(theorem.check(at_60_degrees(**options)).unmet) == 2


def test_a_network_that_is_wide_enough_meets_everything(theorem, at_60_degrees):
    wide = int(theorem.required_width(at_60_degrees())) + 1
    assert theorem.check(at_60_degrees(width=wide)).holds
    assert not theorem.check(at_60_degrees(width=wide - 2)).holds


def test_data_outside_the_theorem_are_refused(theorem):
    long = torch.cat([2 * DATA.X[:, :1], DATA.X[:, 1:]], 1)
    with pytest.raises(ValueError, match="unit norm, and input 0 has norm 2: divide"):
        theorem.spectrum(TwoLayerReLU(long, DATA.Y, 16))
    twice = DATA.X.clone()
    twice[:, 7] = twice[:, 2]
    with pytest.raises(ValueError, match=r"inputs 2 and 7 are parallel .* drop one"):
        theorem.check(TwoLayerReLU(twice, DATA.Y, 16))
