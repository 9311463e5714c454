"""A chunk: stacked runs as a pure function of plain data."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from rootkappa import devices, reductions
from rootkappa.optimizers import Method
from rootkappa.problems import Spectrum
from rootkappa.sweeps import _catalogue, _records
from rootkappa.sweeps._frozen import frozen_norms
from rootkappa.sweeps._library import environment, library
from rootkappa.sweeps._plain import text
from rootkappa.sweeps._points import Point, points
from rootkappa.sweeps.table import Table
from rootkappa.training import train

# What the record of the runs that are trained together may take.
_BYTES = 256 << 20

Measure = Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What a worker sends back.

    Args:
        table: A record a run, in the order of the specification. Its notes are the specification,
            the library and the environment.
        worker: Who computed it.
    """

    table: Table
    worker: str


def compute(specification: Mapping[str, Any]) -> Outcome:
    """Compute the records of a chunk, on one thread.

    Args:
        specification: Plain data, from `Grid.chunks`.

    Returns:
        The records and who computed them.
    """
    devices.set_up()
    stacks: dict[str, list[tuple[int, Point]]] = {}
    for row, point in enumerate(points(specification)):
        stacks.setdefault(point.problem, []).append((row, point))
    measure = specification["measure"]
    tables = [_Stack([point for _, point in some]).records(measure) for some in stacks.values()]
    order = torch.tensor([row for some in stacks.values() for row, _ in some])
    measured = Table.joined(tables).take(order.argsort().numpy())
    labels = {axis: np.array(values) for axis, values in specification["runs"].items()}
    notes = {
        "specification": text(specification),
        "library": library(),
        "environment": environment(),
    }
    return Outcome(Table({**labels, **measured.columns}, notes), _worker())


class _Stack:
    """Runs on one architecture and data set, which differ in method and seed."""

    def __init__(self, runs: Sequence[Point]) -> None:
        self.runs = runs
        self.train = runs[0].train
        seeds = sorted({run.seed for run in runs})
        self.draws = [seeds.index(run.seed) for run in runs]
        device, dtype = devices.select(dtype=getattr(torch, self.train["dtype"]))
        data = runs[0].data and _catalogue.make_data(runs[0].data, device, dtype)
        maps = [devices.seed(maps=seed) for seed in seeds]
        self.model = _catalogue.make_model(runs[0].model, data or None, maps)
        self.weights = self.model.initialise(seeds)
        if runs[0].model.get("reduce"):
            narrow = reductions.reduce(self.model, self.weights)
            self.model, self.weights = narrow.model, narrow.weights

    def records(self, measure: Measure) -> Table:
        kernel = measure["kernel"] or any(
            _catalogue.needs_spectrum(run.method) for run in self.runs
        )
        spectra = self.model.spectra(self.weights) if kernel else None
        rows = range(len(self.runs))
        size = self._together(measure)
        parts = [
            self._trained(rows[first : first + size], spectra, measure) for first in rows[::size]
        ]
        return Table.joined(parts)

    def _together(self, measure: Measure) -> int:
        numbers = 4 + (self.model.Y.numel() if measure["tail"] else 0)
        steps: int = self.train["steps"]
        return max(1, _BYTES // (8 * numbers * (steps + 1)))

    def _trained(
        self, rows: Sequence[int], spectra: Sequence[Spectrum] | None, measure: Measure
    ) -> Table:
        draws = [self.draws[row] for row in rows]
        own = [spectra[draw] if spectra else None for draw in draws]
        methods = [
            _catalogue.make_method(self.runs[row].method, spectrum)
            for row, spectrum in zip(rows, own, strict=True)
        ]
        model, start = self.model.select(draws), [layer[draws] for layer in self.weights]
        run = train(
            model,
            methods,
            start,
            self.train["steps"],
            tolerance=self.train["tolerance"],
            keep_residuals=measure["tail"],
            progress=False,
        )
        return Table(_records.records(run, own, measure, self._frozen(draws, methods, measure)))

    def _frozen(
        self, draws: Sequence[int], methods: Sequence[Method], measure: Measure
    ) -> torch.Tensor | None:
        if not measure["frozen"]:
            return None
        return frozen_norms(self.model, self.weights, draws, methods, self.train["steps"])


def _worker() -> str:
    job = os.environ.get("SLURM_JOB_ID")
    where = f"SLURM job {job} on " if job else ""
    return f"{where}{platform.node()}, process {os.getpid()}"
