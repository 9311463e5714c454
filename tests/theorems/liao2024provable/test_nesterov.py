"""Theorem 7 as a certificate, against reference values of another program."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa import AdditiveModel
from rootkappa.problems import PartitionConstants
from rootkappa.theorems import PartitionNesterov

ROOT = math.sqrt(20)
# mu, L1, L2, G1, G2, c: beta, gamma, lambda, Q1, K3 to K10, computed once in another program.
REFERENCE = [
    ((1, 20, 1, 0.02, 0.02 * ROOT, 0.25),
     (0.8129839958, 0.02875456422, 0.08876794255, 0.2735353275),
     (0.4470047632, 0.9720491503, 0.609570655, 0.7335336439, 0.4803044614, 0.9894883635,
      1.252646e-5, 1.391084e-7)),
    ((1, 100, 1, 0.01, 0.1, 0.25),
     (0.908045977, 0.01265822785, 0.03845740398, 0.2777636726),
     (0.5029611602, 0.9875, 0.6180273453, 0.8605774839, 0.508361464, 3.433140886,
      1.777688e-6, 3.95e-9)),
    ((2, 50, 3, 0.01, 0.03, 0.2),
     (0.8453250249, 0.02040816327, 0.06248246904, 0.4411200082),
     (0.4259914224, 0.8166666667, 0.4911200082, 0.773871491, 0.4866344765, 0.05509929476,
      9.528192e-8, 1.764e-8)),
    ((1, 20, 1, 0.02, 0.02 * ROOT, 1),
     (0.6785669721, 0.1258768596, 0.427160047, 1.008618166),
     (math.inf, math.inf, 2.267236332, 0.6012064368, 0.4699647181, 0.1069641022,
      4.618934e-5, 1.271084e-7)),
]  # fmt: skip


def _check(c=0.25, **constants):
    return PartitionNesterov(c).check(PartitionConstants(**constants))


@pytest.mark.parametrize(("problem", "numbers", "left"), REFERENCE)
def test_the_certificate_reproduces_the_reference(problem, numbers, left):
    *constants, c = problem
    theorem, constants = PartitionNesterov(c), PartitionConstants(*constants)
    found = theorem.numbers(constants)
    assert (found.beta, found.gamma, found.lam, found.Q1) == pytest.approx(numbers, rel=1e-9)
    report = theorem.check(constants)
    ours = [report[f"K{index}"].needed for index in range(3, 11)]
    assert ours == pytest.approx(left, rel=2e-7)
    assert report.holds is all(ratio <= 1 for ratio in left)
    slacks = [report[f"K{index}"].slack for index in range(3, 11)]
    assert slacks == pytest.approx([1 / ratio for ratio in left], rel=1e-6)


def test_the_domain_is_checked_before_everything_else():
    # For kappa = 1.0001 and c = 1: beta = 3/11 and lambda = 6.98, so that beta lambda > 1.
    report = _check(1.0, mu=1, L1=1.0001, L2=1, G1=0, G2=0)
    p = PartitionNesterov(1.0).numbers(PartitionConstants.strongly_convex(1, 1.0001))
    assert report["K0"].needed == pytest.approx(p.beta * p.lam)
    assert p.beta * p.lam > 1 > p.beta / math.sqrt(p.rate)
    assert not any(item.holds for item in report.hypotheses[:11])
    # At kappa = 20 and c = 1/4 the other one decides: beta / sqrt(r) = 0.82 > beta lambda = 0.07.
    wide = _check(mu=1, L1=20, L2=1, G1=0, G2=0)
    assert wide["K0"].needed == pytest.approx(0.8129839958 / math.sqrt(1 - 0.25 / (4 * ROOT)))


@pytest.mark.parametrize("kappa", [20, 100, 1000, 1e4])
def test_the_certified_perturbation_is_0_13_kappa_to_minus_five_eighths(kappa):
    theorem = PartitionNesterov()
    threshold = theorem.largest_perturbation(kappa)
    assert threshold * kappa**0.625 == pytest.approx(0.13, abs=0.001)
    assert threshold == pytest.approx(theorem.limit_perturbation(kappa), rel=0.01)
    inside, outside = (
        PartitionConstants.additive(1, math.sqrt(kappa), f * threshold) for f in (1, 1.01)
    )
    assert theorem.check(inside).holds
    report = theorem.check(outside)
    assert report.unmet == ("K8: the motion of u fits into the slack of the Lyapunov step",)
    assert report.binding.name == "K8"


def test_no_perturbation_is_certified_where_c_is_too_large():
    assert PartitionNesterov(1.0).largest_perturbation(20) == 0


def test_c_is_a_quarter_exactly_and_2e_minus_4_as_printed():
    for kappa in (1.01, 2, 20, 1e3, 1e6):
        top = PartitionNesterov.largest_c(kappa)
        assert top > 0.25
        plain = {"mu": 1, "L1": kappa, "L2": 1, "G1": 0, "G2": 0}
        assert _check(0.25, **plain).holds
        assert _check(top, **plain).holds
        assert _check(top * 1.001, **plain).binding.name == "K4"
    assert PartitionNesterov.largest_c(20) == pytest.approx(0.257189, abs=1e-6)
    assert PartitionNesterov.printed_largest_c(1e8) == pytest.approx((10 / 81) ** 4, rel=1e-4)
    assert PartitionNesterov.printed_largest_c(20) < 2.33e-4


def test_the_best_c_is_the_largest_or_none():
    weak, strong = (PartitionConstants.additive(1, ROOT, G1) for G1 in (0.02, 0.03))
    assert PartitionNesterov.best(weak).c == pytest.approx(PartitionNesterov.largest_c(20))
    assert PartitionNesterov.best(strong) is None


def test_the_margins_do_not_depend_on_units():
    one = PartitionConstants(1, 20, 1, 0.02, 0.09, R_x=3.0, R_u=5.0)
    s = 7.0
    two = PartitionConstants(s**2, 20 * s**2, 1, 0.02 * s, 0.09 * s**2, R_x=3 / s, R_u=5 / s)
    reports = [PartitionNesterov().check(constants, gap=2.0) for constants in (one, two)]
    for a, b in zip(*(report.hypotheses for report in reports), strict=True):
        assert a.slack == pytest.approx(b.slack, rel=1e-10)


def test_needed_radii_are_those_of_condition_five():
    k, gap = PartitionConstants(2, 50, 3, 0.01, 0.03, R_x=70.0, R_u=3.0), 1.7
    theorem = PartitionNesterov(0.2)
    p = theorem.numbers(k)
    front = 36 / 0.2 * math.sqrt(25 * p.eta * 4 * gap)
    tail = 0.01 * math.sqrt(3 * (1 + p.beta) ** 3 / (2 * p.beta * (1 - p.beta) ** 3))
    radii = (front / math.sqrt(1 - p.beta), front * tail)
    assert theorem.needed_radii(k, gap) == pytest.approx(radii)
    report = theorem.check(k, gap)
    assert report["K11"].slack == pytest.approx(70 / radii[0])
    assert report["K12"].slack == pytest.approx(3 / radii[1])


def test_the_printed_condition_falls_with_the_powers_of_kappa():
    theorem = PartitionNesterov(1.0)
    one, two = (
        theorem.printed_condition(PartitionConstants(1, kappa, 1, 0.1, 0.1)) for kappa in (1e6, 1e8)
    )
    assert two[0] / one[0] == pytest.approx(1e3, rel=0.01)  # G1^4 <= kappa^(-3/2)
    assert two[1] / one[1] == pytest.approx(1e3, rel=0.01)  # G1^2 G2^2 <= kappa^(-3/2)
    # (1 - beta)/(1 + beta) = 8/(8 sqrt(kappa) + 6) at c = 1: by hand for kappa = 4, 8/22.
    k, damping = PartitionConstants(2, 8, 3, 0.1, 0.2), 8 / 22
    first = 1e-4 / (5 * 4 / (3 * 16) * damping**3)
    second = 4e-4 / (7 * 8 / (3 * 4 * 2) * damping**2)
    assert theorem.printed_condition(k, C1=5, C2=7) == pytest.approx((first, second))


@pytest.mark.parametrize("kappa", [1.01, 1.5, 3, 20, 1e4])
@pytest.mark.parametrize("c", [1e-3, 0.25, 1.0])
@pytest.mark.parametrize(("L2", "G1", "G2"), [(1, 0.1, 0), (1e-9, 1e-4, 1e4), (1e6, 1e-9, 1e-9)])
def test_k8_implies_k9_and_k10(kappa, c, L2, G1, G2):
    constants = PartitionConstants(1, kappa, L2, G1, G2)
    report, p = PartitionNesterov(c).check(constants), PartitionNesterov(c).numbers(constants)
    if not report["K0"].holds:
        return
    s = (L2 + 1) * p.beta * ((1 + p.beta) / (1 - p.beta)) ** 3 / p.gamma
    assert s > 1
    assert report["K8"].needed >= 1.5 * s * report["K9"].needed * (1 - 1e-12)
    assert report["K8"].needed >= 3 * s * report["K10"].needed * (1 - 1e-12)


def test_the_extrapolated_width_is_where_k8_becomes_an_equality():
    # G1 and G2 that fall as width^(-3/4), and so K8 as width^(-3).
    def constants(width):
        return PartitionConstants(1, 20, 1, width**-0.75, 3 * width**-0.75)

    theorem = PartitionNesterov()
    for width in (10.0, 1e3):
        found = theorem.extrapolated_width(width, constants(width))
        assert theorem.check(constants(found))["K8"].needed == pytest.approx(1, rel=1e-9)


def test_the_worst_ratio_is_read_at_the_iterates():
    model = AdditiveModel.drawn(torch.tensor([4.0, 2.0, 1.0], dtype=torch.float64), 0.3)
    theorem = PartitionNesterov(1.0)
    trace = theorem.follow(model, model.initialise([0, 1]), 30)
    found = theorem.worst_ratio(model.constants, trace)
    shares = trace.loss / trace.loss[:, :1] / theorem.bound(model.constants, 30)
    assert found.tolist() == pytest.approx(shares[:, 1:].amax(1).tolist())


BAD = [
    (lambda: _check(mu=0, L1=1, L2=1, G1=0, G2=0), r"mu must be above 0, got 0: .* does not apply"),
    (lambda: _check(mu=1, L1=0.5, L2=1, G1=0, G2=0), r"L1 must be .* at least 1, got 0.5"),
    (lambda: _check(mu=1, L1=2, L2=-1, G1=0, G2=0), r"L2 must be .* above 0, got -1"),
    (lambda: _check(mu=1, L1=2, L2=1, G1=-0.1, G2=0), r"G1 must be .* at least 0, got -0.1"),
    (lambda: _check(mu=1, L1=2, L2=1, G1=0, G2=-0.1), r"G2 must be .* at least 0, got -0.1"),
    (lambda: _check(mu=1, L1=2, L2=1, G1=0, G2=0, R_x=0), r"R_x must be above 0, got 0: use"),
    (lambda: PartitionNesterov(0), r"c must lie in \(0, 1\], got 0"),
    (lambda: PartitionNesterov(1.5), r"c must lie in \(0, 1\], got 1.5"),
    (lambda: PartitionNesterov.largest_c(0.5), r"kappa must be .* at least 1, got 0.5"),
    (lambda: PartitionNesterov().limit_perturbation(math.nan), r"kappa must be .* got nan"),
    (
        lambda: PartitionNesterov().check(PartitionConstants.strongly_convex(1, 2), gap=-1),
        r"gap must be .* at least 0, got -1: give f_0",
    ),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_constants_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_an_unknown_inequality_is_named_with_its_neighbours():
    report = _check(mu=1, L1=2, L2=1, G1=0, G2=0)
    with pytest.raises(KeyError, match=r"Theorem 7 has no hypothesis 'K99': did you mean 'K9'"):
        report["K99"]
