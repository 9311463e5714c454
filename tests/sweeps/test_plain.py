"""Plain data, and the texts that stand for it."""

from __future__ import annotations

import hashlib
import json
import math

import numpy as np
import pytest
import torch

from rootkappa.sweeps._plain import digest, plain, text, whole

CASES = {
    "range": (range(3), [0, 1, 2]),
    "tuple": ((1, "a"), [1, "a"]),
    "array": (np.eye(2), [[1.0, 0.0], [0.0, 1.0]]),
    "numpy number": (np.int64(3), 3),
    "tensor": (torch.ones(2), [1.0, 1.0]),
    "nested": ({"a": {"b": (np.float32(0.5),)}}, {"a": {"b": [0.5]}}),
    "bool": (np.True_, True),
}


@pytest.mark.parametrize(("given", "wanted"), CASES.values(), ids=CASES)
def test_plain(given, wanted):
    found = plain(given, "it")
    assert found == wanted
    assert text(found) == text(wanted)


@pytest.mark.parametrize("given", [None, print, {1, 2}, 1j, b"x"], ids=repr)
def test_what_is_not_plain(given):
    with pytest.raises(TypeError, match=r"it\.a\[0\] is .*, which is not plain data: give numbers"):
        plain({"a": [given]}, "it")


def test_texts_do_not_depend_on_order_and_digests_do_not_run_together():
    assert text({"a": 1, "b": 2}) == text({"b": 2, "a": 1})
    assert digest("ab", "c") != digest("a", "bc")


def test_a_whole_float_counts_as_an_int_in_seeds_alone():
    assert text({"w": 64.0}) != text({"w": 64})
    assert text(whole({"w": [64.0, 0.5]})) == text({"w": [64, 0.5]})


WRONG = {
    "a set deep inside": ({"a": [[1], {2}]}, TypeError, "it.a[1] is {2}, which is not plain data"),
    "a key": ({"a": {1: 2}}, TypeError, "it.a has the key 1, which is no word: give numbers"),
    "a long key": ({(0,) * 99: 1}, TypeError, "it has the key (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0"),
    "complex": (np.array([1j]), TypeError, "it[0] is 1j, which is not plain data"),
    "objects": (np.array([print]), TypeError, "it[0] is <built-in function print>, which is not"),
    "infinity": ({"a": (1.0, -math.inf)}, ValueError, "it.a[1] must be a finite number, got -inf:"),
    "NaN in an array": (
        np.array([[math.nan]]),
        ValueError,
        "it[0][0] must be a finite number, got",
    ),
    "NaN in a tensor": (torch.tensor(math.nan), ValueError, "it must be a finite number, got nan:"),
}


@pytest.mark.parametrize(("given", "error", "message"), WRONG.values(), ids=WRONG)
def test_a_message_names_the_place(given, error, message):
    with pytest.raises(error) as caught:
        plain(given, "it")
    assert str(caught.value).startswith(message)
    assert str(caught.value).endswith(".")


def test_plain_data_are_a_copy_with_types_of_python():
    given = {"a": [np.float64(1), np.int8(2), np.bool_(True), "w"], "b": {}}
    found = plain(given, "it")
    assert [type(item) for item in found["a"]] == [float, int, bool, str]
    found["a"].append(3)
    found["b"]["c"] = 4
    assert (len(given["a"]), given["b"]) == (4, {})


def test_a_text_keeps_types_and_the_order_of_lists():
    texts = {text(data) for data in ([1, 2], [2, 1], [1.0, 2], [True, 2], ["1", 2], {"1": 2})}
    assert len(texts) == 6
    assert text({"b": [1.5], "a": {"d": True, "c": "x"}}) == '{"a":{"c":"x","d":true},"b":[1.5]}'
    assert json.loads(text({"a": 0.1})) == {"a": 0.1}


def test_a_digest_is_that_of_blake2b_of_the_parts():
    found = hashlib.blake2b("a\0bü".encode(), digest_size=16).hexdigest()
    assert digest("a", "bü") == found
    assert len(digest()) == 32


@pytest.mark.parametrize(
    ("given", "wanted"),
    [(2.0, 2), (-0.0, 0), (1e300, int(1e300)), (0.5, 0.5), (True, True), ("2.0", "2.0"), ([], [])],
)
def test_whole_changes_whole_floats_alone(given, wanted):
    found = whole({"a": [given]})["a"][0]
    assert (found, type(found)) == (wanted, type(wanted))
