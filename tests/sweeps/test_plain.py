"""Plain data, and the texts that stand for it."""

from __future__ import annotations

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
