"""Trajectories: labels, rows, joined arrays, and what several models do not share."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa import DeepLinear, Quadratic, datasets, gradient_descent, nesterov, train
from rootkappa.training import grid

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
