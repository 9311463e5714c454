"""Tables and files of what was measured."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
STORED = ROOT / "benchmarks" / "results" / "cpu.json"
README = ROOT / "README.md"
_BLOCK = re.compile(r"(<!-- benchmarks -->\n).*?(<!-- /benchmarks -->)", re.DOTALL)
_COLUMNS = (
    ("torch_engine", "torch engine"),
    ("torch_loop", "SGD loop"),
    ("torch_vmap", "vmap"),
    ("jax_scan", "JAX"),
)


def text(row: dict[str, Any]) -> str:
    """One case with one number of threads, for the terminal."""
    lines = [f"{row['case']}, {_threads(row)}, steps by {row['engine']}"]
    for peer in row["peers"].values():
        lines.append(
            f"  {peer['title']:36s} {peer['seconds']:8.3f} s  x {peer['ratio']:6.2f}"
            f"  +{_memory(peer):5.0f} MiB  set-up {peer['preparation']:5.2f} s"
            f"  losses within {peer['disagreement']:.0e}"
        )
    lines.append(
        f"  matrix products: {row['product rate'] / 1e9:.1f} Gflop/s; of these "
        f"{row['fraction']:.0%} in our operations, {row['textbook fraction']:.0%} in the textbook's"
    )
    if row["neuron"]:
        lines.append(f"  ns a neuron, sample and step (as matrix products): {_neuron(row)}")
    exact = row["exact reduction"]
    if exact:
        lines.append(
            f"  exact reduction over {exact['steps']} steps: losses within "
            f"{exact['disagreement with the SGD loop']:.0e} of the SGD loop, "
            f"{exact['reduced seconds']:.3f} s for {exact['SGD loop seconds']:.3f} s"
        )
    if row["widths"]:
        lines.append(f"  {_widths(row)}")
    lines += [f"  left out: {peer}, {why}" for peer, why in row["left out"].items()]
    return "\n".join(lines)


def _threads(row: dict[str, Any]) -> str:
    return f"{row['threads']} thread{'s' * (row['threads'] > 1)}"


def _memory(peer: dict[str, Any]) -> float:
    return float(peer["memory"]["peak"] - peer["memory"]["before"]) / 2**20


def _neuron(row: dict[str, Any]) -> str:
    time, floor = (f"{row['neuron'][key] * 1e9:.2g}" for key in ("seconds", "floor"))
    return f"{time} ({floor})"


def _widths(row: dict[str, Any]) -> str:
    steps = row["exact reduction"]["steps"]
    times = ", ".join(
        f"{found['seconds'] * 1e3:.0f} ms at m = {_width(int(width))}"
        for width, found in row["widths"].items()
    )
    return f"drawn in reduced form, {steps} steps take {times}"


def _width(width: int) -> str:
    return str(width) if width < 10**5 else f"{width:.0e}".replace("e+0", "e")


def markdown(results: dict[str, Any]) -> str:
    """The table of ratios for the README."""
    titles = " | ".join(title for _, title in _COLUMNS)
    lines = [
        f"| Sweep | Threads | {titles} | Peak rate | ns a neuron | MiB (JAX) | Exact reduction |",
        "| --- | --- " + "| --- " * (len(_COLUMNS) + 4) + "|",
    ]
    for row in results["rows"]:
        peers = row["peers"]
        cells = [_cell(row, name) for name, _ in _COLUMNS]
        faster = _times(1 / peers["reduced"]["ratio"]) + " faster" if "reduced" in peers else ""
        neuron = _neuron(row) if row.get("neuron") else ""
        memory = f"{_memory(peers['ours']):.0f}"
        memory += f" ({_memory(peers['jax_scan']):.0f})" if "jax_scan" in peers else ""
        cells += [f"{row['fraction']:.0%}", neuron, memory, faster]
        lines.append(f"| {row['case']} | {row['threads']} | {' | '.join(cells)} |")
    machine = results["environment"]
    lines += ["", f"Measured on {machine['cpu']} with torch {machine['torch']}{_once(results)}."]
    for note in _notes(results["rows"]):
        lines += ["", note]
    return "\n".join([*lines, ""])


def _cell(row: dict[str, Any], peer: str) -> str:
    if peer in row.get("left out", {}):
        return "left out"
    return _times(row["peers"][peer]["ratio"]) if peer in row["peers"] else ""


def _once(results: dict[str, Any]) -> str:
    run = results.get("run")
    if not run:
        return ""
    load = f", at a load average of {run['load average'][0]:.1f}" if run["load average"] else ""
    return f", all in one run, started {run['started']}{load}"


def _notes(rows: Sequence[dict[str, Any]]) -> list[str]:
    notes = _behind(rows)
    if any(row.get("rank-size data") for row in rows):
        notes.append(
            "For linear networks the library first replaces the samples by as many as X has rank "
            "(`Dataset.reduced`), which is part of its time; the losses stay the same, "
            "because the data can be interpolated."
        )
    titles = dict(_COLUMNS)
    seen = set()
    for row in rows:
        if row["case"] in seen:
            continue
        seen.add(row["case"])
        name = f"{row['case'][0].upper()}{row['case'][1:]}"
        notes += [
            f"{name}: {titles.get(peer, peer)} is left out, {why}."
            for peer, why in row.get("left out", {}).items()
        ]
        if row.get("widths"):
            notes.append(f"{name}: {_widths(row)} ({_threads(row)}).")
    return notes


def _behind(rows: Sequence[dict[str, Any]]) -> list[str]:
    # Each row in which another is faster, by name.
    titles, found = dict(_COLUMNS), []
    for row in rows:
        for name, peer in row["peers"].items():
            if name in titles and peer["ratio"] < 1:
                tried = f" ({row['tried']})" if row.get("tried") else ""
                found.append(
                    f"{titles[name]} on {row['case']} with {_threads(row)}, "
                    f"{_times(peer['ratio'])}{tried}"
                )
    return [f"Faster than the library: {'; '.join(found) or 'none'}."]


def _times(ratio: float) -> str:
    # Two digits: the third depends on what else the machine does.
    return f"{float(f'{ratio:.2g}'):g} ×"


def with_table(page: str, results: dict[str, Any]) -> str:
    """A page with the block between its two marks replaced."""
    return _BLOCK.sub(lambda found: found[1] + markdown(results) + found[2], page)


def stamp(threads: Sequence[int], repeats: int) -> dict[str, Any]:
    """When and how a run of the benchmarks starts: all its rows were measured one after another."""
    return {
        "started": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "load average": list(os.getloadavg()) if hasattr(os, "getloadavg") else [],
        "threads": list(threads),
        "repeats": repeats,
    }


def collect(rows: Sequence[dict[str, Any]], run: dict[str, Any]) -> dict[str, Any]:
    """What is stored: the stamps of the run and of the machine once, and the rows."""
    machine = {name: value for name, value in rows[0]["environment"].items() if name != "threads"}
    kept = [{key: value for key, value in row.items() if key != "environment"} for row in rows]
    return {"run": run, "environment": machine, "rows": kept}


def as_json(rows: Sequence[dict[str, Any]], run: dict[str, Any]) -> str:
    """The text of a file of results."""
    return json.dumps(collect(rows, run), indent=1) + "\n"


def store(path: Path, content: str) -> None:
    """Write a file in one move: an interrupted run leaves the earlier one whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.new")
    aside.write_text(content, encoding="utf-8")
    aside.replace(path)


def load(path: Path = STORED) -> dict[str, Any]:
    """What was stored."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
