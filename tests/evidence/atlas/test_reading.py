"""What is read of records, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rootkappa.evidence.atlas import reading
from tests.evidence.atlas.by_hand import made

LIMITS = [
    ("heavy_ball", 0.0, 2.0),
    ("heavy_ball", 0.5, 3.0),
    ("nesterov", 0.0, 2.0),
    ("nesterov", 0.5, 1.5),
    ("nesterov", 0.9, 3.8 / 2.8),
]


@pytest.mark.parametrize(("family", "momentum", "limit"), LIMITS)
def test_the_frontier_of_each_family(family, momentum, limit):
    steps = [0.5 * limit, 0.999 * limit, limit, 1.01 * limit]
    table = made(4, family=family, momentum=momentum, step_size=steps)
    np.testing.assert_allclose(reading.over_limit(table), [0.5, 0.999, 1.0, 1.01], rtol=1e-12)
    assert reading.stable(table).tolist() == [True, True, False, False]


def test_a_rate_is_right_within_a_twentieth_of_its_forecast():
    table = made(6, rate=[2.09, 1.91, 2.11, 1.89, 0.0, 1.0], forecast=[2.0] * 5 + [np.nan])
    assert reading.relative(table)[:2].tolist() == pytest.approx([1.045, 0.955])
    assert reading.right(table).tolist() == [True, True, False, False, False, False]


def test_means_are_taken_of_the_chosen_runs_in_the_order_of_the_seeds():
    table = made(5, seed=[7, 3, 7, 3, 7])
    chosen = np.array([True, True, True, True, False])
    values = np.array([1.0, 10.0, 2.0, 20.0, 99.0])
    assert reading.by_draw(table, values, chosen) == [15.0, 1.5]
    assert reading.by_draw(table, values > 9, chosen) == [1.0, 0.0]


def test_medians_of_a_draw_look_at_its_stable_runs_only():
    table = made(
        8,
        seed=[1, 1, 1, 1, 0, 0, 0, 0],
        rate=[0.9, 1.2, 1.3, 50.0, 0.5, 1.0, 1.1, 9.0],
        step_size=[1.0, 1.0, 1.0, 2.0, 1.0, 1.0, 1.0, 3.0],
    )
    assert reading.ratios(table) == pytest.approx([1.0, 1.2])
    assert reading.misses(table) == pytest.approx([0.1, 0.2])
    assert [one["rate"][0] for one in reading.each_draw(table)] == [0.5, 0.9]


@pytest.mark.parametrize(
    ("columns", "best"),
    [
        ({"status": ["RUNNING"] * 2, "rate": [0.5, 0.6]}, (0, 0, math.inf, 0.0)),
        ({"status": ["CONVERGED", "RUNNING"], "forecast": [0.1, 0.9]}, (0, 1, math.inf, 0.4)),
        ({"step_size": [2.5, 1.0], "forecast": [9.0, 0.5]}, (0, 1, 1.0, 0.4)),
        ({"rate": [0.3, 0.9], "forecast": [0.5, 0.2]}, (1, 0, 3.0, 0.4)),
    ],
    ids=["none converged", "the told one did not", "beyond the limit", "both"],
)
def test_the_best_tuning_beside_the_one_told(columns, best):
    found = reading.best_of(made(2, **({"momentum": [0.2, 0.6]} | columns)))
    assert tuple(found) == pytest.approx(best)


def test_wide_networks_have_narrow_ones_as_their_control():
    found = reading.wide_and_narrow(lambda width: {"width": [float(width)]})
    assert found.measured == {"width": [1024.0]}
    assert found.control.measured == {"width": [16.0]}
    assert found.control.what == "the same networks of width 16"
