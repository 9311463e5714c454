"""Every argument of every public function, replaced by what it cannot be: one sentence each.

A call that is right stands here once for each function; the rest follows from it.
"""

from __future__ import annotations

import inspect
import math
import traceback
from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

import rootkappa
from rootkappa import (
    AdditiveModel,
    DeepLinear,
    DeepReLU,
    LinearResNet,
    Quadratic,
    TwoLayerReLU,
    datasets,
    diagnosis,
    draws,
    dynamics,
    figures,
    heavy_ball,
    kernels,
    ledger,
    optimizers,
    rates,
    reductions,
    residuals,
    sweeps,
    train,
)
from rootkappa.architectures import PartitionedReLU, RotatedReLU
from rootkappa.dynamics import gegenbauer
from rootkappa.dynamics.companion import oscillatory_interval
from rootkappa.problems import PartitionConstants, Spectrum
from rootkappa.residuals import activations, measured
from rootkappa.theorems import PartitionNesterov
from rootkappa.theorems.liao2024provable import SawTooth

DATA = datasets.gaussian(d=3, k=2, n=4)
SPHERE = datasets.sphere(d=3, n=4)
X, Y = DATA.X, DATA.Y
VALUES = torch.tensor([0.1, 0.5, 1.0], dtype=torch.float64)
ONES = torch.ones(3, dtype=torch.float64)
METHOD = heavy_ball(0.5, 0.5)
LINEAR = DeepLinear(X, Y, 8, 3)
LINEAR_START = LINEAR.initialise([0])
ORTHOGONAL = DeepLinear(X, Y, 8, 3, "orthogonal")
RELU = TwoLayerReLU(SPHERE.X, SPHERE.Y, 6)
RELU_START = RELU.initialise([0])
DEEP = DeepReLU(SPHERE.X, SPHERE.Y, [5, 6, 8])
DEEP_START = DEEP.initialise([0])
SQUARE = Quadratic.with_spectrum(VALUES)
RUN = train(SQUARE, METHOD, SQUARE.initialise([0]), 60, keep_residuals=True)
NORMS = 0.9 ** torch.arange(60, dtype=torch.float64)
MAPS = torch.ones(8, 3, dtype=torch.float64), torch.ones(2, 8, dtype=torch.float64)
PLANE = torch.eye(3, dtype=torch.float64)
COUNTS = {"width": 8, "depth": 3}
HIGHER = optimizers.HigherMomentum(0.5, 0.3, 0.1)
ROTATED = RotatedReLU.at(DEEP, DEEP_START)
ADDITIVE = AdditiveModel.drawn(VALUES, 0.1)
FLOW = dynamics.ConstantFriction(1.0)
GRID = rootkappa.grid(LINEAR, method=[METHOD], seed=[0])
CERTIFICATE, PARTITION = PartitionNesterov(), PartitionConstants(1.0, 4.0, 1.0, 0.1, 0.1)
SAW = SawTooth(VALUES)
MEASURED = residuals.MeasuredConstants(*[torch.ones(2)] * 4, "by hand")
TABLE = sweeps.Table({"a": np.array([1, 2])})
AXES = Figure().subplots()
AXES.plot([1.0, 2.0], label="a line")
torch.manual_seed(0)
MODULE = torch.nn.Linear(3, 2).double()
DIAGNOSIS = diagnosis.diagnose(MODULE, X.T, Y.T, tolerance=0.1, spectrum="exact")


def _grid(problem, method, seed):
    return rootkappa.grid(problem, method=method, seed=seed)


TUNINGS = [
    entry
    for entry in vars(optimizers).values()
    if inspect.isfunction(entry) and next(iter(inspect.signature(entry).parameters)) == "spectrum"
]
# Function and arguments. What may be of any kind, such as a name, is not tried.
CALLS = {
    PartitionConstants: {
        "mu": 1.0,
        "L1": 2.0,
        "L2": 1.0,
        "G1": 0.1,
        "G2": 0.1,
        "R_x": 1.0,
        "R_u": 1.0,
    },
    PartitionConstants.additive: {"sigma_min": 1.0, "sigma_max": 2.0, "G1": 0.1},
    PartitionConstants.strongly_convex: {"mu": 1.0, "L": 2.0},
    Spectrum: {"lambda_min": 0.1, "lambda_max": 1.0},
    Spectrum.of: {"kernel": torch.diag(VALUES), "rank": 3},
    Spectrum.of_jacobian: {"jacobian": torch.diag(VALUES), "rank": 3},
    Spectrum.of_values: {"eigenvalues": VALUES, "rank": 3},
    datasets.Dataset: {"X": X, "Y": Y},
    datasets.liao2024_figure_1: {"panel": "a"},
    datasets.gaussian: {"d": 3, "k": 2, "n": 4, "kappa": 4.0, "noise": 0.1, "seed": 0},
    datasets.load: {"name": "digits", "n": 9, "seed": 0, "form": "linear", "components": 3},
    datasets.paired: {"angle": 0.1, "pairs": 2, "d": 4, "k": 1, "seed": 0},
    datasets.sphere: {"d": 3, "k": 1, "n": 4, "seed": 0},
    optimizers.FunctionRestart: {"floor": 0.1},
    optimizers.GradientRestart: {"floor": 0.1},
    optimizers.SpeedRestart: {"patience": 2, "floor": 0.1},
    optimizers.HigherMomentum: {"step_size": 0.1, "first": 0.1, "second": 0.1},
    optimizers.Method: {"step_size": 0.1, "momentum": 0.1, "extrapolation": 0.1},
    optimizers.NesterovSchedule: {"r": 3.0},
    optimizers.gradient_descent: {"step_size": 0.1},
    optimizers.heavy_ball: {"step_size": 0.1, "momentum": 0.1},
    optimizers.nesterov: {"step_size": 0.1, "momentum": 0.1},
    **{tuning: {"spectrum": 0.1, "lambda_max": 1.0} for tuning in TUNINGS},
    optimizers.walk: {"method": METHOD, "start": [ONES], "steps": 3, "gradient": lambda w: w},
    AdditiveModel: {"A1": PLANE, "A2": PLANE, "b": ONES, "activation": "relu"},
    AdditiveModel.drawn: {"first": VALUES, "second": 0.1, "d": 2, "activation": "tanh", "seed": 0},
    DeepLinear: {"X": X, "Y": Y, **COUNTS, "initialisation": "gaussian"},
    DeepReLU: {"X": X, "Y": Y, "widths": [5, 6, 8], "frozen": [0]},
    LinearResNet: {"X": X, "Y": Y, "A": MAPS[0], "B": MAPS[1], "depth": 2, "hidden_scale": 0.1},
    LinearResNet.gaussian: {
        "X": X,
        "Y": Y,
        **COUNTS,
        "seeds": [0],
        "input_scale": 1.0,
        "output_scale": 1.0,
    },
    LinearResNet.identity: {"X": X, "Y": Y, **COUNTS, "input_scale": 1.0, "output_scale": 1.0},
    LinearResNet.modified_identity: {
        "X": X,
        "Y": Y,
        **COUNTS,
        "input_scale": 1.0,
        "output_scale": 1.0,
    },
    PartitionedReLU: {"network": DEEP, "weights": DEEP_START},
    Quadratic: {"features": PLANE, "labels": ONES},
    Quadratic.with_spectrum: {"eigenvalues": VALUES},
    RotatedReLU.at: {"network": DEEP, "weights": DEEP_START},
    TwoLayerReLU: {
        "X": X,
        "Y": Y,
        "width": 6,
        "initialisation": "gaussian",
        "scaling": "lazy",
        "leak": 0.1,
    },
    kernels.condition_number: {"kernels": PLANE},
    kernels.empirical: {"model": RELU, "weights": RELU_START},
    kernels.pair_eigenvalue: {"angle": 0.1},
    kernels.relu_limit: {"X": SPHERE.X, "leak": 0.1},
    kernels.relu_mean_square: {"X": SPHERE.X, "width": 8, "leak": 0.1},
    kernels.spectra: {"kernels": PLANE[None]},
    dynamics.ConstantFriction: {"b": 1.0},
    dynamics.VanishingFriction: {"r": 3.0},
    dynamics.companion: {"method": METHOD, "eigenvalues": VALUES},
    dynamics.frozen_norms: {
        "method": METHOD,
        "eigenvalues": VALUES,
        "weights": ONES,
        "steps": 3,
        "start": "rest",
    },
    dynamics.frozen_residuals: {
        "method": METHOD,
        "kernel": PLANE,
        "residual": ONES,
        "steps": 3,
        "start": "rest",
    },
    gegenbauer.gegenbauer_response: {"r": 3.0, "products": VALUES, "steps": 3},
    gegenbauer.legendre_iterates: {"products": VALUES, "steps": 3},
    dynamics.modal_response: {"method": METHOD, "eigenvalues": VALUES, "steps": 3, "start": "rest"},
    oscillatory_interval: {"method": METHOD},
    dynamics.power_bound: {"method": METHOD, "spectrum": Spectrum(0.5, 1.0), "factor": 2.0},
    dynamics.power_norms: {"method": METHOD, "eigenvalues": VALUES, "steps": 3, "rate": 0.9},
    dynamics.prefactor: {"method": METHOD, "eigenvalues": VALUES, "steps": 3, "start": "rest"},
    dynamics.slowest_eigenvalue: {"method": METHOD, "rate": 0.9},
    dynamics.spectral_radius: {"method": METHOD, "eigenvalues": VALUES},
    dynamics.stability_limit: {"method": METHOD, "spectrum": Spectrum(0.5, 1.0)},
    dynamics.steps_to: {
        "method": METHOD,
        "eigenvalues": VALUES,
        "weights": ONES,
        "accuracy": 0.1,
        "start": "rest",
    },
    dynamics.two_factor_response: {"r": 3.0, "products": VALUES, "steps": 3},
    reductions.reduce: {"model": ORTHOGONAL, "weights": ORTHOGONAL.initialise([0])},
    reductions.reduce_krylov: {"model": LINEAR, "weights": LINEAR_START, "blocks": 2},
    reductions.sample_krylov: {
        "X": X,
        "Y": Y,
        "width": 40,
        "seeds": [0],
        "blocks": 3,
        "depth": 3,
    },
    reductions.sample_linear_resnet: {
        "X": X,
        "Y": Y,
        "width": 40,
        "depth": 2,
        "seeds": [0],
        "input_scale": 1.0,
        "output_scale": 1.0,
    },
    reductions.sample_orthogonal: {"X": X, "Y": Y, "width": 40, "depth": 2, "seeds": [0]},
    rootkappa.Batches: {"size": 2, "seeds": [0], "sampling": "subset"},
    rootkappa.train: {
        "model": LINEAR,
        "methods": METHOD,
        "weights": LINEAR_START,
        "steps": 2,
        "tolerance": 0.1,
    },
    rates.effective_factor: {"norms": NORMS, "window": (3, 30)},
    rates.free_factor: {"residuals": NORMS, "direction": [1.0], "tolerance": 0.1},
    rates.linear_or_sublinear: {"norms": NORMS, "skip": 0.1, "rounding": 1e-13},
    rates.scaling_exponent: {"x": VALUES, "y": VALUES, "confidence": 0.9},
    rates.tail_factor: {
        "residuals": NORMS,
        "method": METHOD,
        "noise": 0.1,
        "share": 0.1,
        "tolerance": 0.1,
    },
    rates.tail_factors: {"trajectory": RUN, "tolerance": 0.1},
    residuals.aiming: {
        "model": LINEAR,
        "weights": LINEAR_START,
        "target": LINEAR.initialise([1]),
        "mu": 0.1,
    },
    activations.lazy_displacement: {"model": RELU, "weights": RELU_START},
    measured.mean_gram: {"network": DEEP, "weights": DEEP_START},
    residuals.measured_constants: {"network": DEEP, "weights": DEEP_START, "start": DEEP_START},
    residuals.recursion_terms: {"model": RELU, "method": METHOD, "weights": RELU_START, "steps": 2},
    residuals.heavy_ball_energy: {
        "model": LINEAR,
        "method": optimizers.heavy_ball(0.1, 0.5),
        "weights": LINEAR_START,
        "steps": 3,
    },
    residuals.residual_path: {
        "model": LINEAR,
        "method": METHOD,
        "weights": LINEAR_START,
        "steps": 2,
    },
    residuals.searched_constants: {
        "network": DEEP,
        "weights": DEEP_START,
        "radius": 0.1,
        "steps": 1,
    },
    PartitionNesterov.largest_c: {"kappa": 4.0},
    PartitionNesterov.printed_largest_c: {"kappa": 4.0},
    PartitionNesterov.best: {"problem": PartitionConstants(1, 4, 1, 0, 0), "points": 3},
    figures.method_style: {"name": "Nesterov"},
    figures.measured: {"ax": AXES, "x": VALUES, "y": VALUES, "method": "Nesterov"},
    figures.theory: {"ax": AXES, "x": VALUES, "y": VALUES, "method": "Nesterov"},
    figures.decay: {"ax": AXES, "measured": {"a": NORMS}, "theory": {"b": NORMS}, "floor": 1e-9},
    figures.scaling: {"ax": AXES, "x": VALUES, "measured": {"a": VALUES}, "theory": {"b": VALUES}},
    figures.label: {"ax": AXES},
    figures.show: {"fig": AXES.figure, "alt": "A figure that shows nothing but these points."},
    diagnosis.diagnose: {
        "module": MODULE,
        "X": X.T,
        "Y": Y.T,
        "loss": "mse",
        "tolerance": 0.1,
        "spectrum": "exact",
        "headroom": 2.0,
        "memory": 1e9,
    },
    DIAGNOSIS.curve: {"method": "heavy ball", "steps": 3},
    DIAGNOSIS.torch_kwargs: {"method": "heavy ball"},
    DIAGNOSIS.verify: {"steps": 2, "methods": ["heavy ball"]},
    sweeps.Grid: {
        "specification": {
            "model": {"name": "Quadratic", "eigenvalues": [1.0]},
            "method": {"name": "gradient_descent", "step_size": 0.5},
            "train": {"steps": 2},
        }
    },
    ledger.open_chapter: {"name": "quadratics"},
    DATA.subsample: {"n": 3, "seed": 0},
    METHOD.with_restart: {"restart": optimizers.GradientRestart()},
    HIGHER.radius: {"eigenvalues": VALUES},
    HIGHER.run: {"gradient": lambda w: w, "start": ONES, "steps": 2},
    LINEAR.initialise: {"seeds": [0]},
    LINEAR.select: {"rows": [0]},
    LINEAR.predict: {"weights": LINEAR_START},
    LINEAR.residual: {"weights": LINEAR_START},
    LINEAR.gradient: {"weights": LINEAR_START},
    LINEAR.tangent_kernel: {"weights": LINEAR_START},
    LINEAR.spectra: {"weights": LINEAR_START},
    LINEAR.cross_kernel: {"weights": LINEAR_START, "others": LINEAR_START},
    RELU.activation_patterns: {"weights": RELU_START},
    RELU.cross_kernel: {"weights": RELU_START, "others": RELU_START},
    DEEP.features: {"weights": DEEP_START},
    DEEP.last_layer_kernel: {"weights": DEEP_START},
    DEEP.layer_kernels: {"weights": DEEP_START},
    DEEP.sensitivities: {"weights": DEEP_START},
    DEEP.with_frozen: {"frozen": [0]},
    ROTATED.rotate: {"weights": DEEP_START},
    ROTATED.restore: {"weights": ROTATED.rotate(DEEP_START)},
    ADDITIVE.best_x: {"weights": ADDITIVE.initialise([0])},
    FLOW.discretised: {"step_size": 0.1},
    FLOW.exponent: {"eigenvalue": 0.5},
    FLOW.integrate: {
        "gradient": lambda w: w,
        "start": ONES,
        "times": [0.0, 1.0],
        "tolerance": 1e-6,
    },
    FLOW.residuals: {"kernel": PLANE, "residual": ONES, "times": [0.0, 1.0]},
    FLOW.response: {"eigenvalues": VALUES, "times": [0.0, 1.0]},
    FLOW.velocity: {"eigenvalues": VALUES, "times": [0.0, 1.0]},
    RUN.by: {"axis": "replica"},
    RUN.steps_to: {"accuracy": 0.1},
    RUN.shaped: {"values": [1.0]},
    _grid: {"problem": LINEAR, "method": [METHOD], "seed": [0]},
    GRID.train: {"steps": 2, "tolerance": 0.1},
    CERTIFICATE.check: {"problem": PARTITION, "gap": 0.1},
    CERTIFICATE.extrapolated_width: {"width": 8.0, "problem": PARTITION},
    CERTIFICATE.inequalities: {"problem": PARTITION, "gap": 0.1},
    CERTIFICATE.needed_radii: {"problem": PARTITION, "gap": 0.1},
    CERTIFICATE.printed_condition: {"problem": PARTITION, "C1": 1.0, "C2": 1.0},
    CERTIFICATE.largest_perturbation: {"kappa": 4.0},
    CERTIFICATE.limit_perturbation: {"kappa": 4.0},
    CERTIFICATE.bound: {"problem": PARTITION, "steps": 3},
    CERTIFICATE.follow: {"model": ADDITIVE, "weights": ADDITIVE.initialise([0]), "steps": 2},
    SawTooth: {"eigenvalues": VALUES, "adversary": "out", "seed": 0},
    SawTooth.geometric: {"kappa": 4.0, "m": 3, "adversary": "out", "seed": 0},
    SAW.constants: {"G1": 0.1},
    SAW.run: {"method": METHOD, "slopes": [0.1], "steps": 3},
    MEASURED.of: {"replica": 0},
    TABLE.where: {"labels": {"a": 1}},
    TABLE.take: {"rows": [0]},
    sweeps.Table.joined: {"tables": [TABLE]},
    draws.generator: {"seed": 0},
    draws.numpy_generator: {"seed": 0},
    draws.haar: {"rows": 2, "cols": 2, "source": draws.generator(0)},
    draws.normal: {"shape": (2,), "source": draws.generator(0)},
    ledger.Binomial: {"successes": 1, "trials": 2},
}
STRANGERS = {
    "None": None,
    "a word": "word",
    "NaN": math.nan,
    "a mapping": {},
    "an object": object(),
    "an empty list": [],
    "a list of words": ["word"],
    "on no device": torch.ones(2, device="meta"),
    "sparse": torch.eye(2).to_sparse(),
    "complex": torch.ones(2, dtype=torch.complex128),
    "a class": int,
    "negative": -1,
}
# What is right after all: a default, no numbers where none are needed, what can be called.
NOTHING = "an empty list"
RIGHT = {
    *(
        (function, "rank", "None")
        for function in (Spectrum.of, Spectrum.of_jacobian, Spectrum.of_values)
    ),
    (datasets.load, "n", "None"),
    (datasets.load, "components", "None"),
    (optimizers.nesterov, "momentum", "None"),
    (METHOD.with_restart, "restart", "None"),
    (_grid, "seed", "None"),
    (HIGHER.radius, "eigenvalues", NOTHING),
    (HIGHER.radius, "eigenvalues", "negative"),
    (HIGHER.run, "start", NOTHING),
    (HIGHER.run, "start", "negative"),
    (AdditiveModel.drawn, "d", "None"),
    (DeepReLU, "frozen", NOTHING),
    (DEEP.with_frozen, "frozen", NOTHING),
    (FLOW.response, "times", NOTHING),
    (FLOW.velocity, "times", NOTHING),
    (FLOW.residuals, "times", NOTHING),
    (FLOW.integrate, "start", "negative"),
    (sweeps.Table.joined, "tables", NOTHING),
    (TABLE.take, "rows", NOTHING),
    (TABLE.where, "labels", "None"),
    (TABLE.where, "labels", "a mapping"),
    (draws.normal, "shape", NOTHING),
    (Quadratic, "labels", "None"),
    *(
        (function, "steps", NOTHING)
        for function in (
            dynamics.frozen_norms,
            dynamics.frozen_residuals,
            dynamics.modal_response,
            dynamics.power_norms,
        )
    ),
    *(
        (function, "products", NOTHING)
        for function in (
            gegenbauer.gegenbauer_response,
            gegenbauer.legendre_iterates,
            dynamics.two_factor_response,
        )
    ),
    (dynamics.power_norms, "rate", "None"),
    (dynamics.prefactor, "steps", "None"),
    (dynamics.stability_limit, "spectrum", "None"),
    (rates.effective_factor, "window", "None"),
    (rates.free_factor, "direction", "None"),
    (rates.tail_factor, "noise", "None"),
    (rates.tail_factor, "share", "None"),
    (residuals.measured_constants, "start", "None"),
    (figures.measured, "method", "None"),
    (figures.theory, "method", "None"),
    *((figures.decay, name, "a mapping") for name in ("measured", "theory")),
    *((figures.scaling, name, "a mapping") for name in ("measured", "theory")),
    (figures.decay, "theory", "None"),
    (figures.decay, "floor", "negative"),
    (figures.scaling, "theory", "None"),
    (diagnosis.diagnose, "headroom", "None"),
    (DIAGNOSIS.curve, "steps", NOTHING),
    (DIAGNOSIS.verify, "methods", NOTHING),
}
LIBRARY = str(Path(rootkappa.__file__).parent)
ARGUMENTS = [
    pytest.param(function, argument, id=f"{function.__qualname__}-{argument}")
    for function, arguments in CALLS.items()
    for argument in arguments
]


@pytest.mark.parametrize("function", CALLS, ids=lambda function: function.__qualname__)
def test_the_call_that_stands_here_is_right(function):
    function(**CALLS[function])


def _complaint(function, argument, stranger):
    """What is wrong with the answer to a stranger; empty if it is one sentence with a remedy."""
    try:
        function(**CALLS[function] | {argument: STRANGERS[stranger]})
    except (TypeError, ValueError) as error:
        said = str(error)
        ours = traceback.extract_tb(error.__traceback__)[-1].filename.startswith(LIBRARY)
        if ours and ": " in said and said.endswith("."):
            return ""
        return f"{stranger}: {said}"
    except Exception as error:  # whatever torch and NumPy raise
        return f"{stranger}: {type(error).__name__}: {error}"
    return f"{stranger} is taken"


def _in_order(case):
    # Not that of a set, which is another one in every process.
    function, *rest = case
    return function.__module__, function.__qualname__, *rest


@pytest.mark.parametrize(("function", "argument"), ARGUMENTS)
def test_what_an_argument_cannot_be_gets_one_sentence(function, argument):
    tried = [name for name in STRANGERS if (function, argument, name) not in RIGHT]
    complaints = [_complaint(function, argument, name) for name in tried]
    assert [complaint for complaint in complaints if complaint] == []


@pytest.mark.parametrize(("function", "argument", "stranger"), sorted(RIGHT, key=_in_order))
def test_what_is_right_after_all_is_taken(function, argument, stranger):
    function(**CALLS[function] | {argument: STRANGERS[stranger]})


def test_every_public_function_of_numbers_has_its_call():
    rooms = (datasets, optimizers, kernels, dynamics, reductions, rates, residuals)
    public = {getattr(room, name) for room in rooms for name in room.__all__}
    functions = {one for one in public if inspect.isfunction(one)}
    without = {datasets.bu2021_losses, datasets.names}  # take nothing
    missing = [function.__qualname__ for function in functions - set(CALLS) - without]
    assert not missing, f"{missing} has no call in CALLS: add one that is right"


def _tensors(value, seen=None):
    """All tensors that something holds, in order."""
    seen = set() if seen is None else seen
    if isinstance(value, torch.Tensor):
        return [value]
    if id(value) in seen or isinstance(value, str | type):
        return []
    seen.add(id(value))
    if isinstance(value, dict):
        parts = list(value.values())
    elif isinstance(value, list | tuple | set | frozenset):
        parts = list(value)
    else:
        parts = list(getattr(value, "__dict__", {}).values())
    return [tensor for part in parts for tensor in _tensors(part, seen)]


def _answer(function, arguments):
    found = function(**arguments)
    return list(found) if inspect.isgenerator(found) else found


# Draws go on from where their generator stands.
REPEATABLE = [function for function in CALLS if function not in (draws.haar, draws.normal)]


@pytest.mark.parametrize("function", REPEATABLE, ids=lambda function: function.__qualname__)
def test_a_call_leaves_what_it_was_given_alone_and_gives_the_same_again(function):
    arguments = CALLS[function]
    held = _tensors(arguments)
    kept = [tensor.clone() for tensor in held]
    first, second = (_answer(function, arguments) for _ in range(2))
    pairs = list(zip(_tensors(first), _tensors(second), strict=True))
    for one, other in [*zip(held, kept, strict=True), *pairs]:
        torch.testing.assert_close(one, other, rtol=0, atol=0, equal_nan=True)
    if isinstance(first, int | float | str | tuple) and not pairs:
        assert first == second


def _single(value):
    if isinstance(value, torch.Tensor):
        return value.float()
    return [_single(part) for part in value] if isinstance(value, list) else value


# What computes with tensors follows them; what solves modes in closed form does so in float64.
FOLLOWS = [
    optimizers.walk,
    datasets.Dataset,
    AdditiveModel,
    AdditiveModel.drawn,
    DeepLinear,
    DeepReLU,
    LinearResNet,
    LinearResNet.gaussian,
    LinearResNet.identity,
    LinearResNet.modified_identity,
    Quadratic,
    Quadratic.with_spectrum,
    TwoLayerReLU,
    kernels.condition_number,
    kernels.relu_limit,
    kernels.relu_mean_square,
    reductions.sample_krylov,
    reductions.sample_linear_resnet,
    reductions.sample_orthogonal,
    HIGHER.run,
    FLOW.integrate,
]
IN_DOUBLE = [
    Spectrum.of,
    Spectrum.of_jacobian,
    Spectrum.of_values,
    kernels.spectra,
    dynamics.companion,
    dynamics.spectral_radius,
    dynamics.frozen_norms,
    dynamics.frozen_residuals,
    dynamics.modal_response,
    dynamics.power_norms,
    gegenbauer.gegenbauer_response,
    gegenbauer.legendre_iterates,
    dynamics.two_factor_response,
    HIGHER.radius,
    FLOW.residuals,
    FLOW.response,
    FLOW.velocity,
]


@pytest.mark.parametrize("function", FOLLOWS + IN_DOUBLE, ids=lambda one: one.__qualname__)
def test_the_dtype_follows_the_tensors_or_is_double(function):
    arguments = {name: _single(value) for name, value in CALLS[function].items()}
    found = {tensor.dtype for tensor in _tensors(_answer(function, arguments))}
    expected = torch.float64 if function in IN_DOUBLE else torch.float32
    assert {dtype for dtype in found if dtype.is_floating_point} == {expected}


# Weights of another precision than the data's are not converted behind the reader's back, but
# for training, which copies them anyway.
WEIGHTED = [
    function
    for function, arguments in CALLS.items()
    if isinstance(arguments.get("weights"), list) and function is not rootkappa.train
]


@pytest.mark.parametrize("function", WEIGHTED, ids=lambda one: one.__qualname__)
def test_weights_of_another_precision_are_refused(function):
    weights = _single(CALLS[function]["weights"])
    with pytest.raises(TypeError, match=r"weights are torch.float32 .* with \.to\(model\.Y\)"):
        function(**CALLS[function] | {"weights": weights})
