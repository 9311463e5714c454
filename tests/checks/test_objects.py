"""Words from a list, and objects of a class."""

from __future__ import annotations

import numpy as np
import pytest

from rootkappa import _checks as gate

REFUSED = [
    (lambda: gate.choice("fruit", "fig", ["pear", "apple"]), ValueError, "'fig': choose one of ap"),
    (lambda: gate.choice("fruit", None, ["pear"]), ValueError, "unknown fruit None: choose one of"),
    (lambda: gate.instance("x", 3, str, "a word"), TypeError, "must be a str, got 3: give a word."),
    (lambda: gate.instance("x", 3, Exception, "one"), TypeError, "x must be an Exception, got 3:"),
    (lambda: gate.mapping("x", [(1, 2)], "a dict"), TypeError, "mapping, got [(1, 2)]: give a"),
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


@pytest.mark.parametrize("options", [["b", "a"], {"a": 1, "b": 2}, iter("ba"), {"b", "a"}])
def test_words_to_choose_from_may_come_in_any_order_and_are_named_in_one(says, options):
    says(lambda: gate.choice("x", "c", options), ValueError, "unknown x 'c': choose one of a, b.")


def test_a_word_of_numpy_becomes_one_of_python():
    found = gate.choice("x", np.array(["pear"])[0], ["pear"])
    assert (found, type(found)) == ("pear", str)


def test_an_object_that_can_be_called_is_a_function_and_one_of_a_derived_class_is_of_the_class():
    class Rule(dict):
        def __call__(self):
            return None

    rule = Rule()
    assert gate.function("x", rule, "abs") is gate.instance("x", rule, dict, "a dict") is rule
