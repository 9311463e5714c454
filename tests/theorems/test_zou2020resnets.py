"""Theorems on linear residual networks: numbers by hand, replicas that decide, corollaries."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rootkappa import Batches, LinearResNet, datasets, train
from rootkappa.theorems import ResNetGradientDescent, ResNetStochasticGradientDescent

KAPPA = 9.0
DATA = datasets.gaussian(d=5, k=3, n=20, kappa=KAPPA).reduced()
DEPTH, SCALE = 4, 3.0


def _network(width=8, scale=SCALE, data=DATA):
    return LinearResNet.modified_identity(data.X, data.Y, width, DEPTH, scale, scale)


def _gaussian(width, seeds=(0,)):
    return LinearResNet.gaussian(DATA.X, DATA.Y, width, DEPTH, seeds, SCALE, SCALE)


def test_theorem_31_has_the_numbers_of_its_formulas():
    # sigma_max(X) = 1 and sigma_min(X)^2 = 1/9; B A = 0, so the loss at the start is ||Y||^2 / 2.
    theorem, model = ResNetGradientDescent(), _network()
    loss = float(DATA.Y.square().sum()) / 2
    inner = SCALE**2
    eta = 0.1 / (DEPTH * inner * (math.sqrt(loss) + inner))
    assert theorem.tuning(model).step_size == pytest.approx(eta, rel=1e-12)
    factor = 1 - eta * DEPTH * inner**2 / KAPPA / math.e
    assert theorem.rate(model) == pytest.approx((1, factor), rel=1e-12)
    assert theorem.margin(model) == pytest.approx(inner / KAPPA / math.sqrt(loss), rel=1e-10)


def test_each_replica_decides_one_of_the_sizes(two_replicas):
    # Products of extremes: 1 * 5 and 3 * 1, times sigma_r(X) = 1; 2 * 6 and 4 * 7, times 3. The
    # outputs at the start are diag(36, 5) and diag(84, 3), the labels diag(-90, 1).
    spectrum = ResNetGradientDescent().spectrum(two_replicas)
    assert (spectrum.lambda_min, spectrum.lambda_max) == pytest.approx((5 * 3**2, 5 * 84**2))
    start = (174**2 + 2**2) / 2
    assert ResNetGradientDescent().margin(two_replicas) == pytest.approx(9 / (84 * start**0.5))
    swapped = two_replicas.select([1, 0])
    assert ResNetGradientDescent().spectrum(swapped) == spectrum
    alone = two_replicas.select([0])
    assert ResNetGradientDescent().spectrum(alone).lambda_min == pytest.approx(5 * 5**2)
    assert ResNetGradientDescent().margin(alone) == pytest.approx(
        25 / (36 * math.sqrt((126**2 + 4**2) / 2))
    )


def test_a_map_that_loses_a_direction_has_no_least_singular_value():
    # Inputs of dimension 5 and outputs of dimension 3, and the other way round.
    for X, Y in ((DATA.X, DATA.Y), (DATA.Y, DATA.X)):
        for width, holds in ((4, False), (5, True)):
            A = torch.eye(width, len(X), dtype=torch.float64)[None] * 9
            B = torch.eye(len(Y), width, dtype=torch.float64)[None] * 9
            model = LinearResNet(X, Y, A, B, DEPTH)
            assert (ResNetGradientDescent().margin(model) > 0) is holds


def test_the_bound_for_sgd_holds_on_runs():
    theorem = ResNetStochasticGradientDescent(step_constant=1.0, batch_size=5)
    model = _network()
    batches = Batches(5, range(4))
    start = model.initialise(range(4))
    run = train(model, theorem.tuning(model), start, 1000, batches=batches)
    assert float(theorem.worst_ratio(model, run).max()) <= 1


def test_the_step_of_sgd_by_hand():
    # n = 5 after the reduction, kappa = 9 and Lambda = 4 * 81 with s_A s_B = 9.
    theorem = ResNetStochasticGradientDescent(0.5, delta=0.2, batch_size=2, steps=100)
    eta = 0.5 * (2 / 5) ** 2 / (9 * 4 * 81 * math.log(500))
    assert theorem.tuning(_network()).step_size == pytest.approx(eta, rel=1e-10)
    assert theorem.rate(_network()) == pytest.approx((2, 1 - eta * 36 / math.e), rel=1e-10)
    condition = theorem.check(_network())["condition Z b/n >= C"]
    assert condition.slack == pytest.approx(2 / 5 * ResNetGradientDescent().margin(_network()))


def test_the_condition_and_the_hidden_weights_are_checked():
    identity = LinearResNet.identity(DATA.X, DATA.Y, 8, DEPTH)
    theorem = ResNetGradientDescent()
    assert theorem.check(identity).unmet == ("condition Z >= C of the theorem",)
    assert theorem.check(_network(scale=20.0)).holds
    moved = LinearResNet(DATA.X, DATA.Y, identity.A, identity.B, DEPTH, hidden_scale=0.1)
    assert "hidden weights start at zero" in theorem.check(moved).unmet


def test_the_corollary_is_the_condition_for_the_modified_identity():
    theorem = ResNetGradientDescent()
    for scale in (0.1, 3.0, 20.0):
        model = _network(scale=scale)
        line = theorem.corollary(model)["scale of the corollary"]
        assert line.slack == pytest.approx(theorem.margin(model), rel=1e-9)
        assert theorem.corollary(model).holds is theorem.check(model).holds
    # ||X|| ||W* X||_F / (sqrt(2) sigma_r(X)^2) = 1 * ||Y|| * 9 / sqrt(2), and s_A s_B = 400.
    assert line.needed == pytest.approx(9 * float(DATA.Y.norm()) / math.sqrt(2))
    assert line.measured == pytest.approx(400)


def test_the_corollary_for_gaussian_maps_asks_for_a_width():
    # k r kappa^2 + d + k = 3 * 5 * 81 + 8.
    report = ResNetGradientDescent().corollary(_gaussian(1223))
    assert report["width of the corollary"].needed == pytest.approx(1223)
    assert report.holds
    assert not ResNetGradientDescent().corollary(_gaussian(1222)).holds
    assert report.theorem == "Zou, Long and Gu (2020), corollary on gaussian maps"
    given = LinearResNet.identity(DATA.X, DATA.Y, 8, DEPTH)
    assert ResNetGradientDescent().corollary(given).unmet == ("gaussian maps or modified identity",)


def test_noise_that_cannot_be_interpolated_is_a_report_and_not_an_error():
    theorem = ResNetStochasticGradientDescent()
    reason = "a linear map fits all labels (no noise)"
    for noise in (0.0, 0.1):
        data = datasets.gaussian(d=5, k=3, n=20, kappa=KAPPA, noise=noise)
        report = theorem.check(_network(data=data))
        assert (reason in report.unmet) == (noise > 0)
    assert f"fails: {reason}" in str(report)


def test_which_conditions_are_up_to_a_constant():
    open_ones = {
        item.name: item.up_to_a_constant
        for report in (
            ResNetGradientDescent().check(_network()),
            ResNetStochasticGradientDescent().check(_network()),
            ResNetGradientDescent().corollary(_network()),
            ResNetGradientDescent().corollary(_gaussian(9)),
        )
        for item in report.hypotheses
    }
    assert open_ones == {
        "hidden weights start at zero": False,
        "condition Z >= C of the theorem": True,
        "condition Z b/n >= C": True,
        "a linear map fits all labels (no noise)": False,
        "width at least d + k": False,
        "scale of the corollary": True,
        "width of the corollary": True,
    }


@pytest.mark.parametrize(("width", "holds"), [(7, False), (8, True), (9, True)])
def test_the_modified_identity_needs_room_for_both_spaces(width, holds):
    A = torch.eye(width, 5, dtype=torch.float64)[None] * 30
    B = torch.eye(3, width, dtype=torch.float64).flip(1)[None] * 30
    model = LinearResNet(DATA.X, DATA.Y, A, B, DEPTH, maps="modified identity")
    assert ResNetGradientDescent().corollary(model)["width at least d + k"].holds is holds


def test_numbers_are_kept_as_numbers():
    theorem = ResNetStochasticGradientDescent(torch.tensor(0.5), np.float32(0.25), np.int64(2), 1e3)
    kept = (theorem.step_constant, theorem.delta, theorem.batch_size, theorem.steps)
    assert kept == (0.5, 0.25, 2, 1000)
    assert [type(number) for number in kept] == [float, float, int, int]


BAD = [
    (lambda: ResNetGradientDescent(0), r"step_constant must be .* above 0, got 0"),
    (lambda: ResNetStochasticGradientDescent(batch_size=0), r"batch size must be at least 1"),
    (lambda: ResNetStochasticGradientDescent(steps=0), r"steps must be at least 1, got 0"),
    (lambda: ResNetStochasticGradientDescent(delta=1), r"delta must lie .* got 1: try 0.1"),
    (
        lambda: ResNetStochasticGradientDescent(batch_size=99).tuning(_network()),
        r"batch size 99 exceeds n = 5 samples: lower it",
    ),
    (
        lambda: ResNetStochasticGradientDescent(batch_size=6).check(_network()),
        r"batch size 6 exceeds n = 5 samples: lower it",
    ),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_numbers_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("scale", [1.0, 3.0, 20.0])
def test_the_condition_is_met_from_a_margin_of_1_on(scale):
    model = _network(scale=scale)
    plain = ResNetGradientDescent().check(model)["condition Z >= C of the theorem"]
    margin = ResNetGradientDescent().margin(model)
    assert (plain.needed, plain.measured) == (1.0, margin)
    assert plain.holds is (margin >= 1)
    # With b of n = 5 samples a batch, so much less.
    noisy = ResNetStochasticGradientDescent(batch_size=2).check(model)["condition Z b/n >= C"]
    assert (noisy.needed, noisy.measured) == (1.0, pytest.approx(2 / 5 * margin))


@pytest.mark.parametrize("depth", [1, 2, 9])
def test_the_margin_does_not_depend_on_the_depth(depth):
    # Hidden weights start at zero, so that outputs and singular values are those of B A.
    model = LinearResNet.modified_identity(DATA.X, DATA.Y, 8, depth, SCALE, SCALE)
    assert ResNetGradientDescent().margin(model) == pytest.approx(
        ResNetGradientDescent().margin(_network()), rel=1e-12
    )
    eta = ResNetGradientDescent().tuning(model).step_size
    assert eta * depth == pytest.approx(
        ResNetGradientDescent().tuning(_network()).step_size * DEPTH, rel=1e-12
    )


@pytest.mark.parametrize("constant", [0.01, 0.1, 1.0])
def test_the_step_is_proportional_to_its_open_constant(constant):
    model = _network()
    for kind in (ResNetGradientDescent, ResNetStochasticGradientDescent):
        one, other = kind(1.0), kind(constant)
        assert other.tuning(model).step_size == pytest.approx(
            constant * one.tuning(model).step_size
        )
        assert 1 - other.rate(model)[1] == pytest.approx(constant * (1 - one.rate(model)[1]))


@pytest.mark.parametrize(("batch_size", "steps"), [(1, 10), (2, 1000), (5, 10)])
def test_the_step_of_sgd_counts_batches_and_steps(batch_size, steps):
    # (b/n)^2 / log(T/delta), with n = 5 and delta = 1/10; a batch of all samples is allowed.
    reference = ResNetStochasticGradientDescent(batch_size=1, steps=1).tuning(_network()).step_size
    theorem = ResNetStochasticGradientDescent(batch_size=batch_size, steps=steps)
    share = batch_size**2 * math.log(10) / math.log(10 * steps)
    assert theorem.tuning(_network()).step_size == pytest.approx(share * reference, rel=1e-10)
    assert theorem.rate(_network())[0] == 2


KINDS = [
    (lambda: ResNetGradientDescent("0.1"), "step_constant must be a number, got '0.1'"),
    (lambda: ResNetStochasticGradientDescent(batch_size=1.5), "batch size must be a whole number"),
    (lambda: ResNetStochasticGradientDescent(steps=None), "steps must be a whole number, got None"),
    (lambda: ResNetStochasticGradientDescent(delta="0.1"), "delta must be a number, got '0.1'"),
    (lambda: ResNetGradientDescent().check(3.0), "takes a LinearResNet here, got float: give one"),
]


@pytest.mark.parametrize(("call", "message"), KINDS)
def test_other_kinds(call, message):
    with pytest.raises(TypeError, match=message):
        call()


@pytest.mark.parametrize("scale", [1e-5, 1.0, 1e5])
@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_noise_is_judged_by_the_size_of_the_labels(scale, noise):
    data = datasets.gaussian(d=5, k=3, n=20, kappa=KAPPA, noise=noise)
    model = LinearResNet.modified_identity(data.X, scale * data.Y, 8, DEPTH, SCALE, SCALE)
    line = ResNetStochasticGradientDescent().check(model)["a linear map fits all labels (no noise)"]
    assert line.holds is (noise == 0)
