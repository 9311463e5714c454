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
    # What stands on the left already need not come from the width: n^(1/2) d^(3/2), d^(-1) not.
    (Order.of(w=3, n=1, d=2), Order.of(w=1, n=2, d=5), ((F(1, 2), F(3, 2)),), False),
    (Order.of(w=2, n=-1, d=-2), Order.of(w=1), ((1, 2),), False),
    (Order.of(w=2, n=3, d=4), Order.of(w=1, n=1, d=2), (), False),
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


@pytest.mark.parametrize(
    ("left", "right", "holds"),
    [
        # n^(1/2) d against the larger of n and d^2, which the mean of both implies.
        (Order.of(n=F(1, 2), d=1), Order.of(n=1) + Order.of(d=2), True),
        (Order.of(n=1, d=2), Order.of(n=1) + Order.of(d=2), False),
    ],
)
def test_a_power_that_the_mean_of_two_others_implies_is_left_out(left, right, holds):
    w = Order.of(w=1)
    conditions = WidthConditions({"whole": require(w, right), "mean": require(w, left)})
    powers = {(F(1), F(0)), (F(0), F(2))}
    assert (set(conditions.exponents) == powers) is holds


def test_three_powers_of_which_none_implies_another_are_kept_in_order():
    corners = [(4, 0), (3, 2), (0, 3)]
    right = [Order.of(n=p, d=q) for p, q in corners]
    conditions = WidthConditions({str(i): require(Order.of(w=1), o) for i, o in enumerate(right)})
    assert conditions.exponents == ((0, 3), (3, 2), (4, 0))
    # At (2, 1) a power lies below the segment from the first to the second.
    more = dict(conditions.requirements) | {"more": require(Order.of(w=1), Order.of(n=2, d=1))}
    assert WidthConditions(more).exponents == conditions.exponents
    assert WidthConditions({}).exponents == ()
    assert WidthConditions({}).impossible == ()


@pytest.mark.parametrize(("width", "n", "d"), [(1, 2, 3), (F(1, 2), F(-1, 3), 0), (0, 0, 0)])
def test_orders_are_groups_of_exponents(width, n, d):
    one = Order.of(w=width, n=n, d=d)
    assert one * Order.of() == one
    assert one * one**-1 == Order.of()
    assert one**0 == Order.of()
    assert (one ** F(1, 3)) ** 3 == one
    assert one + one == one
    assert all(type(part) is F for (term,) in [one.terms] for part in term)


def test_powers_of_the_width_are_solved_by_numbers():
    # w^3 n^1 >= w^1 n^6 d^4 from w = n^(5/2) d^2 on: at n = 4 and d = 3 that is 288.
    ((p, q),) = require(Order.of(w=3, n=1), Order.of(w=1, n=6, d=4)).powers
    assert (p, q) == (F(5, 2), 2)
    width = 4 ** float(p) * 3 ** float(q)
    assert width == pytest.approx(288)
    assert width**3 * 4 == pytest.approx(width * 4**6 * 3**4)


def test_which_conditions_are_there():
    assert list(WidthConditions.direct().requirements) == ["R1", "R2", "R3", "R4"]
    assert list(WidthConditions.printed().requirements) == ["(86)", "(87)", "(88)", "(89)", "(90)"]
    # With the lemma's radius R2 fails at every width; the other three ask for one.
    direct = WidthConditions.direct().requirements
    assert [direct[name].impossible for name in direct] == [False, True, False, False]


def test_a_smaller_ball_asks_for_more_room_for_u():
    # R4: the exponent of n in the width rises as the radius shrinks.
    widths = [
        max(WidthConditions.direct(radius).requirements["R4"].powers, default=(0, 0))[0]
        for radius in (F(-9, 8), F(-5, 4), F(-3, 2))
    ]
    assert widths == sorted(widths)
    with pytest.raises(TypeError, match=r"loss_power must be a whole number, got 1\.5"):
        WidthConditions.printed(1.5)
