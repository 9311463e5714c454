"""The width exponents of Theorem 15, derived exactly."""

from __future__ import annotations

from fractions import Fraction

import pytest

from rootkappa.theorems.liao2024provable import WidthConditions
from rootkappa.theorems.liao2024provable.width_conditions import Order, require

F = Fraction


def test_the_printed_conditions():
    printed = WidthConditions.printed()
    assert {name: item.powers for name, item in printed.requirements.items()} == {
        "(86)": ((F(7, 2), 0),),
        "(87)": ((F(11, 2), 0),),
        "(88)": ((4, 2),),
        "(89)": ((F(9, 2), 2),),
        "(90)": ((F(11, 3), F(2, 3)),),
    }
    assert printed.exponents == ((F(9, 2), 2), (F(11, 2), 0))
    squared = WidthConditions.printed(loss_power=1)
    assert squared.requirements["(89)"].powers == ((F(7, 2), 1),)


def test_the_direct_conditions_need_a_smaller_ball():
    assert WidthConditions.direct().impossible == ("R2",)
    repaired = WidthConditions.direct(radius=F(-9, 8))
    assert repaired.impossible == ()
    assert repaired.exponents == ((3, 2), (F(9, 2), 0))


def test_orders_multiply_add_and_have_powers():
    w, n = Order.of(w=1), Order.of(n=2)
    assert w * n == Order.of(w=1, n=2)
    assert (w + n) ** F(1, 2) == Order.of(w=F(1, 2)) + Order.of(n=1)
    assert (w + n) * w == Order.of(w=2) + Order.of(w=1, n=2)


# left, right: the powers that are asked for, and whether no width will do.
REQUIRED = [
    (Order.of(w=2), Order.of(w=1, n=3, d=1), ((3, 1),), False),
    (Order.of(w=2, n=1), Order.of(n=3) + Order.of(n=1, d=4), ((0, 2), (1, 0)), False),
    (Order.of(w=2), Order.of(n=2) + Order.of(n=4), ((2, 0),), False),
    (Order.of(w=1), Order.of(w=2), (), True),
    (Order.of(w=1), Order.of(w=1, d=1), (), True),
    (Order.of(w=1, n=1), Order.of(w=1), (), False),
    (Order.of(w=1, n=1), Order.of(n=1), (), False),
]


@pytest.mark.parametrize(("left", "right", "powers", "impossible"), REQUIRED)
def test_a_condition_is_a_power_law(left, right, powers, impossible):
    found = require(left, right)
    assert found.powers == powers
    assert found.impossible is impossible


def test_bad_conditions_are_refused():
    with pytest.raises(ValueError, match="one monomial, got 2: split"):
        require(Order.of(w=1) + Order.of(n=1), Order.of(w=1))
    with pytest.raises(ValueError, match="loss_power must be at least 1, got 0"):
        WidthConditions.printed(0)
