"""Trajectories: labels, rows, joined arrays, and what several models do not share."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rootkappa import DeepLinear, Quadratic, datasets, gradient_descent, nesterov, train
from rootkappa.training import Snapshot, grid

F64 = torch.float64


def _problem(size):
    return Quadratic.with_spectrum(torch.linspace(0.2, 1.0, size, dtype=F64))


@pytest.fixture(scope="module")
def run():
    methods = {"GD": gradient_descent(0.9), "NAG": nesterov(0.5, 0.4)}
    runs = grid(_problem, size=[3, 3 + 2], method=methods, seed=range(4))
    return runs.train(lambda spectrum, size: 10 * size, keep_residuals=True)


def test_rows_follow_the_labels(run):
    assert run.axes == {"size": (3, 5), "method": ("GD", "NAG"), "seed": (0, 1, 2, 3)}
    names = run.shaped([method.momentum > 0 for method in run.methods])
    assert names[:, 0].sum() == 0
    assert names[:, 1].all()
    first = run.shaped(run.residual_norms[:, 0])
    for i, size in enumerate((3, 5)):
        model = _problem(size)
        start = model.residual(model.initialise(range(4))).norm(dim=(1, 2))
        torch.testing.assert_close(first[i], start.expand(2, 4))


def test_by_and_at_agree_with_indexing(run):
    cube = run.shaped(run.residual_norms)
    for i, (size, part) in enumerate(run.by("size").items()):
        assert part.axes == {"method": ("GD", "NAG"), "seed": (0, 1, 2, 3)}
        torch.testing.assert_close(
            part.shaped(part.lag1), run.shaped(run.lag1)[i][..., : 10 * size + 1], equal_nan=True
        )
        for j, (name, half) in enumerate(part.by("method").items()):
            ours = run.at(size=size, method=name)
            assert torch.equal(half.residual_norms, ours.residual_norms)
            torch.testing.assert_close(
                cube[i, j, :, : 10 * size + 1], ours.residual_norms, equal_nan=True
            )
            one = half.at(seed=2)
            assert one.axes == {}
            assert one.residual_norms.shape == (1, 10 * size + 1)
            assert torch.equal(one.shaped(one.residual_norms), cube[i, j, 2, : 10 * size + 1])
    across = run.by("seed")[3]
    assert across.axes == {"size": (3, 5), "method": ("GD", "NAG")}
    torch.testing.assert_close(across.shaped(across.residual_norms), cube[:, :, 3], equal_nan=True)


def test_shorter_runs_are_padded_with_nan(run):
    short = run.shaped(run.residual_norms)[0]
    assert short.shape[-1] == 51
    assert short[..., 31:].isnan().all()
    assert not short[..., :31].isnan().any()
    assert run.shaped(run.stopped_at)[:, 0, 0].tolist() == [30, 50]


@pytest.mark.parametrize("name", ["weights", "residuals", "model", "start"])
def test_what_models_do_not_share_is_refused_and_reached(run, name):
    with pytest.raises(ValueError, match=f"of 2 models, and no one {name} holds .*, along size"):
        getattr(run, name)
    with pytest.raises(ValueError, match="no one model holds for all"):
        run.snapshot()
    part = run.at(size=5)
    assert part.weights[0].shape == (8, 5, 1)
    assert part.residuals.shape == (8, 51, 5)
    assert part.model.shapes == [(5, 1)]


def test_weights_of_one_shape_are_stacked_over_models():
    def network(kappa, seed):
        data = datasets.gaussian(d=3, k=1, n=5, kappa=kappa)
        return DeepLinear(data.X, data.Y, 4, 2)

    runs = grid(network, method=gradient_descent(0.1), kappa=[1, 4], seed=[5, 6]).train(3)
    assert len(runs.runs) == 4
    for i, kappa in enumerate((1, 4)):
        for j, seed in enumerate((5, 6)):
            assert torch.equal(
                runs.at(kappa=kappa, seed=seed).start[0], network(kappa, seed).initialise([seed])[0]
            )
            own = runs.at(kappa=kappa, seed=seed).weights
            assert all(
                torch.equal(a[2 * i + j], b[0]) for a, b in zip(runs.weights, own, strict=True)
            )
    with pytest.raises(ValueError, match=r"of 4 models, .* along kappa and seed"):
        _ = runs.model


def test_a_single_run_is_not_copied():
    model = _problem(3)
    found = train(model, gradient_descent(0.5), model.initialise(range(4)), 5, keep_residuals=True)
    assert found.residuals is found.runs[0].residuals
    half = grid(model, method=[gradient_descent(0.5), nesterov(0.5)], seed=range(4)).train(
        5, keep_residuals=True
    )
    for axis, label in (("method", "Nesterov"), ("seed", 2)):
        part = half.at(**{axis: label})
        assert (
            part.residuals.untyped_storage().data_ptr()
            == half.residuals.untyped_storage().data_ptr()
        )


def test_an_unlabelled_run_counts_its_replicas():
    model = _problem(3)
    found = train(model, gradient_descent(0.5), model.initialise(range(3)), 5)
    assert found.axes == {"replica": (0, 1, 2)}
    assert torch.equal(found.at(replica=1).residual_norms[0], found.residual_norms[1])
    assert torch.equal(found.shaped(found.residual_norms), found.residual_norms)
    assert repr(found) == "Trajectory(axes={'replica': (0, 1, 2)})"


def test_steps_to_counts_the_first_step_below():
    weights = [torch.tensor([[0.0], [1.0], [1.0]], dtype=F64)[..., None]]
    model = Quadratic.with_spectrum(torch.tensor([1.0], dtype=F64))
    methods = [gradient_descent(0.5), gradient_descent(0.5), gradient_descent(30.0)]
    found = train(model, methods, weights, 70)
    assert found.steps_to(0.3).tolist() == [0.0, 2.0, math.inf]
    assert found.steps_to(0.25).tolist() == [0.0, 3.0, math.inf]
    assert found.steps_to(1e-300).tolist() == [0.0, math.inf, math.inf]
    assert [status.name for status in found.status][::2] == ["CONVERGED", "DIVERGED"]


BAD = [
    (lambda run: run.steps_to(0), ValueError, "accuracy must be .* above 0, got 0"),
    (lambda run: run.steps_to(math.nan), ValueError, "accuracy must be .* above 0, got nan"),
    (lambda run: run.steps_to("1e-6"), TypeError, "accuracy must be a number, got '1e-6'"),
    (lambda run: run.at(method="gd"), ValueError, "axis method has no label 'gd'"),
    (lambda run: run.at(seed=9), ValueError, "axis seed has no label 9: did you mean 3"),
    (lambda run: run.at(width=9), ValueError, "there is no axis 'width': use one of size, meth"),
    (lambda run: run.by("sizes"), ValueError, "no axis 'sizes': did you mean 'size'"),
    (lambda run: run.by(3), ValueError, "there is no axis 3"),
    (lambda run: run.shaped(torch.ones(3)), ValueError, r"shape \(3,\) for 16 replicas: give one"),
    (lambda run: run.shaped(2.0), ValueError, r"shape \(\) for 16 replicas"),
]


@pytest.mark.parametrize(("call", "kind", "message"), BAD)
def test_bad_arguments_get_one_sentence(run, call, kind, message):
    with pytest.raises(kind, match=message):
        call(run)


def test_choosing_no_label_keeps_all(run):
    same = run.at()
    assert same.axes == run.axes
    torch.testing.assert_close(same.residual_norms, run.residual_norms, equal_nan=True)
    assert same.methods == run.methods


def test_parts_come_in_the_order_of_the_labels(run):
    assert list(run.by("size")) == [3, 5]
    assert list(run.by("method")) == ["GD", "NAG"]
    for seed, part in run.by("seed").items():
        assert part.stopped_at.tolist() == run.at(seed=seed).stopped_at.tolist() == [30, 30, 50, 50]


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3)])
@pytest.mark.parametrize("kind", [torch.as_tensor, np.asarray, np.ndarray.tolist])
def test_whatever_has_an_entry_a_replica_is_laid_out(run, shape, kind):
    values = np.arange(16.0 * math.prod(shape)).reshape(16, *shape)
    found = run.shaped(kind(values))
    assert found.shape == (2, 2, 4, *shape)
    for row, (i, j, k) in enumerate(np.ndindex(2, 2, 4)):
        assert found[i, j, k].tolist() == values[row].tolist()


def test_truth_values_are_laid_out_as_such(run):
    found = run.shaped([method.momentum > 0 for method in run.methods])
    assert found.dtype == torch.bool


def test_losses_are_half_the_squares_and_the_end_is_that_of_the_longest_run():
    model = _problem(3)
    methods = [gradient_descent(0.9), gradient_descent(1e-3)]
    found = train(model, methods, model.initialise([0, 1]), 100, tolerance=1e-2)
    squares = [[norm * norm / 2 for norm in row] for row in found.residual_norms.tolist()]
    torch.testing.assert_close(
        found.losses, torch.tensor(squares, dtype=F64), rtol=1e-14, atol=0, equal_nan=True
    )
    assert found.stopped_at.tolist() == [63, 100]
    assert (found.snapshot().step, type(found.snapshot().step)) == (100, int)
    assert found.residuals is None
    assert found.at(replica=0).snapshot().step == 63


def test_what_observers_saw_of_several_models_is_stacked_where_it_has_one_shape():
    looks = {"moved": Snapshot.displacement, "weights": lambda now: now.weights[0].clone()}
    runs = grid(_problem, size=[3, 4], method=gradient_descent(0.5), seed=[0, 1])
    found = runs.train(5, observers={"moved": looks["moved"]}, observe_at=[0, 5])
    assert found.observed["moved"].shape == (4, 2)
    for row, (size, seed) in enumerate([(3, 0), (3, 1), (4, 0), (4, 1)]):
        alone = found.at(size=size, seed=seed)
        assert torch.equal(alone.observed["moved"][0], found.observed["moved"][row])
    both = runs.train(5, observers=looks, observe_at=[0, 5])
    with pytest.raises(
        ValueError, match="of 2 models, and no one observed weights holds for all: "
    ):
        _ = both.observed
    assert both.at(size=4).observed["weights"].shape == (2, 2, 4, 1)


def test_rows_of_interleaved_models_are_put_back_in_order():
    # The seed is the last axis and makes the models, so that the rows of each are far apart.
    def problem(seed):
        return _problem(2 + seed)

    methods = {name: gradient_descent(eta) for name, eta in (("a", 0.1), ("b", 0.2), ("c", 0.3))}
    found = grid(problem, method=methods, seed=[0, 1]).train(4)
    assert found.rows == ((0, 2, 4), (1, 3, 5))
    assert [method.step_size for method in found.methods] == [0.1, 0.1, 0.2, 0.2, 0.3, 0.3]
    for row in range(6):
        model = problem(row % 2)
        residual = model.residual(model.initialise([row % 2]))
        assert float(found.residual_norms[row, 0]) == pytest.approx(float(residual.norm()))
    only = found.at(seed=1)
    assert (only.rows, len(only.runs)) == (((0, 1, 2),), 1)
    assert only.model.shapes == [(3, 1)]


def test_products_of_residuals_are_stacked_and_padded_as_norms_are(run):
    for lag, found in ((1, run.lag1), (2, run.lag2)):
        for size in (3, 5):
            part = run.at(size=size)
            xi = part.residuals
            exact = (xi[:, lag:] * xi[:, :-lag]).sum(2)
            torch.testing.assert_close(getattr(part, f"lag{lag}")[:, lag:], exact)
            own = run.shaped(found)[0 if size == 3 else 1].flatten(0, 1)
            torch.testing.assert_close(own[:, lag : 10 * size + 1], exact)
            assert own[:, 10 * size + 1 :].isnan().all()


def test_a_tensor_is_laid_out_without_a_copy_and_with_its_gradient(run):
    values = torch.arange(16.0, requires_grad=True)
    found = run.shaped(values)
    assert found.data_ptr() == values.data_ptr()
    found[1, 0, 2].backward()
    assert values.grad.nonzero().tolist() == [[10]]


def test_where_observers_looked_is_that_of_any_run():
    model = _problem(3)
    looks = {"moved": Snapshot.displacement}
    options = {"observers": looks, "observe_at": [4, 1]}
    found = train(model, gradient_descent(0.5), model.initialise([0]), 5, **options)
    assert found.observed_at == (1, 4)
    several = grid(_problem, size=[2, 3], method=gradient_descent(0.5)).train(5, **options)
    assert several.observed_at == several.at(size=3).observed_at == (1, 4)


SPLITS = {
    "one of three axes": (["size"], "size"),
    "two of three": (["size", "top"], "size and top"),
}


@pytest.mark.parametrize(("read", "named"), SPLITS.values(), ids=SPLITS)
def test_only_the_axes_that_make_the_models_are_named(read, named):
    def both(size, top):
        return Quadratic.with_spectrum(torch.linspace(0.1, top, size, dtype=F64))

    problem = both if len(read) == 2 else lambda size: both(size, 1.0)
    values = {"size": [2, 3], "top": [0.5, 1.0]}
    chosen = {name: values[name] for name in read}
    runs = grid(problem, method=[gradient_descent(0.1), nesterov(0.1, 0.5)], seed=[0, 1], **chosen)
    with pytest.raises(ValueError, match=rf"with \.by\(\.\.\.\), along {named}\.$"):
        _ = runs.train(1).model
