"""What a version leaves behind, in `_build/release`: `make release`, once site and PDF are built.

Wheel, source, site, PDF, ledger, and the versions that were used, with their SHA-256 sums. Archives
hold no times but that of the commit, so the same commit and site give the same bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from rootkappa import __version__

ROOT = Path(__file__).resolve().parents[1]
NAME = f"rootkappa-{__version__}"
# What the library is built from.
SOURCES = ("lib", "LICENSE", "MANIFEST.in", "README.md", "pyproject.toml")
BUILT = ("html/index.html", "html/ledger.json", "rootkappa.pdf")


def time_of_commit(root: Path = ROOT) -> int:
    """Give the time of the last commit, in seconds."""
    command = ["git", "log", "-1", "--format=%ct"]
    return int(subprocess.run(command, cwd=root, capture_output=True, check=True, text=True).stdout)


def archive(folder: Path, name: str, time: int) -> bytes:
    """Pack a folder as a .tar.gz that depends on its files alone: in order, of one time."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = tarfile.TarInfo(f"{name}/{path.relative_to(folder).as_posix()}")
                entry.size, entry.mtime, entry.mode = path.stat().st_size, time, 0o644
                with path.open("rb") as stream:
                    tar.addfile(entry, stream)
    return gzip.compress(packed.getvalue(), mtime=time)


def distributions(root: Path, target: Path, time: int) -> None:
    """Build source and wheel of the library in a copy, so that nothing else gets in."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
        for part in SOURCES:
            if (root / part).is_dir():
                shutil.copytree(root / part, copy / part, ignore=ignored)
            else:
                shutil.copy(root / part, copy / part)
        subprocess.run(
            [sys.executable, "-m", "build", "--no-isolation", "--skip-dependency-check"],
            cwd=copy,
            env=os.environ | {"SOURCE_DATE_EPOCH": str(time)},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        shutil.copy(copy / "dist" / f"{NAME}-py3-none-any.whl", target)
        # setuptools stamps a source archive with the time of the build: packed again without.
        shutil.unpack_archive(copy / "dist" / f"{NAME}.tar.gz", copy / "unpacked", filter="data")
        packed = archive(copy / "unpacked" / NAME, NAME, time)
        (target / f"{NAME}.tar.gz").write_bytes(packed)


def release(root: Path, target: Path) -> None:
    """Gather everything, aside first: the earlier release stays until this one is whole."""
    time, built = time_of_commit(root), root / "_build"
    staging = target.with_name(f"{target.name}.staging")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    distributions(root, staging, time)
    site = archive(built / "html", f"{NAME}-site", time)
    (staging / f"{NAME}-site.tar.gz").write_bytes(site)
    shutil.copy(built / "rootkappa.pdf", staging / f"{NAME}.pdf")
    shutil.copy(built / "html" / "ledger.json", staging / "ledger.json")
    shutil.copy(root / "requirements.lock", staging / "requirements.lock")
    sums = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(staging.iterdir())
    ]
    (staging / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")
    shutil.rmtree(target, ignore_errors=True)
    staging.rename(target)


def main() -> int:
    """Make the release; return the exit status."""
    missing = [name for name in BUILT if not (ROOT / "_build" / name).is_file()]
    if missing:
        print(f'_build/{missing[0]} is not there yet: run "make book pdf" first.')
        return 1
    target = ROOT / "_build" / "release"
    release(ROOT, target)
    print((target / "SHA256SUMS").read_text(encoding="utf-8"), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
