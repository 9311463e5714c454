"""What a call does that leaves an argument out is a promise: claims and chapters rest on it."""

from __future__ import annotations

import inspect
import math

import pytest

from rootkappa import (
    architectures,
    datasets,
    diagnosis,
    dynamics,
    figures,
    kernels,
    optimizers,
    rates,
    reductions,
    residuals,
    sweeps,
    theorems,
    training,
)
from rootkappa.architectures import AdditiveModel, LinearResNet
from rootkappa.problems import PartitionConstants

SCALES = {"input_scale": 1.0, "output_scale": 1.0}
REST = {"start": "rest"}
DEFAULTS = {
    PartitionConstants: {"R_x": math.inf, "R_u": math.inf},
    datasets.gaussian: {"d": 10, "k": 3, "n": 50, "kappa": 25.0, "noise": 0.0, "seed": 0},
    datasets.sphere: {"d": 20, "k": 1, "n": 50, "seed": 0},
    datasets.paired: {"pairs": 6, "d": 8, "k": 1, "seed": 0},
    datasets.load: {"n": None, "seed": 0, "form": "unit", "components": None, "folder": None},
    datasets.Dataset.subsample: {"seed": 0},
    optimizers.Method: {"momentum": 0.0, "extrapolation": 0.0, "restart": None},
    optimizers.nesterov: {"momentum": None},
    optimizers.HigherMomentum: {"second": 0.0},
    optimizers.NesterovSchedule: {"r": 3.0},
    optimizers.SpeedRestart: {"patience": 2, "floor": 1e-12},
    optimizers.GradientRestart: {"floor": 1e-12},
    optimizers.FunctionRestart: {"floor": 1e-12},
    AdditiveModel: {"activation": "relu"},
    AdditiveModel.drawn: {"d": None, "activation": "relu", "seed": 0},
    architectures.DeepLinear: {"initialisation": "gaussian", "scale_width": None},
    architectures.DeepReLU: {"frozen": ()},
    LinearResNet: {"hidden_scale": 0.0, "maps": "given"},
    LinearResNet.gaussian: SCALES,
    LinearResNet.identity: SCALES,
    LinearResNet.modified_identity: SCALES,
    architectures.TwoLayerReLU: {
        "initialisation": "gaussian",
        "scaling": "lazy",
        "bias": False,
        "train_output": False,
        "leak": 0.0,
    },
    kernels.relu_limit: {"leak": 0.0},
    kernels.relu_mean_square: {"paired": False, "leak": 0.0},
    dynamics.VanishingFriction: {"r": 3.0},
    dynamics.frozen_norms: REST,
    dynamics.frozen_residuals: REST,
    dynamics.modal_response: REST,
    dynamics.prefactor: {"steps": None, **REST},
    dynamics.steps_to: REST,
    dynamics.power_bound: {"factor": 2.0},
    dynamics.power_norms: {"rate": None},
    dynamics.stability_limit: {"spectrum": None},
    dynamics.two_factor_response: {"sharp": False},
    reductions.reduce_krylov: {"blocks": None, "methods": None, "steps": None, "tolerance": 1e-12},
    reductions.sample_krylov: {"blocks": None, "methods": None, "steps": None, "tolerance": 1e-12},
    reductions.sample_linear_resnet: SCALES,
    training.Batches: {"sampling": "replacement"},
    training.train: {
        "batches": None,
        "tolerance": 0.0,
        "observers": None,
        "observe_at": (),
        "keep_residuals": False,
        "progress": True,
    },
    rates.effective_factor: {"window": None},
    rates.free_factor: {"direction": None, "memory": True, "tolerance": 0.1},
    rates.linear_or_sublinear: {"skip": 0.1, "rounding": 1e-13},
    rates.scaling_exponent: {"confidence": 0.95, "rounded": False, "corrections": False},
    rates.tail_factor: {"noise": None, "share": None, "tolerance": 0.1, "from_rest": True},
    rates.tail_factors: {"tolerance": 0.1},
    residuals.MeasuredConstants: {"L2": 1.0},
    residuals.measured_constants: {"start": None},
    residuals.searched_constants: {"steps": 10},
    theorems.GaussianGradientDescent: {"delta": 0.1},
    theorems.GaussianNesterov: {"delta": 0.1},
    theorems.HeavyBallFlowBound: {"friction": 2.0},
    theorems.Hypothesis: {"role": "", "up_to_a_constant": False},
    theorems.NarrowGaussianIsStuck: {"gamma": 0.5},
    theorems.NesterovFlowBound: {"r": 3.0},
    theorems.OrthogonalGradientDescent: {"delta": 0.1},
    theorems.OrthogonalHeavyBall: {"delta": 0.1},
    theorems.PartitionNesterov: {"c": 0.25},
    theorems.PartitionNesterov.check: {"gap": 0.0},
    theorems.PartitionNesterov.printed_condition: {"C1": 1.0, "C2": 1.0},
    theorems.PartitionNesterov.best: {"points": 400},
    theorems.ReluGradientDescent: {"delta": 0.1},
    theorems.ReluHeavyBall: {"delta": 0.1},
    theorems.ReluNesterov: {"delta": 0.1},
    theorems.ResNetGradientDescent: {"step_constant": 0.1},
    theorems.ResNetNesterov: {"delta": 0.1},
    theorems.ResNetStochasticGradientDescent: {
        "step_constant": 0.1,
        "delta": 0.1,
        "batch_size": 1,
        "steps": 1000,
    },
    figures.decay: {"theory": None, "floor": 0.0, "points": 40, "labels": True},
    figures.scaling: {"theory": None, "labels": True},
    sweeps.run: {"executor": None, "store": None, "progress": True},
    diagnosis.diagnose: {
        "Y": None,
        "loss": "mse",
        "tolerance": 0.01,
        "spectrum": "krylov",
        "headroom": None,
        "memory": 2e9,
        "progress": False,
    },
    diagnosis.Diagnosis.torch_kwargs: {"method": "heavy ball"},
    diagnosis.Diagnosis.verify: {"methods": ("gradient descent", "heavy ball", "nesterov")},
}


@pytest.mark.parametrize("function", DEFAULTS, ids=lambda function: function.__qualname__)
def test_defaults_are_those_that_the_book_rests_on(function):
    parameters = inspect.signature(function).parameters
    found = {name: parameters[name].default for name in DEFAULTS[function]}
    assert found == DEFAULTS[function]
    assert {type(value) for value in found.values()} == {
        type(value) for value in DEFAULTS[function].values()
    }
