"""Runs the workers, one after the other."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def measure(cases: Sequence[str], threads: Sequence[int], repeats: int) -> Iterator[dict[str, Any]]:
    """Measure every case with every number of threads; memory with the least number."""
    for name in cases:
        memory: dict[str, Any] = {}
        for count in threads:
            row = _worker(name, count, repeats)
            for peer in row["peers"]:
                memory[peer] = memory.get(peer) or _worker(name, count, repeats, peer)
                row["peers"][peer]["memory"] = memory[peer]
            yield row


def _worker(case: str, threads: int, repeats: int, *peer: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.worker", case, str(threads), str(repeats), *peer]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{case!r} with {threads} threads failed; its message stands above.")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
