"""Which engine is chosen, by whom, and what is said where none fits."""

from __future__ import annotations

import pytest
import torch

from rootkappa import (
    Batches,
    Quadratic,
    TwoLayerReLU,
    datasets,
    gradient_descent,
    nesterov,
    train,
)
from rootkappa.optimizers import GradientRestart
from rootkappa.training import _programs, engines
from rootkappa.training.engines import ENGINE_VARIABLE, WORTH, choose, work

DATA = datasets.sphere(3, 1, 4)
MODEL = TwoLayerReLU(DATA.X, DATA.Y, 5)
STEPS = int(WORTH / work(MODEL, 1, 1)) + 1  # of one run that is long enough
WIDE = TwoLayerReLU(DATA.X, DATA.Y, 50_000)


def _chosen(asked=None, model=MODEL, steps=STEPS, replicas=1, **options):
    weights = model.initialise(range(replicas))
    return choose(asked, model, (gradient_descent(0.1),) * replicas, weights, steps, **options)


def test_work_grows_with_replicas_of_large_models_and_with_the_steps_of_all():
    assert work(MODEL, 1, 20) == 20 * work(MODEL, 1, 1) > 0
    assert work(MODEL, 20, 1) < 1.1 * work(MODEL, 1, 1)
    assert work(WIDE, 20, 1) > 15 * work(WIDE, 1, 1)
    assert work(Quadratic.with_spectrum([1.0]), 20, 10**9) == 0


@pytest.mark.parametrize(
    ("asked", "variable", "steps", "replicas", "name"),
    [
        (None, None, STEPS, 1, "compiled"),
        (None, None, STEPS - 2, 1, "torch"),
        (None, None, STEPS // 3, 4, "torch"),
        (None, "torch", STEPS, 1, "torch"),
        (None, "compiled", 1, 1, "compiled"),
        ("auto", "torch", STEPS, 1, "compiled"),
        ("torch", "compiled", STEPS, 1, "torch"),
        ("compiled", "torch", 1, 1, "compiled"),
    ],
)
def test_an_argument_goes_before_the_variable_and_that_before_the_length(
    asked, variable, steps, replicas, name, monkeypatch
):
    monkeypatch.delenv(ENGINE_VARIABLE, raising=False)
    if variable:
        monkeypatch.setenv(ENGINE_VARIABLE, variable)
    assert _chosen(asked, steps=steps, replicas=replicas).name == name


def test_auto_takes_torch_where_no_kernel_fits(monkeypatch):
    wide = TwoLayerReLU(DATA.X, DATA.Y.expand(2, -1), 5)
    assert _chosen(model=wide, steps=10 * STEPS).name == "torch"
    with pytest.raises(
        ValueError, match=r"no kernel takes the steps of this run, it has 2 outputs"
    ):
        _chosen("compiled", wide)


@pytest.mark.parametrize("name", ["fast", "", 1])
def test_an_unknown_engine_gets_one_sentence(name):
    with pytest.raises(ValueError, match=r"unknown engine .*: choose one of auto, comp"):
        train(MODEL, gradient_descent(0.1), MODEL.initialise([0]), 1, engine=name)


def test_an_engine_that_does_not_fit_says_why_and_what_to_do():
    single = TwoLayerReLU(DATA.X.float(), DATA.Y.float(), 5)
    with pytest.raises(ValueError, match=r"float32 on cpu.* use engine='auto', or 'torch'"):
        train(single, gradient_descent(0.1), single.initialise([0]), 1, engine="compiled")


def test_stacks_hold_as_many_replicas_as_asked_for_or_fit():
    assert _chosen("compiled", replicas=9).together == 9
    assert _chosen("compiled", replicas=9, chunk=4).together == 4
    large = TwoLayerReLU(torch.ones(20, 8).double(), torch.ones(1, 8).double(), 30_000)
    assert _chosen("compiled", large, 1, 3).together == 1
    with pytest.raises(ValueError, match="chunk must be at least 1, got 0"):
        _chosen("compiled", chunk=0)


def test_a_machine_on_which_compiling_fails_goes_on_with_one_warning(monkeypatch):
    def fail(*_):
        raise RuntimeError("no compiler\nmore")

    monkeypatch.setattr(_programs, "_try", fail)
    for cached in (_programs.unable, _programs._broken):
        cached.cache_clear()
    try:
        with pytest.warns(RuntimeWarning, match=r"\(RuntimeError: no compiler\), so torch") as seen:
            assert [_chosen().name for _ in range(3)] == ["torch"] * 3
        assert len(seen) == 1
        with pytest.raises(ValueError, match="numba cannot compile it, RuntimeError: no compiler"):
            _chosen("compiled")
    finally:
        for cached in (_programs.unable, _programs._broken):
            cached.cache_clear()


@pytest.mark.parametrize(("replicas", "steps"), [(1, 1), (3, 7), (20, 100)])
def test_work_is_that_of_the_products_and_of_the_calls(replicas, steps):
    # 4 n m (d + 1) multiplications and additions a replica, and half a million a step.
    assert work(MODEL, replicas, steps) == steps * (replicas * 4 * 4 * 5 * (3 + 1) + 5e5)


def test_without_argument_and_variable_the_length_decides(monkeypatch):
    monkeypatch.delenv(ENGINE_VARIABLE, raising=False)
    exactly = WORTH / work(MODEL, 1, 1)
    assert _chosen(steps=exactly).name == "compiled"
    assert _chosen(steps=exactly * (1 - 1e-9)).name == "torch"


@pytest.mark.parametrize("name", ["fast", "COMPILED"])
def test_an_unknown_name_in_the_variable_is_refused_too(name, monkeypatch):
    monkeypatch.setenv(ENGINE_VARIABLE, name)
    with pytest.raises(
        ValueError, match=f"unknown engine '{name}': choose one of auto, compiled, t"
    ):
        _chosen()


@pytest.mark.parametrize("engine", ["torch", "compiled"])
def test_a_stack_holds_the_rows_asked_for_with_their_methods(engine):
    weights = MODEL.initialise(range(3))
    methods = tuple(gradient_descent(0.1 * (1 + row)) for row in range(3))
    chosen = choose(engine, MODEL, methods, weights, 5, chunk=7)
    assert (chosen.name, chosen.together) == (engine, 3)
    stack = chosen.stack([2, 0])
    assert (stack.rows, stack.methods) == ([2, 0], [methods[2], methods[0]])
    for ours, given in zip(stack.points, weights, strict=True):
        assert torch.equal(ours, given[[2, 0]])


def test_batches_go_to_torch_and_to_its_stack():
    batches = Batches(1, [3])
    chosen = _chosen(steps=10 * STEPS, batches=batches)
    assert chosen.name == "torch"
    (left, right), _ = chosen.stack([0]).gradient
    share = batches.shares(4, [0])(0)
    exact = MODEL.batch_factors(MODEL.initialise([0]), share)[1][0]
    torch.testing.assert_close(left @ right, exact[0] @ exact[1])
    with pytest.raises(ValueError, match="no kernel takes the steps of this run, it takes minib"):
        _chosen("compiled", batches=batches)


def test_restarts_have_no_kernel_and_say_so():
    restarting = nesterov(0.1).with_restart(GradientRestart())
    with pytest.raises(
        ValueError, match=r"run, Nesterov has a restart rule: use engine='auto', or"
    ):
        choose("compiled", MODEL, (restarting,), MODEL.initialise([0]), 5)


def test_as_many_replicas_are_stacked_as_their_points_and_residuals_fit(monkeypatch):
    # A network of 5 neurons is laid out in 8 x 8 and 8 numbers, twice; 64 steps of 4 residuals.
    each = 8 * (2 * (8 * 8 + 8) + 64 * 4)
    monkeypatch.setattr(engines.devices, "threads", lambda: 2)
    for fitting, replicas, together in (
        (5.5, 9, 5),
        (5.0, 9, 5),
        (4.9, 9, 4),
        (1.5, 9, 2),
        (99, 9, 9),
    ):
        monkeypatch.setattr(engines, "_STACKED_BYTES", int(fitting * each))
        assert _chosen("compiled", replicas=replicas).together == together
    monkeypatch.setattr(engines.devices, "threads", lambda: 4)
    assert _chosen("compiled", replicas=9).together == 9
    monkeypatch.setattr(engines, "_STACKED_BYTES", 1)
    assert _chosen("compiled", replicas=9).together == 4
