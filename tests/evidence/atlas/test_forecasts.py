"""What the claims on forecasts read of planes that are made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from rootkappa.evidence.atlas import forecasts
from tests.evidence.atlas.by_hand import made


def families(heavy_ball, nesterov):
    return {"heavy_ball": heavy_ball, "nesterov": nesterov}


def test_the_share_that_is_right_is_that_of_the_stable_plane():
    asked = []

    def planes(kind, data, width, seeds):
        asked.append((kind, data, width, tuple(seeds)))
        good = 1.0 if width > 100 else 1.5
        table = made(4, rate=[good, good, 1.0, 1.0], step_size=[1.0, 1.0, 1.0, 9.0])
        return families(table, made(2, rate=[1.0, 2.0] if data == "digits" else 1.0))

    found = forecasts.share_right([4, 5], planes)
    assert asked == [
        ("deep linear", data, width, (4, 5)) for width in (1024, 16) for data in ("made", "digits")
    ]
    assert found.measured == {
        "made_heavy_ball": [1.0],
        "made_nesterov": [1.0],
        "digits_heavy_ball": [1.0],
        "digits_nesterov": [0.5],
    }
    assert found.control.measured["made_heavy_ball"] == pytest.approx([1 / 3])


def test_misses_that_fall_like_a_root_have_the_exponent_of_a_root():
    asked = []

    def planes(kind, data, width, seeds):
        asked.append((kind, width))
        still = kind != "deep linear"
        miss = [0.3, 0.2] if still else [4 * width**-0.5, 2 / width]
        table = made(2, seed=[0, 1], rate=[1 + one for one in miss])
        return families(table, made(2, seed=[0, 1], rate=[1 - one / 100 for one in miss]))

    found = forecasts.width_exponent([0, 1], planes)
    assert sorted(asked) == [
        ("deep linear", 16),
        ("deep linear", 256),
        ("linear ResNet, scale 1", 64),
        ("linear ResNet, scale 1", 512),
    ]
    assert found.measured["heavy_ball"] == pytest.approx([-0.5, -1.0])
    assert found.measured["nesterov"] == pytest.approx([-0.5, -1.0])
    assert found.measured["heavy_ball_miss"] == pytest.approx([0.25, 2 / 256])
    assert found.control.measured["heavy_ball"] == pytest.approx([0.0, 0.0], abs=1e-12)
    assert found.control.measured["nesterov_miss"] == pytest.approx([0.003, 0.002])


def test_runs_just_beyond_the_limit_are_counted_and_no_others():
    # Without momentum the limit is 2: counted are steps from 2.04 to 3, ends left out.
    steps = [1.0, 2.04, 2.1, 2.5, 2.9, 3.0, 5.0]

    def planes(kind, data, width, seeds):
        assert (data, width) == ("made", 256)
        ends = ["CONVERGED"] * 3 + ["DIVERGED"] + ["CONVERGED"] * 3
        if kind == "one layer":
            ends = ["CONVERGED"] + ["DIVERGED"] * 5 + ["CONVERGED"]
        table = made(7, step_size=steps, status=ends)
        return families(table, table)

    found = forecasts.beyond_the_limit([0], planes)
    assert found.measured == families([pytest.approx(2 / 3)], [pytest.approx(2 / 3)])
    assert found.control.measured == families([0.0], [0.0])


def test_an_advantage_is_taken_with_momentum_and_its_control_without():
    flat = made(
        5,
        momentum=[0.0, 0.0, 0.5, 0.5, 0.5],
        step_size=[0.5, 1.0, 1.0, 2.0, 4.0],
        rate=[1.0, 9.0, 1.0, 1.0, 1.0],
    )
    steep = made(
        4,
        family="nesterov",
        momentum=[0.0, 0.0, 0.5, 0.5],
        step_size=[0.5, 1.0, 1.0, 1.2],
        rate=[2.0, 1.0, 1.0, 2.0],
    )

    def planes(kind, data, value, seeds):
        if (kind, data) == ("deep linear", "digits"):
            return families(flat, steep)
        assert (kind, data) == ("two-layer ReLU", "made")
        return families(flat, flat)

    found = forecasts.flat_radius([0], planes)
    assert found.measured == {"advantage": [0.5]}
    assert found.control.measured == {"advantage": [1.0]}  # at the step that both have
    assert found.shown == {"two-layer ReLU": [0.0]}


def test_directions_of_three_networks_are_not_exchanged():
    rates = {
        "two-layer ReLU": [0.8, 0.9],
        "deep ReLU": [1.1, 1.2],
        "deep ReLU, hidden layers held": [1.0, 1.01],
    }

    def planes(kind, data, width, seeds):
        assert (data, width) == ("made", 64)
        table = made(2, family="nesterov", step_size=0.5, seed=[0, 1], rate=rates[kind])
        return families(made(1, rate=np.nan), table)

    found = forecasts.direction([0, 1], planes)
    assert found.measured == {
        "two_layer": rates["two-layer ReLU"],
        "deep": rates["deep ReLU"],
    }
    assert found.control.measured == {"deep": rates["deep ReLU, hidden layers held"]}
