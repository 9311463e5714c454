"""Slack has one direction, and a report finds what it is asked for."""

from __future__ import annotations

import math

import pytest

from rootkappa.theorems import Hypothesis, Report

INF, NAN = math.inf, math.nan
# needed, measured, slack
SLACKS = [
    (2.0, 3.0, 1.5),
    (3.0, 2.0, 2 / 3),
    (2.0, 2.0, 1.0),
    (1.0, 1 - 1e-13, 1.0),
    (1.0, 1 - 1e-11, 1 - 1e-11),
    (0.0, 0.0, INF),
    (0.0, -1.0, 0.0),
    (1.0, -1.0, 0.0),
    (-1.0, 0.0, INF),
    (INF, 1.0, 0.0),
    (INF, INF, INF),
    (1.0, INF, INF),
    (NAN, 1.0, 0.0),
    (1.0, NAN, 0.0),
    (True, True, INF),
    (True, False, 0.0),
]


@pytest.mark.parametrize(("needed", "measured", "slack"), SLACKS)
def test_slack_is_at_least_one_exactly_if_the_hypothesis_holds(needed, measured, slack):
    found = Hypothesis("h", needed, measured)
    assert found.slack == slack
    assert found.holds is (slack >= 1)


REPORT = Report(
    "A theorem",
    (
        Hypothesis("K1", 0.5, 1.0, "a role"),
        Hypothesis("K2", 1.0, 0.25, "another", up_to_a_constant=True),
        Hypothesis("K10", 1.0, 0.5),
        Hypothesis("a fact", True, True),
    ),
)


def test_a_report_knows_what_fails_and_what_binds():
    assert not REPORT.holds
    assert REPORT.unmet == ("K2: another", "K10")
    assert REPORT.binding.name == "K2"
    assert Report("All hold", REPORT.hypotheses[::3]).holds
    assert str(REPORT) == (
        "A theorem\n"
        "  holds: K1: a role: needs 0.5, has 1\n"
        "  fails: K2: another: needs 1 (times an unknown constant), has 0.25\n"
        "  fails: K10: needs 1, has 0.5\n"
        "  holds: a fact"
    )


def test_a_hypothesis_is_found_by_its_name():
    assert REPORT["K10"].measured == 0.5
    with pytest.raises(KeyError, match=r"no hypothesis 'K99': use one of K1, K2, K10, a fact"):
        REPORT["K99"]
    with pytest.raises(KeyError, match=r"no hypothesis 'K11': did you mean 'K1'"):
        REPORT["K11"]
    with pytest.raises(KeyError, match=r"no hypothesis 8: use one of K1, K2, K10, a fact"):
        REPORT[8]


@pytest.mark.parametrize("needed", [0.25, 1.0, 3.0, 1e-300, 1e300])
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0, 2.0])
def test_slack_is_a_quotient_that_has_no_unit(needed, share):
    found = Hypothesis("h", needed, share * needed)
    assert found.slack == pytest.approx(share)
    assert found.holds is (share >= 1)


@pytest.mark.parametrize(("below", "holds"), [(0.0, True), (0.9e-12, True), (1.1e-12, False)])
def test_rounding_is_forgiven_up_to_1e_minus_12(below, holds):
    found = Hypothesis("h", 4.0, 4.0 * (1 - below))
    assert found.holds is holds
    assert (found.slack == 1) is holds


def test_words_are_the_name_and_its_role():
    assert Hypothesis("K1", 1.0, 1.0).words == "K1"
    assert Hypothesis("K1", 1.0, 1.0, "a role").words == "K1: a role"


@pytest.mark.parametrize(
    ("hypothesis", "text"),
    [
        (Hypothesis("a fact", True, False), "fails: a fact"),
        (Hypothesis("width", 1234567.0, 2e9), "holds: width: needs 1.23e+06, has 2e+09"),
        (Hypothesis("ball", math.inf, 1.0), "fails: ball: needs inf, has 1"),
        (Hypothesis("w", 2.0, 1.0, "why", True),
         "fails: w: why: needs 2 (times an unknown constant), has 1"),
    ],
)  # fmt: skip
def test_a_hypothesis_is_printed_in_a_line(hypothesis, text):
    assert str(hypothesis) == text
    assert str(Report("T", (hypothesis,))) == f"T\n  {text}"


def test_of_two_that_bind_alike_the_first_is_named():
    report = Report("T", tuple(Hypothesis(name, 2.0, 1.0) for name in "ab"))
    assert report.binding.name == "a"
    assert report.unmet == ("a", "b")


def test_a_report_without_hypotheses_holds():
    empty = Report("T", ())
    assert empty.holds
    assert (empty.unmet, str(empty)) == ((), "T")
    with pytest.raises(KeyError, match="T has no hypothesis 'K1'"):
        empty["K1"]
