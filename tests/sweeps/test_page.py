"""What the page says can be run: its grid, its labels, its columns."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import numpy as np

from rootkappa import sweeps

PAGE = (Path(__file__).parents[2] / "book" / "sweeps.md").read_text(encoding="utf-8")


def blocks(language):
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", PAGE, flags=re.M | re.S)
    return [re.sub(rf"^{indent}", "", text, flags=re.M) for indent, text in found]


def test_the_grid_and_the_calls_of_the_page(tmp_path, monkeypatch):
    whole, methods = map(tomllib.loads, blocks("toml"))
    assert len(sweeps.Grid(whole)) == 10_000
    whole["axes"] |= {"seed": [0], "method.momentum": [0.0, 0.9], "model.width": [64]}
    whole["axes"]["method.relative_step_size"] = [0.1]
    result = sweeps.run(whole, store=tmp_path / "plane")
    _, read, _ = blocks("python")
    names = {"table": result.table}
    exec(read, names)
    assert len(names["fast"]) <= 1
    assert np.isfinite(result.table["displacement"]).all()
    del whole["axes"]["method.momentum"], whole["axes"]["method.relative_step_size"]
    assert len(sweeps.Grid({**whole, "axes": {**whole["axes"], **methods["axes"]}})) == 3
