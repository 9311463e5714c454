"""Lemma 14 with its own numbers, and the three widths of Theorem 15."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

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


@pytest.mark.parametrize(("d0", "width"), [(1, 4**4.5 * 4), (3, 4**4.5 * 9)])
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
    # Where no radius is large enough, or only one beyond the lemma's, the lemma's own stays.
    for width in (1e3, 10**20.5):
        assert WIDE.check(width) == WIDE.check(width, repaired=False)


BAD = [
    (lambda: WideNetwork.lemma14(1, [1], 1, 1), r"at least 2 layers, got 1: add others"),
    (lambda: WideNetwork.lemma14(1, [1, -1], 1, 1), r"lambda_2 must be .* above 0, got -1"),
    (lambda: WideNetwork.lemma14(1, [1, 1], 1, 1, R_u=-1), r"R_u must be .* above 0, got -1"),
    (lambda: WideNetwork.lemma14(0, [1, 1], 1, 1), r"alpha must be .* above 0, got 0"),
    (lambda: WIDE.constants(0), r"width must be .* above 0, got 0"),
    (lambda: WIDE.gap(0), r"width must be .* above 0, got 0"),
    (lambda: WIDE.gap(-4), r"width must be .* above 0, got -4"),
    (lambda: WIDE.check(0), r"width must be .* above 0, got 0"),
    (lambda: WideNetwork(1, 1, 0, 1, (1,), 4), r"gram_min must be .* above 0, got 0"),
    (lambda: WideNetwork(1, 1, 1, 1, (0,), 4), r"lambda_1 must be .* above 0, got 0"),
    (lambda: WideNetwork(1, 1, 1, 1, (1,), 0), r"fan_in must be at least 1, got 0"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_numbers_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: WideNetwork.lemma14(1, 3.0, 1, 1),
            r"lambdas must be a sequence, got 3.0: give one",
        ),
        (lambda: WideNetwork.lemma14(1, [1, "2"], 1, 1), r"lambda_2 must be a number, got '2'"),
        (lambda: WideNetwork.lemma14(None, [1, 1], 1, 1), r"alpha must be a number, got None"),
        (lambda: WideNetwork(1, 1, 1, 1, (1,), 2.5), r"fan_in must be a whole number, got 2.5"),
        (lambda: WideNetwork(1, "1", 1, 1, (1,), 2), r"Y_norm must be a number, got '1'"),
        (lambda: WideNetwork.printed_width(2.5, 3), r"n must be a whole number, got 2.5"),
    ],
)
def test_other_kinds_are_refused(call, message):
    with pytest.raises(TypeError, match=message):
        call()


@pytest.mark.parametrize("place", range(2, 4))
def test_norms_of_the_data_are_above_0(place):
    numbers = [1.0, [1.0, 1.0], 1.0, 1.0]
    numbers[place] = 0.0
    with pytest.raises(
        ValueError, match=rf"{('X', 'Y')[place - 2]}_norm must be .* above 0, got 0"
    ):
        WideNetwork.lemma14(*numbers)
    with pytest.raises(ValueError, match="d0 must be at least 1, got 0"):
        WideNetwork.printed_width(3, 0)


def test_a_radius_in_the_call_replaces_that_of_the_lemma():
    plain, small = WIDE.constants(1e6), WIDE.constants(1e6, R_u=1e-9)
    assert small.R_u == 1e-9
    assert (small.mu, small.L1, small.L2, small.R_x) == (plain.mu, plain.L1, plain.L2, plain.R_x)
    assert small.G1 < plain.G1
    assert small.G2 < plain.G2


def test_a_wider_network_has_smaller_constants_of_its_hidden_part():
    # With the ball at 0: G1/sqrt(mu) and G2/mu fall as width^(-3/4) and width^(-1/4) at most.
    shares = []
    for width in (1e12, 1e16):
        k = WIDE.constants(width, R_u=1e-30)
        shares.append((k.G1 / k.mu**0.5, k.mu / width, k.L1 / width, k.R_x))
    assert shares[0][0] / shares[1][0] == pytest.approx(10.0, rel=1e-3)
    assert shares[0][1] == pytest.approx(shares[1][1], rel=1e-12)
    assert shares[0][2] == pytest.approx(shares[1][2], rel=1e-4)
    assert shares[0][3] / shares[1][3] == pytest.approx(10.0)


@pytest.mark.parametrize("width", [1.0, 256.0, 1e12])
def test_the_loss_at_the_start_tends_to_that_of_no_output(width):
    # Half of 4.465593^2, and half of the trace over the root of the width.
    assert WIDE.gap(width) == pytest.approx(4.465593**2 / 2 + 3.990529 / 2 / width**0.5)


def test_a_smaller_constant_may_ask_for_another_width():
    widths = [WIDE.required_width(c) for c in (0.1, 0.25)]
    for c, width in zip((0.1, 0.25), widths, strict=True):
        assert WIDE.check(width, c).holds
        assert not WIDE.check(0.99 * width, c).holds
    # Where the proof has no room at all, no width is enough.
    assert WIDE.required_width(1.0) == math.inf


def test_numbers_are_kept_as_numbers():
    network = WideNetwork(1, np.float32(2), torch.tensor(3), 4, [5, 6], np.int64(7))
    assert (network.X_norm, network.Y_norm, network.gram_min, network.gram_trace) == (1, 2, 3, 4)
    assert (network.lambdas, network.fan_in) == ((5.0, 6.0), 7)
    assert type(network.X_norm) is type(network.lambdas[0]) is float
    assert type(network.fan_in) is int
    assert hash(network) == hash(WideNetwork(1, 2, 3, 4, (5, 6), 7))
