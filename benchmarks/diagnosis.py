"""What a diagnosis costs beside the whole Jacobian: `python -m benchmarks.diagnosis`."""

from __future__ import annotations

import multiprocessing
import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from statistics import median

import torch
from torch import nn

from benchmarks import parts
from rootkappa import devices, diagnose
from rootkappa.diagnosis import losses
from rootkappa.diagnosis.forecast import METHODS, forecast
from rootkappa.diagnosis.measure import by_lanczos
from rootkappa.diagnosis.module import ModuleFunction
from rootkappa.diagnosis.products import Products
from rootkappa.optimizers import Method

REPEATS = 5
INPUTS, TOLERANCE, PRODUCTS = 20, 1e-2, 200
STEPS = 20


@dataclass(frozen=True)
class Case:
    """A network of two hidden layers of tanh, in double precision, on made data.

    Args:
        width: Of its hidden layers: 89, 305 and 988 have 1e4, 1e5 and 1e6 parameters.
        samples: n, with one output each.
    """

    width: int
    samples: int

    def problem(self) -> tuple[nn.Module, torch.Tensor, torch.Tensor]:
        """Module, inputs and labels; the output is scaled so that forecasts hold."""
        torch.manual_seed(0)
        inner = [nn.Linear(INPUTS, self.width), nn.Tanh(), nn.Linear(self.width, self.width)]
        module = nn.Sequential(*inner, nn.Tanh(), nn.Linear(self.width, 1), Scaled()).double()
        X = torch.randn(self.samples, INPUTS, dtype=torch.float64)
        return module, X, torch.sin(X[:, :1]) + X[:, 1:2] * X[:, 2:3]


class Scaled(nn.Module):
    """Ten times its input."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Scale."""
        return 10 * x


def jacobian(module: nn.Module, X: torch.Tensor) -> torch.Tensor:
    """The rows of J, as one writes them with torch.func."""
    values = {name: value.detach() for name, value in module.named_parameters()}

    def output(values: dict[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
        return torch.func.functional_call(module, values, (x.unsqueeze(0),)).squeeze(0)

    rows = torch.func.vmap(torch.func.jacrev(output), (None, 0))(values, X)
    return torch.cat([part.flatten(2) for part in rows.values()], 2).flatten(0, 1)


def by_hand(case: Case) -> torch.Tensor:
    """The eigenvalues of the whole kernel."""
    module, X, _ = case.problem()
    J = jacobian(module, X)
    return torch.linalg.eigvalsh(J @ J.mT)


def ours(case: Case) -> object:
    """The whole diagnosis: spectrum, forecasts, laziness."""
    return diagnose(*case.problem(), tolerance=TOLERANCE)


def forecasts(case: Case) -> object:
    """The spectrum that the labels see, and what follows for three methods; no laziness."""
    module, X, Y = case.problem()
    function = ModuleFunction(module, X)
    loss = losses.read("mse", function.outputs, Y)
    residual = loss.newton(2 / Y.numel() * (function.outputs - Y))
    found = by_lanczos(Products(function), loss, residual, TOLERANCE, PRODUCTS, False).spectrum
    count = partial(found.steps_to, tolerance=TOLERANCE)
    return [forecast(name, found, TOLERANCE, 2.0, count) for name in METHODS]


def counted(case: Case, methods: list[Method]) -> list[int]:
    """The steps of each method on all modes of the frozen network, by its recursion."""
    module, X, Y = case.problem()
    J = jacobian(module, X)
    values, vectors = torch.linalg.eigh(2 / len(X) * J @ J.mT)
    start = vectors.mT @ (module(X) - Y).detach()[:, 0]
    return [_steps(method, values, start) for method in methods]


def _steps(method: Method, values: torch.Tensor, start: torch.Tensor) -> int:
    eta, beta, gamma = method.coefficients(0)
    goal = TOLERANCE * start.square().sum()
    w, before, steps, last = start, start, 0, 0
    # A crossing counts when the loss stays below for as long again.
    while steps < 2 * last + 1000:
        y = w + gamma * (w - before)
        before, w = w, w + beta * (w - before) - eta * values * y
        steps += 1
        seen = w + gamma * (w - before)
        last = steps if seen.square().sum() >= goal else last
    return last + 1


def training(case: Case) -> Callable[[], None]:
    """Some steps of torch.optim.SGD on all samples."""
    module, X, Y = case.problem()
    optimizer = torch.optim.SGD(module.parameters(), lr=1e-6, momentum=0.9)

    def run() -> None:
        for _ in range(STEPS):
            optimizer.zero_grad()
            nn.functional.mse_loss(module(X), Y).backward()
            optimizer.step()

    return run


def measure(case: Case) -> parts.Row:
    """Times in turns in one process; peaks of memory in processes of their own."""
    peaks = [_in_a_process(peak, task, case) for task in (ours, by_hand)]
    tasks = {
        "forecasts": partial(forecasts, case),
        "ours": partial(ours, case),
        "by hand": partial(by_hand, case),
        "training": training(case),
    }
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for run in range(REPEATS + 1):
        for name, task in tasks.items():
            took = parts.seconds(task)
            if run:  # the first one warms up
                times[name].append(took)
    found = diagnose(*case.problem(), tolerance=TOLERANCE)
    told = [each.steps for each in found.forecasts.values()]
    exact = counted(case, [each.method for each in found.forecasts.values()])
    step = [took / STEPS for took in times["training"]]
    return {
        "parameters": found.size,
        "outputs": found.outputs,
        "products": found.spectrum.products,
        "settled": found.spectrum.settled,
        "steps forecast": told,
        "steps on all modes": exact,
        "forecasts, s": median(times["forecasts"]),
        "whole diagnosis, s": median(times["ours"]),
        "whole Jacobian and eigvalsh, s": median(times["by hand"]),
        "a step of training, s": median(step),
        "by hand over forecasts": _ratios(times["by hand"], times["forecasts"]),
        "by hand over the diagnosis": _ratios(times["by hand"], times["ours"]),
        "forecasts in steps of training": _ratios(times["forecasts"], step),
        "diagnosis in steps of training": _ratios(times["ours"], step),
        "peak memory, MB": peaks[0],
        "by hand, peak memory, MB": peaks[1],
    }


def peak(task: Callable[[Case], object], case: Case) -> float:
    """Peak memory of this process after a task."""
    devices.set_up()
    task(case)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _in_a_process(task: Callable[..., float], *arguments: object) -> float:
    # Forked from a server that is small: a process inherits the peak of the one that starts it.
    with ProcessPoolExecutor(1, multiprocessing.get_context("forkserver")) as pool:
        return pool.submit(task, *arguments).result()


def _ratios(above: list[float], below: list[float]) -> dict[str, float]:
    return parts.spread([a / b for a, b in zip(above, below, strict=True)])


def _part(case: Case) -> parts.Part:
    def run() -> parts.Row:
        devices.set_up()
        return measure(case)

    return run


PARTS = {
    "p = 1e4, n k = 1000": _part(Case(89, 1000)),
    "p = 1e5, n k = 1000": _part(Case(305, 1000)),
    "p = 1e6, n k = 200": _part(Case(988, 200)),
}

if __name__ == "__main__":
    _in_a_process(abs, 0)  # the server starts before this process has grown
    parts.main("diagnosis", __doc__, PARTS, REPEATS)
