"""The search for a width, on answers that are made by hand."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
import torch

from rootkappa.evidence.how_wide import races, thresholds
from rootkappa.evidence.how_wide.networks import Setting

WIDTHS = (10, 20, 40, 80)


@pytest.mark.parametrize(
    ("passed", "bracket"),
    [
        ([True, True, True, True], (10, 10)),
        ([False, True, True, True], (10, 20)),
        ([True, False, True, True], (20, 40)),
        ([False, True, False, True], (40, 80)),
        ([True, True, True, False], (80, math.inf)),
        ([False, False, False, False], (80, math.inf)),
    ],
)
def test_a_bracket_lies_above_the_last_width_that_fails(passed, bracket):
    assert thresholds._bracket(passed, WIDTHS) == bracket


@pytest.mark.parametrize(("good", "bracket"), [(True, (20, 28)), (False, (28, 40))])
def test_a_bracket_is_halved_on_the_logarithmic_scale(good, bracket):
    asked = []

    def ask(seeds, widths):
        asked.append((seeds, widths))
        return {"a": torch.tensor([good])}

    brackets = {("a", 3): (20, 40), ("a", 4): (10, 10), ("a", 5): (80, math.inf)}
    thresholds._halve(ask, brackets)
    assert asked == [([3], [28])]
    assert brackets == {("a", 3): bracket, ("a", 4): (10, 10), ("a", 5): (80, math.inf)}
    thresholds._halve(ask, closed := {("a", 4): (10, 10)})
    assert closed == {("a", 4): (10, 10)}
    assert len(asked) == 1  # nothing is open, and nothing is asked


def test_checks_are_searched_each_by_itself():
    def ask(seeds, widths):
        rows = list(zip(seeds, widths, strict=True))
        return {
            "early": torch.tensor([width >= 15 * seed for seed, width in rows]),
            "late": torch.tensor([width > 60 for _, width in rows]),
        }

    found = thresholds.searched(ask, ("early", "late"), (1, 2, 9), WIDTHS)
    assert 15 <= found["early"][0] < 15 * 2**0.25
    assert 30 <= found["early"][1] < 30 * 2**0.25
    assert found["early"][2] == math.inf
    assert all(60 < width <= 60 * 2**0.25 + 1 for width in found["late"])


@pytest.mark.parametrize(
    ("method", "size", "octaves"),
    [
        ("gradient_descent", 1.0, 8),
        ("nesterov", 1.0, 10),
        ("heavy_ball", 1.0, 19),
        ("gradient_descent", 4.0, 12),
        ("nesterov", 0.25, 10),
    ],
)
def test_larger_labels_are_searched_twice_as_many_octaves_further(method, size, octaves):
    setting = Setting(method=method, kappa=9, size=size)
    assert thresholds._octaves(setting, thresholds.OWN) == octaves


def test_a_network_follows_its_kernel_to_a_tenth(monkeypatch):
    tails = {10.0: 1.2, 20.0: 1.1001, 40.0: 0.9, 80.0: 1.0}

    def race(setting, seeds, widths):
        base = setting.least_width
        tail = torch.tensor([tails.get(10.0 * w / base, 1.0) for w in widths], dtype=torch.float64)
        return SimpleNamespace(tail=tail, gap=(tail - 1).abs() * 2, arrived=tail < 1.15)

    monkeypatch.setattr(races, "race", race)
    setting = Setting(method="gradient_descent", kappa=9)
    found = thresholds.thresholds(setting, thresholds.OWN, [0])
    base = setting.least_width
    assert base < found["trains"][0] <= 2 * base
    assert 2 * base < found["tail"][0] <= 4 * base
    assert 4 * base < found["path"][0] <= 8 * base


def test_a_theorem_is_obeyed_where_nothing_exceeds_its_bound(monkeypatch):
    def excess(setting, seeds, widths):
        return torch.tensor([1.001 if w <= 5 * setting.least_width else 1.0 for w in widths])

    monkeypatch.setattr(races, "excess", excess)
    setting = Setting(method="nesterov", kappa=9)
    (width,) = thresholds.thresholds(setting, thresholds.BOUND, [0])["bound"]
    assert 5 * setting.least_width < width <= 8 * setting.least_width
