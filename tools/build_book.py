"""Build the book: `make book`, or `python tools/build_book.py`.

The site is built aside, checked, and put in place by a rename: an interrupted or failed build
leaves the earlier site whole.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import check_site

ROOT = Path(__file__).resolve().parents[1]
STRICT = ("--all", "-W", "-n", "--keep-going")  # without --all a second build forgives the first


def build(root: Path = ROOT) -> int:
    """Build, check and publish the site in `_build/html`; return the exit status."""
    staging = root / "_build" / "staging"
    site = root / "_build" / "html"
    restore(site)
    shutil.rmtree(staging, ignore_errors=True)
    command = ["jupyter_book", "build", str(root), "--path-output", str(staging), *STRICT]
    status = subprocess.run([sys.executable, "-c", RUN, *command], check=False).returncode
    built = staging / "_build" / "html"
    if status:
        print(f"the book is not built; tracebacks of chapters lie in {built / 'reports'}")
        return status
    findings = check_site.check(built)
    if findings:
        print("\n".join(findings))
        print(f"the book is not published: {len(findings)} findings above")
        return 1
    swap(built, site)
    shutil.rmtree(staging, ignore_errors=True)
    print(f"the book: {site / 'index.html'}")
    return 0


# The module form works from any environment, activated or not.
RUN = "import sys; from jupyter_book.cli.main import main; sys.argv = sys.argv[1:]; main()"


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
