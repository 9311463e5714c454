"""Grids against runs that are laid out by hand, and every way to describe them wrongly."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import torch

from rootkappa import (
    Batches,
    DeepLinear,
    LinearResNet,
    Method,
    Quadratic,
    TwoLayerReLU,
    datasets,
    gradient_descent,
    heavy_ball,
    nesterov,
    optimizers,
    train,
)
from rootkappa.reductions import Reduction, reduce
from rootkappa.training import Snapshot, grid

TUNINGS = {
    "gradient descent": optimizers.classical_gradient_descent,
    "heavy ball": optimizers.modular_heavy_ball,
    "Nesterov": optimizers.lazy_nesterov,
}
DATA = datasets.gaussian(d=4, k=2, n=9, kappa=9).reduced()
MODEL = DeepLinear(DATA.X, DATA.Y, width=16, depth=3)


def _network(kappa, width=16):
    data = datasets.gaussian(d=4, k=2, n=9, kappa=kappa).reduced()
    return DeepLinear(data.X, data.Y, width, 3)


def test_methods_are_tuned_to_each_start_by_itself():
    run = grid(MODEL, method=TUNINGS, seed=range(3)).train(120, keep_residuals=True)
    assert run.axes == {"method": tuple(TUNINGS), "seed": (0, 1, 2)}
    for name, tuning in TUNINGS.items():
        for seed in range(3):
            weights = MODEL.initialise([seed])
            values = torch.linalg.eigvalsh(MODEL.tangent_kernel(weights)[0])
            method = tuning(float(values[0]), float(values[-1]))
            alone = train(MODEL, method, weights, 120, keep_residuals=True)
            ours = run.at(method=name, seed=seed)
            assert ours.methods[0].step_size == pytest.approx(method.step_size, rel=1e-9)
            torch.testing.assert_close(ours.residuals, alone.residuals, rtol=1e-6, atol=1e-10)
            assert torch.equal(ours.start[0], weights[0])


def test_models_of_several_shapes_come_back_in_one_trajectory():
    widths, kappas = (8, 32), (4.0, 16.0)
    runs = grid(_network, method=TUNINGS, kappa=kappas, width=widths, seed=range(2))
    run = runs.train(lambda spectrum: int(20 * spectrum.kappa), tolerance=1e-6)
    assert tuple(run.axes) == ("kappa", "width", "method", "seed")
    assert len(runs) == 2 * 2 * 3 * 2 == len(run.status)
    assert {status.name for status in run.status} == {"CONVERGED"}
    steps = run.shaped(run.steps_to(1e-6))
    assert steps.shape == (2, 2, 3, 2)
    for i, kappa in enumerate(kappas):
        for j, width in enumerate(widths):
            model = _network(kappa, width)
            ours = run.at(kappa=kappa, width=width)
            assert ours.model.width == width
            assert ours.weights[1].shape == (6, width, width)
            alone = grid(model, method=TUNINGS, seed=range(2)).train(2000, tolerance=1e-6)
            assert torch.equal(steps[i, j], alone.shaped(alone.steps_to(1e-6)))
    assert run.residual_norms.shape[1] == max(part.residual_norms.shape[1] for part in run.runs)


def test_a_sweep_over_numbers_is_one_stack():
    problem = Quadratic.with_spectrum(torch.tensor([0.1, 1.0], dtype=torch.float64))
    run = grid(problem, method=heavy_ball, step_size=[0.5, 1.0], momentum=[0.1, 0.4, 0.7]).train(9)
    assert run.axes == {"step_size": (0.5, 1.0), "momentum": (0.1, 0.4, 0.7), "seed": (0,)}
    assert len(run.runs) == 1
    numbers = [method.coefficients(0) for method in run.methods]
    assert numbers == [(eta, beta, 0.0) for eta in (0.5, 1.0) for beta in (0.1, 0.4, 0.7)]
    assert run.at(step_size=1.0, momentum=0.7).methods == (heavy_ball(1.0, 0.7),)


def test_tunings_may_read_axes_beside_the_spectrum():
    def slowed(spectrum, factor):
        return gradient_descent(1 / (factor * spectrum.lambda_max))

    methods = {"slowed": slowed, "fixed": gradient_descent(0.1)}
    run = grid(MODEL, method=methods, factor=[1, 2, 4], seed=[5]).train(3)
    steps = torch.tensor([method.step_size for method in run.methods], dtype=torch.float64)
    etas = run.shaped(steps)[:, :, 0]
    assert (etas[:, 0] * torch.tensor([1, 2, 4])).tolist() == pytest.approx([float(etas[0, 0])] * 3)
    assert etas[:, 1].tolist() == [0.1] * 3


def test_tunings_may_read_model_weights_and_seed_of_their_replica():
    seen = []

    def tuning(model, weights, seed):
        seen.append((model.replicas, [tuple(layer.shape) for layer in weights], seed))
        return gradient_descent(0.01)

    model = LinearResNet.gaussian(DATA.X, DATA.Y, 6, 2, [3, 4])
    grid(model, method=tuning, seed=[3, 4]).train(1)
    assert seen == [(None, [(1, 6, 6)] * 2, 3), (None, [(1, 6, 6)] * 2, 4)]


def test_starts_that_are_drawn_already_are_used_and_counted():
    model = DeepLinear(DATA.X, DATA.Y, 12, 3, "orthogonal")
    reduction = reduce(model, model.initialise([7, 8]))
    assert isinstance(reduction, Reduction)
    for problem in (reduction, (reduction.model, reduction.weights)):
        run = grid(problem, method=TUNINGS).train(5)
        assert run.axes["seed"] == (0, 1)
        for label, part in run.by("method").items():
            assert label in TUNINGS
            assert all(
                torch.equal(a, b) for a, b in zip(part.start, reduction.weights, strict=True)
            )
    assert grid(reduction, method=TUNINGS, seed=[7, 8]).axes["seed"] == (7, 8)


def test_a_problem_may_draw_for_all_seeds_or_for_each():
    def maps(width, seeds):
        return LinearResNet.gaussian(DATA.X, DATA.Y, width, 2, seeds)

    def alone(width, seed):
        return LinearResNet.gaussian(DATA.X, DATA.Y, width, 2, [seed])

    method = {"GD": gradient_descent(0.02), "NAG": nesterov(0.01, 0.5)}
    together = grid(maps, method=method, width=[6, 9], seed=range(3)).train(30)
    apart = grid(alone, method=method, width=[6, 9], seed=range(3)).train(30)
    assert (len(together.runs), len(apart.runs)) == (2, 6)
    assert together.axes == apart.axes
    torch.testing.assert_close(together.residual_norms, apart.residual_norms, rtol=1e-9, atol=1e-13)
    one = apart.at(width=9, method="NAG", seed=2)
    direct = train(alone(9, 2), method["NAG"], alone(9, 2).initialise([2]), 30)
    torch.testing.assert_close(one.residual_norms, direct.residual_norms, rtol=1e-9, atol=1e-13)


def test_a_mapping_names_what_is_no_label():
    problems = {"flat": datasets.gaussian(d=3, n=5, kappa=1), "steep": datasets.gaussian(d=3, n=5)}

    def network(data):
        return DeepLinear(data.X, data.Y, 8, 2)

    run = grid(network, method=gradient_descent(0.1), data=problems).train(4)
    assert run.axes["data"] == ("flat", "steep")
    assert run.at(data="steep").model.X is problems["steep"].X


def test_the_numbers_of_steps_may_follow_the_method():
    run = grid(MODEL, method={"slow": gradient_descent(0.1), "fast": gradient_descent(0.2)}).train(
        lambda method: int(4 / method.step_size)
    )
    assert run.residual_norms.shape == (2, 41)


def test_all_methods_see_the_same_batches():
    methods = {"a": gradient_descent(0.05), "b": gradient_descent(0.05)}
    run = grid(MODEL, method=methods, seed=[3, 4]).train(20, batches=Batches(2, [1, 2]))
    first, second = run.by("method").values()
    torch.testing.assert_close(first.residual_norms, second.residual_norms)
    alone = train(MODEL, methods["a"], MODEL.initialise([4]), 20, batches=Batches(2, [2]))
    torch.testing.assert_close(run.at(method="b", seed=4).residual_norms, alone.residual_norms)


def test_observers_see_all_replicas_of_a_grid():
    data = datasets.sphere(d=4, n=6)
    looks = {"moved": Snapshot.displacement, "ends": Snapshot.kernel_extremes}
    run = grid(
        lambda width: TwoLayerReLU(data.X, data.Y, width),
        method=[gradient_descent(0.1), nesterov(0.1, 0.5)],
        width=[32, 64],
        seed=range(2),
    ).train(12, observers=looks, observe_at=[0, 12])
    assert run.axes["method"] == ("gradient descent", "Nesterov")
    assert run.shaped(run.observed["ends"]).shape == (2, 2, 2, 2, 2)
    for width, part in run.by("width").items():
        assert part.model.width == width
        torch.testing.assert_close(part.observed["moved"][:, 1], part.snapshot().displacement())


def test_a_lone_method_is_no_axis():
    assert grid(MODEL, method=nesterov(0.1, 0.5), seed=range(2)).axes == {"seed": (0, 1)}
    assert grid(MODEL, method=[nesterov(0.1, 0.5)]).axes["method"] == ("Nesterov",)
    assert grid(MODEL, method=iter([nesterov(0.1, 0.5)])).axes["method"] == ("Nesterov",)
    assert grid(MODEL, method=[optimizers.lazy_nesterov]).axes["method"] == ("lazy_nesterov",)


def test_seeds_of_any_whole_kind_are_the_same():
    for seeds in (np.arange(2), torch.arange(2), (0.0, 1.0)):
        assert grid(MODEL, method=nesterov(0.1), seed=seeds).axes["seed"] == (0, 1)


def _grid(problem=MODEL, method=gradient_descent(0.1), **axes):  # noqa: B008 - a frozen record
    return grid(problem, method=method, **axes)


def _pair(replicas):
    return MODEL, MODEL.initialise(range(replicas))


BAD = [
    (lambda: _grid(widht=[1, 2]), TypeError, "axis widht is read by nothing: name a parameter"),
    (
        lambda: _grid(lambda width=8: _network(4, width), widht=[8]),
        TypeError,
        "axis widht is read by nothing: did you mean 'width'.* Otherwise name a parameter of the",
    ),
    (lambda: _grid(lambda width: MODEL), TypeError, "the problem has the parameter 'width', which"),
    (lambda: _grid(_network, kappa=[]), ValueError, "axis kappa is empty"),
    (lambda: _grid(_network, kappa=[4, 4]), ValueError, "axis kappa has the label 4 twice"),
    (lambda: _grid(_network, kappa=4), TypeError, "axis kappa must be a sequence, got 4"),
    (lambda: _grid(status=[1]), ValueError, "cannot be called 'status', which has a meaning"),
    (lambda: _grid(spectrum=[1]), ValueError, "cannot be called 'spectrum'"),
    (lambda: _grid(model=[1]), ValueError, "cannot be called 'model'"),
    (lambda: _grid(method={}), ValueError, "axis method is empty"),
    (lambda: _grid(method=[]), ValueError, "axis method is empty"),
    (lambda: _grid(method="gd"), TypeError, "family of three numbers, got 'gd'"),
    (lambda: _grid(method=["gd"]), TypeError, "family of three numbers, got 'gd'"),
    (lambda: _grid(method=None), TypeError, "family of three numbers, got NoneType"),
    (lambda: _grid(method=torch.optim.SGD), TypeError, "family of three numbers, got SGD"),
    (lambda: _grid(method={"a": 0.1}), TypeError, "family of three numbers, got 0.1"),
    (
        lambda: _grid(method=[gradient_descent(0.1), gradient_descent(0.2)]),
        ValueError,
        "axis method has the label 'gradient descent' twice: drop one, or rename",
    ),
    (
        lambda: _grid(method=[lambda s: s]),
        TypeError,
        "a lambda or partial has none: give a mapping",
    ),
    (lambda: _grid(method=lambda a, b: a), TypeError, "a tuning has the parameter 'a', which is"),
    (lambda: _grid(seed=3), TypeError, "seeds must be a sequence, got 3: give range"),
    (lambda: _grid(seed=["a"]), TypeError, "seed must be a whole number, got 'a'"),
    (lambda: _grid(seed=[1.5]), TypeError, "seed must be a whole number, got 1.5"),
    (lambda: _grid(seed=[]), ValueError, "replicas must be at least 1, got 0"),
    (lambda: _grid(seed=[1, 1]), ValueError, "axis seed has the label 1 twice"),
    (lambda: _grid(seed=[-1]), ValueError, "seed must lie in"),
    (
        lambda: _grid(_pair(2), seed=range(3)),
        ValueError,
        "got 3 seeds for 2 replicas: give one each",
    ),
    (lambda: _grid(3), TypeError, "the problem is a int: give a Model of rootkappa, a Reduction"),
    (lambda: _grid(torch.nn.Linear(1, 1)), TypeError, "the problem is a Linear: give a Model"),
    (lambda: _grid((3, 4)), TypeError, "the problem is a tuple: give a Model"),
    (lambda: _grid(lambda: 3).train(1), TypeError, "the problem is a int: give a Model"),
    (
        lambda: _grid(lambda: _pair(2), seed=range(3)).train(1),
        ValueError,
        r"problem has 2 starts for 3 seeds: give the grid seed=range",
    ),
    (
        lambda: _grid(method=lambda s: 0.1).train(1),
        TypeError,
        "the tuning at seed = 0 returned 0.1",
    ),
    (
        lambda: _grid(method={"a": lambda factor: factor}, factor=[2]).train(1),
        TypeError,
        "the tuning at factor = 2, method = 'a', seed = 0 returned 2: return a Method",
    ),
    (lambda: _grid().train(1.5), TypeError, "steps must be a whole number, got 1.5"),
    (lambda: _grid().train(lambda s: 1.5), TypeError, "steps at seed = 0 must be a whole .* 1.5"),
    (
        lambda: _grid().train(lambda a, b: 1),
        TypeError,
        "steps has the parameter 'a', which is named",
    ),
    (
        lambda: _grid(seed=range(3)).train(1, batches=Batches(2, [0])),
        ValueError,
        "got 1 batch seeds for 3 seeds of the grid: give one each",
    ),
    (
        lambda: _grid().train(1, batches=3),
        TypeError,
        r"batches must be Batches\(size, seeds\), got 3",
    ),
]


@pytest.mark.parametrize(("call", "kind", "message"), BAD, ids=[message for *_, message in BAD])
def test_bad_arguments_get_one_sentence(call, kind, message):
    with pytest.raises(kind, match=message):
        call()


def test_a_constructor_is_a_problem():
    run = grid(
        partial(DeepLinear, DATA.X, DATA.Y, depth=2), method=Method(0.1), width=[4, 8], depth=[2, 3]
    ).train(2)
    assert [part.model.depth for part in run.at(width=8).by("depth").values()] == [2, 3]
