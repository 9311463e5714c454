"""Restart rules against their definitions, written as plain loops, and their effect."""

from __future__ import annotations

import pytest
import torch

from rootkappa import Quadratic, gradient_descent, heavy_ball, nesterov, train
from rootkappa.optimizers import FunctionRestart, GradientRestart, SpeedRestart, StepView

SPECTRUM = torch.tensor([1e-3, 0.1, 1.0], dtype=torch.float64)
RULES = {
    "gradient": (
        GradientRestart(),
        lambda slope, step, before, loss, last, age: slope @ step > 0,
    ),
    "function": (FunctionRestart(), lambda slope, step, before, loss, last, age: loss > last),
    "speed": (
        SpeedRestart(),
        lambda slope, step, before, loss, last, age: age > 2 and step.norm() < before.norm(),
    ),
}


@pytest.fixture(params=RULES)
def case(request):
    return RULES[request.param]


def _start(replicas=1):
    return [torch.ones(replicas, 3, 1, dtype=torch.float64)]


def _plain(method, stop, steps):
    """Run from (1, 1, 1); also count the restarts."""
    w, step = torch.ones(3, dtype=torch.float64), torch.zeros(3, dtype=torch.float64)
    clock, restarts, last = 0, 0, torch.inf
    for _ in range(steps):
        eta, beta, gamma = method.coefficients(clock)
        y = w + gamma * step
        slope, loss = SPECTRUM * y, float(SPECTRUM @ y**2)
        before, step, clock = step, beta * step - eta * slope, clock + 1
        w = w + step
        if stop(slope, step, before, loss, last, clock):
            step, clock, restarts = 0 * step, 1, restarts + 1
        last = loss
    return w + method.coefficients(clock)[2] * step, restarts


@pytest.mark.parametrize("make", [nesterov, lambda eta: heavy_ball(eta, 0.95)])
def test_a_rule_restarts_where_its_definition_says(case, make):
    rule, stop = case
    expected, restarts = _plain(make(1.0), stop, 150)
    run = train(Quadratic.with_spectrum(SPECTRUM), make(1.0).with_restart(rule), _start(), 150)
    assert restarts >= 2
    torch.testing.assert_close(run.weights[0][0, :, 0], expected, rtol=1e-10, atol=1e-14)


def test_rules_run_side_by_side_and_after_others_have_stopped():
    model = Quadratic.with_spectrum(SPECTRUM)
    rules = [rule for rule, _ in RULES.values()]
    methods = [
        gradient_descent(2.5),
        nesterov(1.0),
        *(nesterov(1.0).with_restart(r) for r in rules),
    ]
    together = train(model, methods, _start(5), 150)
    for row, method in enumerate(methods[1:], start=1):
        alone = train(model, method, _start(), 150)
        torch.testing.assert_close(together.residual_norms[row], alone.residual_norms[0])


def test_restarting_makes_the_schedule_converge_linearly(case):
    model = Quadratic.with_spectrum(SPECTRUM)
    methods = [nesterov(1.0), nesterov(1.0).with_restart(case[0])]
    plain, restarted = train(model, methods, _start(2), 1000).residual_norms[:, -1]
    assert restarted < 2e-2 * plain


@pytest.mark.parametrize("rule", [GradientRestart, FunctionRestart, SpeedRestart])
def test_rules_are_silent_below_their_floor(rule):
    # With a floor at 1 the rule never speaks; by default it stops where rounding begins.
    model = Quadratic.with_spectrum(SPECTRUM)
    methods = [nesterov(1.0), nesterov(1.0).with_restart(rule(floor=2.0))]
    plain, silent = train(model, methods, _start(2), 150).residual_norms
    torch.testing.assert_close(plain, silent)


def test_a_change_of_units_changes_no_restart(case):
    # Weights and residuals a factor smaller: every floor is relative to the start.
    scale, model = 1e-20, Quadratic.with_spectrum(SPECTRUM)
    method = nesterov(1.0).with_restart(case[0])
    plain = train(model, method, _start(), 200).residual_norms
    small = train(model, method, [scale * layer for layer in _start()], 200).residual_norms
    torch.testing.assert_close(small / scale, plain, rtol=1e-6, atol=1e-12)


def _view(**changes):
    """Two replicas, layers of one and two numbers: nothing restarts unless a number is changed."""
    two = {
        name: torch.tensor([1.0, 1.0])
        for name in (
            "residual_norms",
            "residual_norms_before",
            "residual_norms_first",
            "speeds",
            "speeds_before",
        )
    }
    layers = [torch.ones(2, 1, 1), torch.ones(2, 2, 1)]
    fields = {"gradients": layers, "velocities": [-layer for layer in layers], **two}
    return StepView(**fields | {"ages": torch.tensor([9, 9])} | changes)


def test_views_by_hand():
    assert not GradientRestart()(_view()).any()
    # <g, v> = 2.5 - 2 over two layers for the first replica, 1.5 - 2 for the second.
    up = [torch.tensor([2.5, 1.5]).reshape(2, 1, 1), -torch.ones(2, 2, 1)]
    assert GradientRestart()(_view(velocities=up)).tolist() == [True, False]
    # A step along the level set, as the first of these, is not uphill.
    level = [torch.tensor([2.0, 2.1]).reshape(2, 1, 1), -torch.ones(2, 2, 1)]
    assert GradientRestart()(_view(velocities=level)).tolist() == [False, True]
    assert not FunctionRestart()(_view()).any()
    assert not SpeedRestart()(_view()).any()
    rose = _view(residual_norms=torch.tensor([1.0, 1.1]))
    assert FunctionRestart()(rose).tolist() == [False, True]
    slower = _view(speeds=torch.tensor([0.9, 1.0]))
    assert SpeedRestart()(slower).tolist() == [True, False]
    assert SpeedRestart(patience=9)(slower).tolist() == [False, False]
    assert slower.above(0.5).tolist() == [True, True]
    assert slower.above(1.0).tolist() == [False, False]


BAD = [
    (lambda: SpeedRestart(patience=0), ValueError, "patience must be at least 1, got 0"),
    (lambda: SpeedRestart(patience=1.5), TypeError, "patience must be a whole number, got 1.5"),
    (lambda: SpeedRestart(patience="2"), TypeError, "patience must be a whole number, got '2'"),
    (lambda: SpeedRestart(floor=-1), ValueError, "floor must be finite and at least 0, got -1"),
    (lambda: GradientRestart(float("nan")), ValueError, "floor must be finite .* got nan"),
    (lambda: FunctionRestart(None), TypeError, "floor must be a number, got None"),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_numbers_become_plain():
    rule = SpeedRestart(patience=2.0, floor=1)
    assert (rule.patience, type(rule.patience), type(rule.floor)) == (2, int, float)


TIES = torch.tensor([1.0, 1.0])


@pytest.mark.parametrize(
    ("rule", "changes", "restarts"),
    [
        # A loss, a speed or a slope that stays is none that rose, fell or points uphill.
        (FunctionRestart(), {"residual_norms": TIES}, [False, False]),
        (FunctionRestart(), {"residual_norms": torch.tensor([1.0 + 1e-6, 1.0])}, [True, False]),
        (
            FunctionRestart(),
            {"residual_norms_before": torch.tensor([torch.inf, 0.9])},
            [False, True],
        ),
        (SpeedRestart(), {"speeds": TIES}, [False, False]),
        (SpeedRestart(), {"speeds_before": torch.tensor([1.0 + 1e-6, 1.0])}, [True, False]),
        # At the first step, and after a restart, the speed before is 0.
        (SpeedRestart(), {"speeds_before": torch.tensor([0.0, 2.0])}, [False, True]),
        (
            GradientRestart(),
            {"velocities": [torch.zeros(2, 1, 1), torch.zeros(2, 2, 1)]},
            [False] * 2,
        ),
    ],
)
def test_ties_and_first_steps(rule, changes, restarts):
    assert rule(_view(**changes)).tolist() == restarts


@pytest.mark.parametrize(
    ("patience", "restarts"), [(1, [False, True, True]), (2, [False, False, True])]
)
def test_patience_is_silent_for_so_many_steps_of_each_replica(patience, restarts):
    # Ages 1, 2 and 3, all slowing down.
    three = {
        name: torch.ones(3)
        for name in ("residual_norms", "residual_norms_before", "residual_norms_first")
    }
    slower = {"speeds": torch.full((3,), 0.5), "speeds_before": torch.ones(3)}
    view = _view(**three, **slower, ages=torch.tensor([1, 2, 3]))
    assert SpeedRestart(patience)(view).tolist() == restarts


UPHILL = {
    GradientRestart: {"velocities": [torch.ones(2, 1, 1), torch.ones(2, 2, 1)]},
    FunctionRestart: {"residual_norms_before": torch.tensor([0.0, 0.0])},
    SpeedRestart: {"speeds_before": torch.tensor([9.0, 9.0])},
}


@pytest.mark.parametrize("rule", UPHILL, ids=lambda rule: rule.__name__)
def test_each_replica_has_its_own_floor(rule):
    # The second replica started a thousand times as far away, so that it has arrived.
    changes = UPHILL[rule] | {"residual_norms_first": torch.tensor([1.0, 1e3])}
    assert rule(floor=0.01)(_view(**changes)).tolist() == [True, False]
    assert rule(floor=0.0)(_view(**changes)).tolist() == [True, True]
    # At the floor itself nothing restarts.
    assert rule(floor=1.0)(_view(**UPHILL[rule])).tolist() == [False, False]
    assert rule(floor=0.999)(_view(**UPHILL[rule])).tolist() == [True, True]


@pytest.mark.parametrize("rule", UPHILL, ids=lambda rule: rule.__name__)
def test_by_default_the_floor_is_where_rounding_begins(rule):
    for share, restarts in ((2e-12, True), (0.5e-12, False)):
        norms = torch.full((2,), share, dtype=torch.float64)
        first = torch.ones(2, dtype=torch.float64)
        view = _view(**UPHILL[rule] | {"residual_norms": norms, "residual_norms_first": first})
        assert rule()(view).tolist() == [restarts] * 2


def test_the_product_with_the_gradient_is_summed_over_rows_and_columns():
    # A layer of 2 x 3: five entries downhill by 1, and one uphill by 4.5 or 5.5.
    velocity = -torch.ones(2, 2, 3)
    velocity[:, 1, 2] = torch.tensor([4.5, 5.5])
    view = _view(gradients=[torch.ones(2, 2, 3)], velocities=[velocity])
    assert GradientRestart()(view).tolist() == [False, True]
    with pytest.raises(ValueError, match="shorter"):
        GradientRestart()(_view(velocities=[torch.ones(2, 1, 1)]))


def test_rules_are_equal_by_their_numbers():
    assert GradientRestart() == GradientRestart(1e-12) != FunctionRestart()
    assert SpeedRestart() == SpeedRestart(2, 1e-12) != SpeedRestart(3)
