"""Words from a list, and objects of a class."""

from __future__ import annotations

import numpy as np
import pytest

from rootkappa import _checks as gate

REFUSED = [
    (lambda: gate.choice("fruit", "fig", ["pear", "apple"]), ValueError, "'fig': choose one of ap"),
    (lambda: gate.choice("fruit", None, ["pear"]), ValueError, "unknown fruit None: choose one of"),
    (lambda: gate.instance("x", 3, str, "a word"), TypeError, "must be a str, got 3: give a word."),
    (lambda: gate.mapping("x", [1], "a dict"), TypeError, "be a mapping, got [1]: give a dict."),
    (lambda: gate.function("x", 3, "abs"), TypeError, "x must be a function, got 3: give abs."),
    (lambda: gate.function("x", int, "abs"), TypeError, "got <class 'int'>: give abs."),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSED)
def test_what_is_something_else_is_refused(says, call, error, message):
    says(call, error, message)


def test_what_fits_is_returned_itself():
    array = np.arange(3.0)
    assert gate.choice("fruit", "pear", ("pear", "apple")) == "pear"
    assert gate.instance("x", array, np.ndarray, "an array") is array
    assert gate.function("x", len, "abs") is len
    assert gate.mapping("x", vars(gate), "a dict") is vars(gate)
