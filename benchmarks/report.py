"""Tables and files of what was measured."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
STORED = ROOT / "benchmarks" / "results" / "cpu.json"
README = ROOT / "README.md"
_BLOCK = re.compile(r"(<!-- benchmarks -->\n).*?(<!-- /benchmarks -->)", re.DOTALL)
_COLUMNS = (("torch_loop", "SGD loop"), ("torch_vmap", "vmap"), ("jax_scan", "JAX"))


def text(row: dict[str, Any]) -> str:
    """One case with one number of threads, for the terminal."""
    lines = [f"{row['case']}, {row['threads']} thread{'s' * (row['threads'] > 1)}"]
    for peer in row["peers"].values():
        memory = (peer["memory"]["peak"] - peer["memory"]["before"]) / 2**20
        lines.append(
            f"  {peer['title']:36s} {peer['seconds']:8.3f} s  x {peer['ratio']:6.2f}"
            f"  +{memory:5.0f} MiB  set-up {peer['preparation']:5.2f} s"
            f"  losses within {peer['disagreement']:.0e}"
        )
    lines.append(
        f"  matrix products: {row['product rate'] / 1e9:.1f} Gflop/s; of these "
        f"{row['fraction']:.0%} in our operations, {row['textbook fraction']:.0%} in the textbook's"
    )
    return "\n".join(lines)


def markdown(results: dict[str, Any]) -> str:
    """The table of ratios for the README."""
    titles = " | ".join(title for _, title in _COLUMNS)
    lines = [
        f"| Sweep | Threads | {titles} | Peak rate | Exact reduction |",
        "| --- | --- " + "| --- " * (len(_COLUMNS) + 2) + "|",
    ]
    for row in results["rows"]:
        peers = row["peers"]
        cells = [_times(peers[name]["ratio"]) if name in peers else "" for name, _ in _COLUMNS]
        faster = _times(1 / peers["reduced"]["ratio"]) + " faster" if "reduced" in peers else ""
        cells += [f"{row['fraction']:.0%}", faster]
        lines.append(f"| {row['case']} | {row['threads']} | {' | '.join(cells)} |")
    stamp = results["environment"]
    lines += ["", f"Measured on {stamp['cpu']} with torch {stamp['torch']}.", ""]
    return "\n".join(lines)


def _times(ratio: float) -> str:
    # Two digits: the third depends on what else the machine does.
    return f"{float(f'{ratio:.2g}'):g} ×"


def with_table(page: str, results: dict[str, Any]) -> str:
    """A page with the block between its two marks replaced."""
    return _BLOCK.sub(lambda found: found[1] + markdown(results) + found[2], page)


def collect(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What is stored: the stamp of the machine once, and the rows."""
    stamp = {name: value for name, value in rows[0]["environment"].items() if name != "threads"}
    kept = [{key: value for key, value in row.items() if key != "environment"} for row in rows]
    return {"environment": stamp, "rows": kept}


def as_json(rows: Sequence[dict[str, Any]]) -> str:
    """The text of a file of results."""
    return json.dumps(collect(rows), indent=1) + "\n"


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
