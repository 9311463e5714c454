"""Products against the Jacobian by one backward pass an output."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from rootkappa.diagnosis.module import ModuleFunction
from rootkappa.diagnosis.products import Products
from tests.diagnosis.zoo import FLAT, TARGET, ZOO, Calls, jacobian, perceptron


def _flat(tree):
    return torch.cat([value.flatten() for value in tree.values()])


def test_all_products_are_those_of_the_jacobian(kind):
    module, inputs = kind
    products, J = Products(ModuleFunction(module, inputs)), jacobian(module, inputs)
    v = torch.sin(torch.arange(float(len(J)), dtype=torch.float64)).view(TARGET.shape)
    pulled = products.transposed(v)
    torch.testing.assert_close(_flat(pulled), J.T @ v.flatten())
    torch.testing.assert_close(products.forward(pulled).flatten(), J @ J.T @ v.flatten())
    torch.testing.assert_close(products.kernel(v).flatten(), J @ J.T @ v.flatten())
    torch.testing.assert_close(products.rows([3, 0, 7]), J[[3, 0, 7]])
    torch.testing.assert_close(products.gram([3, 0]), J[[3, 0]] @ J[[3, 0]].T)


def test_every_way_forward_agrees():
    module = perceptron()
    J = jacobian(module, FLAT)
    products = Products(ModuleFunction(module, FLAT))
    g = products.transposed(torch.ones_like(TARGET))
    for _ in range(4):
        torch.testing.assert_close(products.forward(g).flatten(), J @ _flat(g))
        products._ways.pop(0)


class _Sine(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.sin()

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return gradient * x.cos()


class _OnceSine(_Sine):
    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient):
        return _Sine.backward(ctx, gradient)


class _NewSine(torch.autograd.Function):
    @staticmethod
    def forward(x):
        return x.sin()

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return gradient * x.cos()


def _through_numpy(x):
    return torch.sin(x) * torch.from_numpy(x.detach().numpy()).shape[1]


# Where forward mode is missing, and how many ways are left that do.
WITHOUT_FORWARD = {
    "an old function": (_Sine.apply, 2),
    "one without jvp": (_NewSine.apply, 2),
    "one that is differentiable once": (_OnceSine.apply, 1),
    "through NumPy": (_through_numpy, 2),
    "distances": (lambda x: torch.cdist(x, torch.ones(3, 1).double()).sum(1, keepdim=True), 1),
}


@pytest.mark.parametrize("case", WITHOUT_FORWARD)
def test_where_pytorch_has_no_forward_mode_it_is_a_slower_way(case):
    function, ways = WITHOUT_FORWARD[case]
    module = Calls(lambda parts, x: function(parts[0](x)), nn.Linear(6, 1)).double()
    J = jacobian(module, FLAT)
    # Several batches keep no graph, and begin with forward mode; one keeps its own.
    for batches in (FLAT.split([5, 7]), [FLAT]):
        products = Products(ModuleFunction(module, batches))
        torch.testing.assert_close(products.kernel(TARGET).flatten(), J @ J.T @ TARGET.flatten())
        torch.testing.assert_close(products.rows(range(12)), J)
        assert len(batches) == 1 or len(products._ways) == ways


OTHER_ERRORS = [
    torch.OutOfMemoryError("CUDA out of memory"),
    RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"),
    RuntimeError("CUDA error: device-side assert triggered"),
]


@pytest.mark.parametrize("error", OTHER_ERRORS)
def test_other_errors_are_no_reason_for_one_sample_at_a_time(error, monkeypatch):
    def refuse(*_):
        raise error

    monkeypatch.setattr(torch.func, "vmap", lambda *_, **__: refuse)
    products = Products(ModuleFunction(perceptron(), FLAT))
    with pytest.raises(RuntimeError) as raised:
        products.rows([0, 1])
    assert raised.value is error


def _checked(parts, x):
    if not bool(torch.isfinite(x).all()):
        raise ValueError("not finite")
    return parts[0](x)


def test_samples_that_cannot_be_taken_side_by_side_are_taken_one_by_one():
    module = Calls(_checked, nn.Linear(6, 1)).double()
    products = Products(ModuleFunction(module, FLAT))
    torch.testing.assert_close(products.rows([5, 2]), jacobian(module, FLAT)[[5, 2]])


@pytest.mark.parametrize("error", OTHER_ERRORS)
def test_other_errors_are_no_reason_for_a_slower_way(error):
    def refuse(*_):
        raise error

    products = Products(ModuleFunction(perceptron(), FLAT))
    g = products.transposed(TARGET)
    ways = len(products._ways)
    products._ways[0] = refuse
    with pytest.raises(RuntimeError) as raised:
        products.forward(g)
    assert raised.value is error
    assert len(products._ways) == ways


def test_batches_are_rows_of_one_jacobian_with_several_outputs():
    module = perceptron(outputs=3)
    J, products = jacobian(module, FLAT), Products(ModuleFunction(module, FLAT.split([5, 4, 3])))
    v = torch.cos(torch.arange(36.0, dtype=torch.float64)).view(12, 3)
    torch.testing.assert_close(products.kernel(v).flatten(), J @ J.T @ v.flatten())
    torch.testing.assert_close(
        products.rows([11, 4, 5]), J.view(12, 3, -1)[[11, 4, 5]].flatten(0, 1)
    )


def test_other_parameters_are_another_jacobian():
    module, moved = perceptron(seed=0), perceptron(seed=1)
    there = {name: value.detach() for name, value in moved.named_parameters()}
    products = Products(ModuleFunction(module, FLAT), there)
    torch.testing.assert_close(products.rows(range(12)), jacobian(moved, FLAT))


@pytest.mark.parametrize("name", ["linear", "batch norm", "lstm"])
def test_nothing_of_the_module_changes(name):
    make, inputs = ZOO[name]
    module = make().double()
    before = {key: value.clone() for key, value in module.state_dict().items()}
    products = Products(ModuleFunction(module, inputs))
    products.kernel(torch.ones_like(TARGET))
    assert all(torch.equal(value, before[key]) for key, value in module.state_dict().items())
    assert all(p.grad is None for p in module.parameters())


def test_parameters_that_no_output_sees_have_no_part():
    module = nn.ModuleDict({"used": nn.Linear(6, 1), "idle": nn.Linear(6, 1)}).double()
    module.forward = lambda x: module["used"](x)
    products = Products(ModuleFunction(module, FLAT))
    found = products.transposed(torch.ones_like(TARGET))
    assert not found["idle.weight"].any()
    assert products.rows([0]).shape == (1, 14)
