"""Axes: labels, their order, and sentences that name the nearest."""

from __future__ import annotations

import re
from fractions import Fraction

import numpy as np
import pytest
import torch

from rootkappa.training.axes import labels_of, places, position, read_axis

AXES = {"width": (64, 128, 1024), "method": ("gradient descent", "Nesterov")}


@pytest.mark.parametrize(
    ("given", "labels"),
    [
        ([64, 128], (64, 128)),
        (range(3), (0, 1, 2)),
        (np.array([0.5, 2.0]), (0.5, 2.0)),
        (torch.tensor([1, 2]), (1, 2)),
        (["a", ""], ("a", "")),
        ([(3, 20), (4, 20)], ((3, 20), (4, 20))),
        ([None, 3], (None, 3)),
    ],
)
def test_values_are_their_own_labels(given, labels):
    axis = read_axis("it", given)
    assert axis.labels == axis.values == labels


def test_a_mapping_names_its_values():
    axis = read_axis("data", {"small": [1], "large": [2, 3]})
    assert axis.labels == ("small", "large")
    assert axis.values == ([1], [2, 3])


def test_replicas_are_numbered_along_the_last_axis_first():
    assert places(AXES).tolist() == [[0, 1], [2, 3], [4, 5]]
    assert places({}).tolist() == 0
    assert position(AXES, "method", "Nesterov") == 1
    assert position(AXES, "width", np.int64(128)) == 1
    assert position(AXES, "width", torch.tensor(1024)) == 2


BAD = [
    (lambda: read_axis("width", 64), TypeError, "axis width must be a sequence, got 64"),
    (lambda: read_axis("width", "64"), TypeError, "axis width must be a sequence, got '64'"),
    (lambda: read_axis("width", []), ValueError, "axis width is empty: give it a label at least"),
    (lambda: read_axis("width", {}), ValueError, "axis width is empty"),
    (lambda: read_axis("width", [1, 2, 1]), ValueError, "axis width has the label 1 twice: drop"),
    (
        lambda: read_axis("data", [[1], [2]]),
        TypeError,
        "holds a list, which is no label: give a map",
    ),
    (lambda: read_axis("f", [len]), TypeError, "axis f holds a builtin_function_or_method"),
    (
        lambda: position(AXES, "method", "nesterov"),
        ValueError,
        "axis method has no label 'nesterov': did you mean 'Nesterov'",
    ),
    (lambda: position(AXES, "width", 100), ValueError, "no label 100: did you mean 128"),
    (lambda: position(AXES, "width", [64]), ValueError, r"no label \[64\]"),
    (
        lambda: position(AXES, "width", "wide"),
        ValueError,
        "no label 'wide': use one of 64, 128, 1024",
    ),
    (
        lambda: labels_of(AXES, "widht"),
        ValueError,
        "no axis 'widht': did you mean 'width'",
    ),
    (lambda: labels_of(AXES, 3), ValueError, "no axis 3: use one of width, method"),
    (lambda: labels_of({}, "seed"), ValueError, "no axis 'seed': all were chosen"),
]


@pytest.mark.parametrize(("call", "kind", "message"), BAD)
def test_bad_arguments_get_one_sentence(call, kind, message):
    with pytest.raises(kind, match=message):
        call()


def test_long_axes_are_not_listed_in_full():
    axes = {"seed": tuple(range(1000))}
    with pytest.raises(ValueError, match=r"use one of 0, 1, .* 11, \.\.\. \(1000 in all\)"):
        position(axes, "seed", "x")


@pytest.mark.parametrize(
    ("given", "labels"),
    [
        ((size for size in (3, 1)), (3, 1)),
        ([True, False], (True, False)),
        ([Fraction(1, 2), 0.25], (Fraction(1, 2), 0.25)),
        ([np.str_("a"), np.float32(2)], ("a", 2.0)),
        ([((1, "a"), None)], (((1, "a"), None),)),
        ({(1, 2): "x", 3: "y"}, ((1, 2), 3)),
    ],
)
def test_labels_may_be_of_many_kinds_and_keep_their_order(given, labels):
    assert read_axis("it", given).labels == labels


@pytest.mark.parametrize("label", [[1], {1: 2}, {1}, len, torch.ones(1), ("a", [1]), b"a", 1j])
def test_what_cannot_be_a_label_may_stand_under_one(label):
    kind = type(label).__name__
    with pytest.raises(TypeError, match=f"axis it holds a {kind}, which is no label: give a mapp"):
        read_axis("it", [1, label])
    assert read_axis("it", {"one": label}).values[0] is label


@pytest.mark.parametrize("twice", [[1, 2, True], [0.5, 0.5], ["a", "a"], [(1, 2), (1.0, 2)]])
def test_labels_that_are_equal_are_the_same_label(twice):
    with pytest.raises(
        ValueError, match=rf"has the label {re.escape(repr(twice[-1]))} twice: drop"
    ):
        read_axis("it", twice)


@pytest.mark.parametrize(
    ("label", "place"), [(3, 0), (3.0, 0), (np.array(3), 0), ((3, 20), 1), (None, 2), ("3", 3)]
)
def test_a_label_is_found_by_its_value(label, place):
    assert position({"it": (3, (3, 20), None, "3")}, "it", label) == place


def test_places_have_a_dimension_an_axis():
    axes = {"a": (1, 2), "b": (5,), "c": ("x", "y", "z")}
    found = places(axes)
    assert found.shape == (2, 1, 3)
    for i in range(2):
        for k in range(3):
            assert found[i, 0, k] == 3 * i + k
