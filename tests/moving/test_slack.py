"""Slack: the rates are the library's radii, the marks the chapter's trained quadratics."""

import math

import pytest

from rootkappa import dynamics
from rootkappa.evidence.quadratics import TUNINGS, even
from tests.moving.conftest import data_of

NAMES = ("heavy ball", "nesterov")


def rate(name, kappa, share):
    method = TUNINGS[name](even(kappa))
    return (1 - float(dynamics.spectral_radius(method, [share / kappa]))) * math.sqrt(kappa)


@pytest.mark.parametrize("share", [0.05, 0.25, 0.5, 8 / 9, 1.0, 1.3])
@pytest.mark.parametrize("name", NAMES)
def test_rates_are_the_librarys(script, name, share):
    # At a kink the radius moves as a root of the eigenvalue, whose last digit is rounding.
    close = 1e-6 if share in (0.25, 8 / 9) else 1e-10
    found = script("slack").own("rate", name, 100, share)
    assert found == pytest.approx(rate(name, 100, share), abs=close)


@pytest.mark.parametrize("chapter", ["quadratics", "deep-linear"])
def test_what_was_trained_lies_on_the_lines(chapter):
    data = data_of("slack", chapter)
    for name in NAMES:
        assert len(data["runs"][name]) > 10
        for share, measured in data["runs"][name]:
            assert measured == pytest.approx(rate(name, data["kappa"], share), abs=2e-3)


@pytest.mark.parametrize(
    ("share", "promise"),
    [
        (1.0, "Both are"),
        (0.8, "Heavy ball is"),
        (0.1, "Neither is"),
    ],
)
def test_the_sentence_says_what_is_left_of_the_rates(script, share, promise):
    says = script("slack").show(data_of("slack", "quadratics"), share=share)["says"]
    ball, fast = (100 * rate(name, 100, share) / rate(name, 100, 1) for name in NAMES)
    assert f"Heavy ball has {ball:.3g} % of its rate, Nesterov {fast:.3g} %. {promise}" in says


def test_the_trace_is_the_mode_that_is_met(script):
    shown = script("slack").show(data_of("slack", "quadratics"), share=0.5)
    for name, mark in zip(NAMES, shown["panels"][1]["marks"], strict=True):
        method = TUNINGS[name](even(100))
        solved = dynamics.modal_response(method, [0.5 / 100], 240)[0].abs().clamp(min=1e-9)
        drawn = [height for _, height in mark["line"]]
        assert drawn == pytest.approx(solved.tolist(), abs=1e-10)
