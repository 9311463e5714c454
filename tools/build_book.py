"""Build the book: `make book`, or `python tools/build_book.py`.

The site is built aside, checked, and put in place by a rename: an interrupted or failed build
leaves the earlier site whole. One build at a time runs in a folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock, Timeout

import check_site

ROOT = Path(__file__).resolve().parents[1]
STRICT = ("--all", "-W", "-n", "--keep-going")  # without --all a second build forgives the first
WITH_PARENT = Path(__file__).with_name("with_parent.py")
# As a function it is found in any environment, activated or not.
JUPYTER_BOOK = "jupyter_book.cli.main:main"
ROOM = 1 << 24  # with fewer bytes than this a disk is as good as full


def build(root: Path = ROOT) -> int:
    """Build, check and publish the site in `_build/html`; return the exit status."""
    folder = root / "_build"
    try:
        folder.mkdir(exist_ok=True)
        with FileLock(folder / "build.lock", timeout=0):
            return _build(root, folder / "staging", folder / "html")
    except Timeout:
        print(f"another build is running in {root}: wait until it has ended, then build again.")
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        print(f"the book is not built: {error.strerror or error}{where}; make room or see to it.")
    return 1


def _build(root: Path, staging: Path, site: Path) -> int:
    restore(site)
    shutil.rmtree(staging, ignore_errors=True)
    try:
        status = run(JUPYTER_BOOK, "build", str(root), "--path-output", str(staging), *STRICT)
        return publish(staging / "_build" / "html", site, status)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def run(program: str, *arguments: str) -> int:
    """Run a function of a module in a process that ends with this one; return its status."""
    command = [sys.executable, str(WITH_PARENT), str(os.getpid()), program, *arguments]
    return subprocess.run(command, check=False).returncode


def publish(built: Path, site: Path, status: int) -> int:
    """Put a built site in its place if it is sound; say why not otherwise."""
    if status:
        reports = _keep_reports(built / "reports", site.with_name("reports"))
        full = shutil.disk_usage(site.parent).free < ROOM
        print("the book is not built" + ("; the disk is full: make room." if full else reports))
        return status
    findings = check_site.check(built)
    if findings:
        print("\n".join(findings))
        print(f"the book is not published: {len(findings)} findings above")
        return 1
    swap(built, site)
    print(f"the book: {site / 'index.html'}")
    return 0


def _keep_reports(made: Path, kept: Path) -> str:
    shutil.rmtree(kept, ignore_errors=True)
    if not made.is_dir():
        return ""
    made.rename(kept)
    return f"; tracebacks of chapters lie in {kept}"


def swap(built: Path, site: Path) -> None:
    """Put a built site in the place of the earlier one."""
    earlier = _earlier(site)
    shutil.rmtree(earlier, ignore_errors=True)
    if site.exists():
        site.rename(earlier)
    try:
        built.rename(site)
    finally:
        restore(site)
    shutil.rmtree(earlier, ignore_errors=True)


def restore(site: Path) -> None:
    """Bring the earlier site back where a build was stopped between the two renames."""
    earlier = _earlier(site)
    if earlier.exists() and not site.exists():
        earlier.rename(site)


def _earlier(site: Path) -> Path:
    return site.with_name(f"{site.name}.earlier")


if __name__ == "__main__":
    sys.exit(build())
