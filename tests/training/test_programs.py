"""Which runs have a kernel; why the others have none; a kernel is tried before it is trusted."""

from __future__ import annotations

import pytest
import torch

from rootkappa import (
    Batches,
    DeepLinear,
    DeepReLU,
    LinearResNet,
    Quadratic,
    TwoLayerReLU,
    gradient_descent,
    heavy_ball,
    nesterov,
)
from rootkappa.architectures import RotatedReLU
from rootkappa.optimizers import GradientRestart, Method
from rootkappa.training import _programs
from rootkappa.training.compiled import _jit

X = torch.arange(6.0, dtype=torch.float64).reshape(2, 3)
Y, YY = X[:1], X
GD = gradient_descent(0.1)
DEEP = DeepReLU(X, Y, [4, 5])


class Own(DeepLinear):
    """Something else than what it is derived from."""


class Named(DeepLinear):
    """The same on data of each replica."""

    kernel_of = DeepLinear


class Derived(Named):
    """Something else than what it is derived from."""


FIT = [
    TwoLayerReLU(X, Y, 3),
    TwoLayerReLU(X, Y, 3, "bu2021", "none", bias=True),
    DEEP,
    DeepLinear(X, YY, 3, 1),
    DeepLinear(X, Y, 512, 2, "orthogonal"),
    Named(X, Y, 3, 2),
    LinearResNet.modified_identity(X, YY, 4, 3),
    LinearResNet.gaussian(X, Y, 5, 2, [0, 1]),
]
UNFIT = [
    (TwoLayerReLU(X, YY, 3), "it has 2 outputs, not one"),
    (TwoLayerReLU(X, Y, 3, train_output=True), "its outer weights are trained"),
    (TwoLayerReLU(X, Y, 3, leak=0.1), "its leak is 0.1, not 0"),
    (TwoLayerReLU(X.float(), Y.float(), 3), "torch.float32 on cpu, not float64 on the CPU"),
    (DeepReLU(X, YY, [4, 5]), "it has 2 outputs, not one"),
    (DeepReLU(X, Y, [4, 5, 6]), "it has hidden layers [4, 5, 6], not two"),
    (DeepReLU(X, Y, [4]), "it has hidden layers [4], not two"),
    (DEEP.with_frozen([1]), "it has frozen layers"),
    (RotatedReLU.at(DEEP, DEEP.initialise([0])), "RotatedReLU has no kernel"),
    (DeepLinear(X, Y, 513, 2), "its width 513 is above 512, where torch is as fast"),
    (LinearResNet.identity(X, Y, 513, 2), "its width 513 is above 512, where torch is as fast"),
    (Own(X, Y, 3, 2), "Own has no kernel"),
    (Derived(X, Y, 3, 2), "Derived has no kernel"),
    (Quadratic(X), "Quadratic has no kernel"),
]


@pytest.mark.parametrize("model", FIT, ids=lambda model: type(model).__name__)
def test_these_have_a_kernel(model):
    assert _programs.unfit(model, (GD, nesterov(0.1)), None) is None
    assert _programs.program(model).layout.shapes == tuple(model.shapes)


@pytest.mark.parametrize(("model", "why"), UNFIT, ids=[why for _, why in UNFIT])
def test_these_have_none(model, why):
    assert why in _programs.unfit(model, (GD,), None)


def test_minibatches_and_restarts_have_none():
    assert _programs.unfit(FIT[0], (GD,), Batches(1, [0])) == "it takes minibatches"
    restarting = nesterov(0.1).with_restart(GradientRestart())
    assert _programs.unfit(FIT[0], (GD, restarting), None) == "Nesterov has a restart rule"


def test_operations_are_those_of_the_products():
    m, d, n = 3, 2, 3
    assert _programs.operations(FIT[0]) == 4 * n * m * (d + 1)
    assert _programs.operations(DEEP) == n * (4 * 4 * 2 + 6 * (5 * 4 + 5))
    assert _programs.operations(DeepLinear(X, YY, 4, 3)) == 6 * 2 * (8 + 16 + 8)
    assert _programs.operations(LinearResNet.identity(X, YY, 4, 3)) == 6 * 2 * 3 * 16
    assert _programs.operations(Quadratic(X)) == 0


def test_without_numba_nothing_is_imported_and_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(_programs, "find_spec", lambda name: None)
    monkeypatch.setattr(_programs, "_try", None)
    found = _programs.unable.__wrapped__(DeepReLU)
    assert found == "numba is not installed: pip install 'rootkappa[compiled]'"


def test_a_kernel_that_computes_something_else_is_not_taken(monkeypatch):
    other = _programs._KERNELS[TwoLayerReLU].tiny(torch.full((1, 1), 0.9).double())
    wrong = _programs.program(other)
    monkeypatch.setattr(_programs, "program", lambda model: wrong)
    _programs._broken.cache_clear()
    with pytest.warns(RuntimeWarning, match="ArithmeticError: compiled steps differ"):
        assert "compiled steps differ" in _programs.unable.__wrapped__(TwoLayerReLU)
    _programs._broken.cache_clear()


def test_what_the_machine_lacks_is_said_without_a_try(monkeypatch):
    monkeypatch.setattr(_jit, "lack", lambda: "this processor has no fused multiply-add")
    monkeypatch.setattr(_programs, "_try", None)
    for kind in (TwoLayerReLU, DeepReLU, DeepLinear):
        assert _programs.unable.__wrapped__(kind) == "this processor has no fused multiply-add"


@pytest.mark.parametrize("kind", _programs._KERNELS, ids=lambda kind: kind.__name__)
def test_each_kernel_is_tried_on_a_tiny_network_of_its_own(kind, monkeypatch):
    tried = []
    monkeypatch.setattr(_programs, "_try", tried.append)
    assert _programs.unable.__wrapped__(kind) is None
    (model,) = tried
    assert type(model) is kind
    assert sum(rows * cols for rows, cols in model.shapes) <= 3
    assert _programs.unfit(model, (GD,), None) is None


def test_an_error_without_words_is_named_by_its_kind(monkeypatch):
    def fail(*_):
        raise MemoryError

    monkeypatch.setattr(_programs, "_try", fail)
    _programs._broken.cache_clear()
    with pytest.warns(
        RuntimeWarning, match=r"kernels of rootkappa \(MemoryError: \), so torch takes"
    ):
        assert _programs.unable.__wrapped__(DeepLinear) == "numba cannot compile it, MemoryError: "
    _programs._broken.cache_clear()


def test_a_run_is_fit_for_a_kernel_whatever_its_constant_numbers_and_schedules():
    methods = (GD, heavy_ball(0.1, 0.9), nesterov(0.1), Method(0.1, lambda t: 0.5, 0.3))
    for model in FIT:
        assert _programs.unfit(model, methods, None) is None


def test_the_first_rule_is_named_and_minibatches_before_it():
    rule = heavy_ball(0.1, 0.5).with_restart(GradientRestart())
    other = nesterov(0.1).with_restart(GradientRestart())
    assert _programs.unfit(DEEP, (GD, rule, other), None) == "heavy ball has a restart rule"
    assert _programs.unfit(DEEP, (rule,), Batches(1, [0])) == "it takes minibatches"
    single = DeepReLU(X.float(), Y.float(), [4, 5, 6])
    assert _programs.unfit(single, (GD,), None).startswith("its data are torch.float32 on cpu")


def test_operations_count_every_sample_output_and_layer():
    wide = TwoLayerReLU(torch.ones(4, 7).double(), torch.ones(1, 7).double(), 5, bias=True)
    assert _programs.operations(wide) == 4 * 7 * 5 * (4 + 1 + 1)
    deep = DeepReLU(torch.ones(4, 7).double(), torch.ones(1, 7).double(), [3, 2])
    assert _programs.operations(deep) == 7 * (4 * 3 * 4 + 6 * (2 * 3 + 2))
    one = DeepLinear(torch.ones(4, 7).double(), torch.ones(3, 7).double(), 9, 1)
    assert _programs.operations(one) == 6 * 3 * (3 * 4)
    assert _programs.operations(Own(X, Y, 3, 2)) == 0
