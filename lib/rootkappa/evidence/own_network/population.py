"""The stored population: what is measured of a network, and how it is stored and read.

`make evidence` measures it again. The table does not move with the draws of the library: it is what
it was when it was measured.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from rootkappa.diagnosis import diagnose
from rootkappa.evidence.own_network.networks import build
from rootkappa.ledger import Binomial

Array = npt.NDArray[Any]

METHODS = ("gradient descent", "heavy ball", "nesterov")
TOLERANCE = 0.05
# Steps at most, of every run.
MOST = 3000
# A run whose forecast is longer cannot be seen to be a quarter too short, and is not judged.
JUDGED = MOST / 1.25
# What people do: momentum 0.9, and the best of ten learning rates.
_LEARNING_RATES = np.logspace(-4, 0.5, 10)
_DIVERGED = 1e4
WHAT = (
    "diagnosis, runs by torch.optim.SGD with its numbers, and the best of ten learning rates at "
    "momentum 0.9"
)
_DIGITS = 9
_HOME = files("rootkappa.evidence") / "data" / "own_network.json"


def record(network: str, seed: int) -> dict[str, Any]:
    """Diagnose a network, train it by three methods as told, and as people do.

    Args:
        network: A name of `networks.NETWORKS`.
        seed: The seed of weights and made data.

    Returns:
        A row of the table. Steps are None where a run did not arrive.
    """
    module, X, Y = build(network, seed)
    found = diagnose(module, X, Y, tolerance=TOLERANCE)
    exact = diagnose(module, X, Y, tolerance=TOLERANCE, spectrum="exact")
    row = flat(found.to_dict()) | {"network": network, "seed": seed}
    row["kappa"] = exact.spectrum.kappa
    row["exact effective kappa"] = exact.spectrum.effective_kappa(TOLERANCE)
    for name, run in found.verify(MOST).items():
        row[f"told {name}"] = run.forecast_steps
        row[f"exactly told {name}"] = exact.forecasts[name].steps
        row[f"steps {name}"] = run.steps
        row[f"diverged {name}"] = run.diverged
        row[f"valid {name}"] = run.valid_until
        row[f"first sharpness {name}"] = run.sharpness[0]
        row[f"last sharpness {name}"] = run.sharpness[-1]
    floor = found.spectrum.floor
    row["best of ten"] = best_of_ten(module, X, Y, floor + TOLERANCE * (1 - floor))
    return row


def flat(report: Mapping[str, Any]) -> dict[str, Any]:
    """Give what the table keeps of a diagnosis.

    Args:
        report: Its `to_dict`.

    Returns:
        Plain numbers.
    """
    lazy = report["laziness"]
    kept = {name: report[name] for name in ("parameters", "floor", "products", "gain", "standing")}
    kept["effective kappa"] = report["effective_kappa"]
    kept["critical batch"] = report["critical_batch"]
    kept["headroom"] = report["forecasts"]["gradient descent"]["headroom"]
    kept["drift"] = lazy["drift"]
    kept["moved"] = max([lazy["drift"], *lazy["excursions"].values()])
    kept["top"] = lazy["top"]
    kept["output gap"] = lazy["output_gap"]
    return kept


def best_of_ten(module: nn.Module, X: torch.Tensor, Y: torch.Tensor, goal: float) -> int | None:
    """Count the steps of torch.optim.SGD with momentum 0.9 and the best of ten learning rates.

    Args:
        module: The network, which is copied.
        X: Samples.
        Y: Labels.
        goal: The loss over that at the start at which a run ends.

    Returns:
        The fewest steps; None if none arrives.
    """
    best: int | None = None
    for rate in _LEARNING_RATES:
        most = MOST if best is None else min(MOST, best)
        found = train(module, X, Y, goal, most, lr=float(rate), momentum=0.9)
        best = best if found is None else found
    return best


def train(
    module: nn.Module, X: torch.Tensor, Y: torch.Tensor, goal: float, most: int, **numbers: Any
) -> int | None:
    """Train a copy with torch.optim.SGD on the mean square of all samples.

    Args:
        module: The network.
        X: Samples.
        Y: Labels.
        goal: The loss over that at the start at which the run ends.
        most: How many steps are too many.
        **numbers: What torch.optim.SGD takes.

    Returns:
        The steps; None if the goal was not reached before step `most`.
    """
    trained = copy.deepcopy(module)
    sgd = torch.optim.SGD(trained.parameters(), **numbers)
    start = None
    for t in range(most):
        sgd.zero_grad()
        loss = nn.functional.mse_loss(trained(X), Y)
        value = float(loss.detach())
        start = value if start is None else start
        if value < goal * start:
            return t
        if not value < _DIVERGED * start:
            return None
        loss.backward()
        sgd.step()
    return None


@dataclass(frozen=True)
class Population:
    """Records by column.

    Args:
        columns: Values by name; NaN where a run did not arrive.
        notes: What the records are, and what measured them.
    """

    columns: Mapping[str, Array]
    notes: Mapping[str, str]

    def __getitem__(self, name: str) -> Array:
        return self.columns[name]

    def __len__(self) -> int:
        return len(self.columns["seed"])

    def where(self, mask: Array) -> Population:
        """Take some records.

        Args:
            mask: A boolean a record.

        Returns:
            Those.
        """
        return Population({name: column[mask] for name, column in self.columns.items()}, self.notes)

    @property
    def speaks(self) -> Array:
        """Where the report says that theory speaks."""
        found: Array = self["standing"] == "theory speaks"
        return found

    @property
    def silent(self) -> Array:
        """Where it says that theory is silent."""
        found: Array = self["standing"] == "theory is silent"
        return found

    def ratio(self, method: str) -> Array:
        """Give measured steps over forecast ones.

        Args:
            method: A name of `METHODS`.

        Returns:
            Infinite where a run did not arrive; NaN where the forecast is too long to be judged.
        """
        told = self[f"told {method}"]
        steps = np.nan_to_num(self[f"steps {method}"], nan=np.inf)
        return np.where(told <= JUDGED, steps / told, np.nan)

    @property
    def fewest(self) -> Array:
        """Steps of the better method with momentum; infinite where neither arrives."""
        both = np.stack([self[f"steps {name}"] for name in METHODS[1:]])
        found: Array = np.nan_to_num(both, nan=np.inf).min(0)
        return found


def share(hits: Array) -> Binomial:
    """Count.

    Args:
        hits: A boolean a run.

    Returns:
        How many are true, of how many.
    """
    return Binomial(int(hits.sum()), len(hits))


def as_json(
    records: Iterable[Mapping[str, Any]],
    notes: Mapping[str, str],
    order: Sequence[str] = ("seed", "network"),
) -> str:
    """Write records down, column by column, with nine digits.

    Args:
        records: Rows with the same keys.
        notes: What they are.
        order: The columns by which they are sorted.

    Returns:
        JSON.
    """
    rows = sorted(records, key=lambda row: [row[name] for name in order])
    columns = {name: [_short(row[name]) for row in rows] for name in sorted(rows[0])}
    lines = [f"{json.dumps(k)}:{json.dumps(v, separators=(',', ':'))}" for k, v in columns.items()]
    return f'{{"notes":{json.dumps(dict(notes))},\n"columns":{{\n' + ",\n".join(lines) + "}}\n"


def read(text: str) -> Population:
    """Read records.

    Args:
        text: What `as_json` wrote.

    Returns:
        The population.
    """
    content = json.loads(text)
    columns = {name: _column(values) for name, values in content["columns"].items()}
    return Population(columns, content["notes"])


@cache
def stored() -> Population:
    """Read the table that comes with the library.

    Returns:
        231 records.
    """
    return read(_HOME.read_text(encoding="utf-8"))


def _short(value: Any) -> Any:
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value


def _column(values: list[Any]) -> Array:
    if any(isinstance(value, str) for value in values):
        return np.array(values)
    return np.array([np.nan if value is None else value for value in values], dtype=float)
