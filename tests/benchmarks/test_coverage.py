"""A small part of the coverage benchmark: at 93 of 100, what is seen may not be too improbable."""

from __future__ import annotations

import pytest
from scipy import stats

from benchmarks import coverage
from benchmarks.coverage_laws import DECAYS, FRESH_DECAYS, POINTS
from benchmarks.coverage_runs import BROKEN, FRESH, SEEN, draw

SETTINGS = ("gradient descent, 25 steps", "Nesterov, 40 steps", "17 modes", "Nesterov, floor 1e-4")
REPETITIONS = 25


@pytest.mark.parametrize("word", SETTINGS)
def test_tail_factors_cover(word):
    (row, *_) = coverage.measure("tail", REPETITIONS, [word])
    told = REPETITIONS - row["cannot tell"]
    assert told > REPETITIONS / 2
    assert stats.binom.cdf(round(row["coverage"] * told), told, 0.93) > 1e-3


def test_what_breaks_the_assumptions_is_refused():
    rows = coverage.measure("broken", 2, ["5 %", "gradient noise", "offset"])
    assert [row["cannot tell"] for row in rows] == [2, 2, 2]


def test_exponents_cover():
    for row in coverage.measure("exponents", REPETITIONS):
        covered = round(row["coverage"] * REPETITIONS)
        assert stats.binom.cdf(covered, REPETITIONS, 0.93) > 1e-3


def test_long_runs_are_seldom_misjudged():
    rows = coverage.measure("long run", 2, ["t", "x^4"])
    assert sum(row["wrong"] for row in rows) == 0


def test_runs_depend_on_name_and_repetition_alone():
    setting = SEEN[0]
    one, same, other = draw(setting, 0), draw(setting, 0), draw(setting, 1)
    assert one.residuals.equal(same.residuals)
    assert not one.residuals.equal(other.residuals)


def test_names_are_unique():
    names = [entry.name for entry in SEEN + FRESH + BROKEN + POINTS + DECAYS + FRESH_DECAYS]
    assert len(set(names)) == len(names)


def test_the_table():
    rows = [
        {"setting": "a", "fresh": True, "coverage": None},
        {"setting": "b", "fresh": False, "coverage": 1},
    ]
    assert coverage.markdown(rows).splitlines() == [
        "| setting | coverage |",
        "| --- | --- |",
        "| a * |  |",
        "| b | 1 |",
    ]
