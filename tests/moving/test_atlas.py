"""The atlas: what is read out is the stored population, to the digits of the map."""

import math

import numpy as np
import pytest

pytest.importorskip("pyarrow", reason='needs pip install "rootkappa[sweep]"')

from rootkappa.evidence import atlas, atlas_store
from rootkappa.sweeps import Table
from tests.moving.conftest import BOOK, data_of

CASES = [
    ("deep linear", "made", 1024, "heavy_ball", 1.0, 0.8),
    ("deep linear", "made", 16, "nesterov", 1.3, 0.9),
    ("two-layer ReLU", "made", 64, "heavy_ball", 0.5, 0.3),
    ("deep ReLU", "made", 64, "heavy_ball", 4.0, 0.0),
    ("linear ResNet", "digits", 3, "nesterov", 2.6, 0.95),
]


@pytest.fixture(scope="module")
def whole():
    return Table.read(BOOK / "data/atlas.parquet")


def state_of(kind, data, value, family, step, beta):
    name = f"{kind}, {data}, {atlas.KINDS[kind].axis} {value}"
    network = "-".join(name.replace(",", "").replace("-", " ").split())
    return {"network": network, "family": family, "step": step, "beta": beta}


@pytest.mark.parametrize("case", CASES)
def test_a_place_is_read_out_as_it_was_measured(script, whole, case):
    kind, data, value, family, step, beta = case
    some = whole.where(kind=kind, data=data, value=value, family=family)
    at = some.where(step_size=step, momentum=beta)
    found = script("atlas").own("read", state_of(*case), data_of("atlas"))
    for told, rate in (
        ("measured", np.nanmedian(at["rate"])),
        ("forecast", np.median(at["forecast"])),
    ):
        if rate <= 0:
            assert found[told] is None  # as infinity travels
        else:
            assert found[told] == pytest.approx(min(math.log(1e4) / rate, 1024), rel=0.03)


def test_the_nearest_point_is_read(script):
    state = state_of(*CASES[0]) | {"step": 1.1, "beta": 0.79}
    found = script("atlas").own("read", state, data_of("atlas"))
    assert (found["step"], found["beta"]) == (1.0, 0.8)


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (CASES[0], ("says about", "the networks took about", "median of 20 draws")),
        (CASES[3], ("says that it diverges", "were not there after 256 steps")),
        (CASES[4], ("says that it diverges", "diverged")),
    ],
)
def test_the_sentence_says_what_is_forecast_and_what_came(script, case, words):
    says = script("atlas").show(data_of("atlas"), **state_of(*case))["says"]
    assert says.startswith(case[0][0].upper())
    for word in words:
        assert word in says


def test_the_line_is_the_stability_limit(script):
    shown = script("atlas").show(data_of("atlas"), **state_of(*CASES[0]))
    for panel in shown["panels"][:2]:
        line = next(mark["line"] for mark in panel["marks"] if "line" in mark)
        axis = atlas.STEP_SIZES["heavy_ball"]
        limits = np.interp([2 + 2 * beta for beta in atlas.MOMENTA], axis, np.arange(20) + 0.5)
        assert [x for x, _ in line[1:-1]] == pytest.approx(limits)


def test_every_plane_of_the_map_can_be_chosen(script):
    options = script("atlas").controls(data_of("atlas"))[0]["options"]
    shown = [
        f"{kind}, {data}, {atlas.KINDS[kind].axis} {value}"
        for kind, data, value in atlas_store._on_the_map()
    ]
    assert [label for _, label in options] == shown
    assert len({name for name, _ in options}) == len(shown)
