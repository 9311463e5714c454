"""Lemma 14 with its own numbers, and the three widths of Theorem 15."""

from __future__ import annotations

import math

import pytest

from rootkappa.problems import PartitionConstants
from rootkappa.theorems import PartitionNesterov
from rootkappa.theorems.liao2024provable import WideNetwork

# The network of depth 3 with n = 20, d0 = 10 and 32 units below the wide layer, seed 0.
WIDE = WideNetwork(
    X_norm=math.sqrt(200), Y_norm=4.465593, gram_min=0.009768072, gram_trace=3.990529,
    lambdas=(4.844168,), fan_in=32,
)  # fmt: skip


def test_three_widths():
    assert WideNetwork.printed_width(20, 10) == pytest.approx(7.2e7, rel=0.01)
    width = WIDE.required_width()
    assert width == pytest.approx(2.6e26, rel=0.02)
    assert WIDE.check(width).holds
    assert not WIDE.check(width * 0.999).holds
    assert WIDE.required_width(repaired=False) == math.inf
    assert WIDE.check(1e40, repaired=False)["K8"].needed == pytest.approx(5.2e2, rel=0.01)
    assert WIDE.check(1e40)["K8"].needed == pytest.approx(2.6e-14, rel=0.01)
    measured = PartitionConstants(19.3, 4469.6, 1, 1.001, 86.74)
    extrapolated = PartitionNesterov().extrapolated_width(2048, measured)
    assert extrapolated == pytest.approx(4.8e5, rel=0.02)


@pytest.mark.parametrize(("d0", "width"), [(2, 4**4.5 * 4), (3, 4**4.5 * 9)])
def test_either_n_or_the_square_of_d_decides_the_printed_width(d0, width):
    assert WideNetwork.printed_width(4, d0) == pytest.approx(width)


def test_lemma_14_with_its_own_numbers():
    norms = [4.844168, 2 * (1 + 8), 2 * 2048**-0.25]
    k = WideNetwork.lemma14(4.39, norms, math.sqrt(200), 4.5)
    reach = math.sqrt(200) * 4.844168 * 18
    assert (k.mu, k.L1) == pytest.approx((4.39**2 / 2, reach**2))
    assert pytest.approx(2048**-0.25) == k.R_x
    assert pytest.approx(4.844168 / 2 * (4.39 / (2 * math.sqrt(3) * reach)) ** 2) == k.R_u
    steep = math.sqrt(3) * reach / 4.844168
    assert pytest.approx((2 * k.R_x + k.R_u) * steep) == k.G1
    assert pytest.approx(((4 * k.R_x + k.R_u) * reach + 4.5) * steep) == k.G2


def test_the_least_layer_decides_the_radius():
    # Depth 3, reach 2 * 3 = 6; alpha = 3 gives alpha/(2 root reach) = 1/(4 root).
    root = math.sqrt(3)
    k = WideNetwork.lemma14(3.0, [3.0, 2.0, 0.5], 1.0, 1.0)
    assert pytest.approx(2 / 2 / 48) == k.R_u
    # The last layer does not count, however small.
    assert WideNetwork.lemma14(3.0, [2.0, 3.0, 0.5], 1.0, 1.0).R_u == pytest.approx(1 / 48)
    given = WideNetwork.lemma14(3.0, [3.0, 2.0, 0.5], 1.0, 1.0, R_u=0.7)
    assert given.R_u == 0.7
    assert pytest.approx(1.2 * root * 6 / 2) == given.G1


def test_constants_and_loss_at_a_width_by_hand():
    # fan-in 4 and width 16: the wide layer has norm 2 (1 + 2) = 6, the last 2 / 2 = 1.
    network = WideNetwork(5.0, 3.0, 0.25, 8.0, (2.0,), 4)
    k = network.constants(16)
    assert (k.mu, k.L1, k.R_x) == pytest.approx((16 * 0.25 / 2, (5 * 2 * 6) ** 2, 0.5))
    assert network.gap(16) == pytest.approx((9 + 8 / 4) / 2)


def test_the_repair_is_the_least_radius_that_is_allowed():
    report = WIDE.check(1e40)
    assert 1 <= report["K12"].slack < 1 + 1e-6
    # Where no radius is small enough, the lemma's own stays.
    assert WIDE.check(1e3) == WIDE.check(1e3, repaired=False)


BAD = [
    (lambda: WideNetwork.lemma14(1, [1], 1, 1), r"at least 2 layers, got 1: add others"),
    (lambda: WideNetwork.lemma14(1, [1, -1], 1, 1), r"lambda_2 must be .* above 0, got -1"),
    (lambda: WideNetwork.lemma14(0, [1, 1], 1, 1), r"alpha must be .* above 0, got 0"),
    (lambda: WIDE.constants(0), r"width must be .* above 0, got 0"),
    (lambda: WideNetwork(1, 1, 0, 1, (1,), 4), r"gram_min must be .* above 0, got 0"),
    (lambda: WideNetwork(1, 1, 1, 1, (0,), 4), r"lambda_1 must be .* above 0, got 0"),
    (lambda: WideNetwork(1, 1, 1, 1, (1,), 0), r"fan_in must be at least 1, got 0"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_numbers_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
