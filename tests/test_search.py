"""The bisection against statements whose end is known."""

from __future__ import annotations

import math

import pytest

from rootkappa._search import last_true, last_true_step


@pytest.mark.parametrize("end", [1e-9, 0.3, 1.0, 7.5])
def test_the_end_of_an_interval(end):
    found = last_true(lambda x: x <= end, 0.0, 8.0)
    assert found <= end
    assert found == pytest.approx(end, abs=8 * 2**-52)


def test_it_stops_where_floats_end_and_keeps_the_side_that_holds():
    tried = []
    assert last_true(lambda x: tried.append(x) or x <= 1.0, 1.0, math.nextafter(1, 2)) == 1.0
    assert tried == []
    assert last_true(lambda x: x < 3, 0.0, 8.0, rounds=3) == 2.0


@pytest.mark.parametrize("at_once", [1, 2, 5, 32])
@pytest.mark.parametrize("farthest", [1, 2, 3, 8, 1000])
def test_the_last_step_is_exact(farthest, at_once):
    for end in {0, 1, 2, 3, farthest // 2, farthest - 1, farthest, farthest + 5}:

        def holds(steps, end=end):
            assert steps == sorted(set(steps))
            return [t <= end for t in steps]

        assert last_true_step(holds, farthest, at_once) == min(end, farthest)


@pytest.mark.parametrize(("at_once", "questions"), [(1, 65), (32, 10)])
def test_the_last_step_takes_few_questions(at_once, questions):
    asked = []
    found = last_true_step(
        lambda steps: asked.append(steps) or [t <= 10**9 for t in steps], 10**12, at_once
    )
    assert found == 10**9
    assert len(asked) < questions
    assert at_once > 1 or max(map(max, asked)) < 2**31
