"""`import rootkappa` costs nothing; every room is an attribute and loads when it is used."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import rootkappa

LIBRARY = Path(rootkappa.__file__).parent
HEAVY = ("torch", "sklearn", "matplotlib", "scipy.stats", "tqdm")
REPORT = f"import json, sys; print(json.dumps([name for name in {HEAVY} if name in sys.modules]))"


def run(code):
    command = [sys.executable, "-c", f"{code}\n{REPORT}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("code", ["import rootkappa; dir(rootkappa)", "import rootkappa.ledger"])
def test_what_needs_no_torch_loads_none(code):
    assert not run(code)


def test_the_loop_costs_little_beyond_torch_and_draws_nothing():
    # Seconds of the processor, which do not count what else the machine does.
    loaded = run(
        "import time, torch; start = time.process_time(); import rootkappa; rootkappa.train\n"
        "spent = time.process_time() - start; assert spent < 0.5, spent\n"
        "rootkappa.datasets, rootkappa.ledger, rootkappa.kernels, rootkappa.reductions"
    )
    assert not loaded & {"sklearn", "matplotlib", "scipy.stats"}


def test_every_room_is_an_attribute():
    rooms = {path.stem for path in LIBRARY.iterdir() if path.suffix in ("", ".py")}
    public = {name for name in rooms if not name.startswith("_")}
    assert public <= set(rootkappa.__all__)
    assert set(dir(rootkappa)) == {*rootkappa.__all__, "__version__"}
    assert all(getattr(rootkappa, name).__name__.endswith(name) for name in rootkappa.__all__)


def test_types_and_names_agree():
    module = ast.parse(Path(rootkappa.__file__).read_text(encoding="utf-8"))
    (block,) = [node for node in module.body if isinstance(node, ast.If)]
    names = [alias.name for statement in block.body for alias in statement.names]
    assert sorted(names) == sorted(rootkappa.__all__)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'rootkappa' has no attribute 'trian'"):
        _ = rootkappa.trian


def test_the_public_names_are_few():
    rooms = [getattr(rootkappa, name) for name in rootkappa.__all__]
    names = {name for room in rooms for name in getattr(room, "__all__", ())}
    assert len(names) <= 150
