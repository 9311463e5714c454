"""Functions get what their parameters are named after."""

from __future__ import annotations

from functools import partial

import pytest

from rootkappa import optimizers
from rootkappa.training.by_name import call, chosen, parameters

AXES, OTHERS = ("kappa", "beta"), ("spectrum", "seed")


def _method():
    return None


class _Tuning:
    def __call__(self, spectrum, beta=0.5):
        return spectrum, beta


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda kappa: None, {"kappa": "kappa"}),
        (lambda s: None, {"s": "spectrum"}),
        (lambda spectrum, beta: None, {"spectrum": "spectrum", "beta": "beta"}),
        (lambda beta, s: None, {"beta": "beta", "s": "spectrum"}),
        (lambda beta=0.5: None, {"beta": "beta"}),
        (lambda seed=0: None, {}),
        (lambda seed: None, {"seed": "seed"}),
        (lambda *, kappa: None, {"kappa": "kappa"}),
        (lambda *args, **rest: None, {}),
        (partial(lambda width, kappa: None, 3), {"kappa": "kappa"}),
        (_Tuning(), {"spectrum": "spectrum", "beta": "beta"}),
        (optimizers.lazy_nesterov, {"spectrum": "spectrum"}),
        (_method, {}),
    ],
)
def test_what_each_parameter_is_given(function, expected):
    assert chosen("it", function, AXES, OTHERS, "spectrum") == expected


@pytest.mark.parametrize(
    ("function", "lone", "name"),
    [
        (lambda width: None, None, "width"),
        (lambda a, b: None, "spectrum", "a"),
        (lambda spectrum, width: None, "spectrum", "width"),
    ],
)
def test_a_parameter_named_after_nothing_is_refused(function, lone, name):
    with pytest.raises(TypeError, match=f"it has the parameter '{name}', .* one of kappa, beta, s"):
        chosen("it", function, AXES, OTHERS, lone)


def test_only_what_was_chosen_is_made():
    made = []
    assert call(lambda a: a, {"a": "kappa"}, lambda name: made.append(name) or 4) == 4
    assert made == ["kappa"]


def test_parameters_say_what_must_be_given():
    assert parameters(lambda a, b=1, *rest, c, d=2, **more: None) == {
        "a": True,
        "b": False,
        "c": True,
        "d": False,
    }


@pytest.mark.parametrize("function", [max, min])
def test_what_names_no_parameters_is_refused(function):
    with pytest.raises(TypeError, match=r"<built-in function m..> names no parameters: give a fu"):
        parameters(function)


def test_an_axis_goes_before_what_else_is_offered():
    found = chosen(
        "it", lambda spectrum, seed: None, ["spectrum"], ["spectrum", "seed"], "spectrum"
    )
    assert found == {"spectrum": "spectrum", "seed": "seed"}
    # The lone parameter does not get the spectrum where that was asked for by its name.
    with pytest.raises(TypeError, match="it has the parameter 's', which is named after nothing"):
        chosen("it", lambda spectrum, s: None, AXES, OTHERS, "spectrum")


def test_a_method_of_an_object_names_its_parameters_without_the_object():
    class Rule:
        def tuned(self, kappa, /, beta, *, seed=3):
            return beta

    assert parameters(Rule().tuned) == {"beta": True, "seed": False}


def test_a_function_is_called_with_each_offer_under_its_own_name():
    offers = {"kappa": 4, "spectrum": "spectrum of 4"}
    seen = call(lambda s, kappa: (s, kappa), {"s": "spectrum", "kappa": "kappa"}, offers.get)
    assert seen == ("spectrum of 4", 4)
    assert call(lambda: 3, {}, None) == 3
