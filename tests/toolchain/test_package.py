"""sdist and wheel hold the library and nothing else, and the wheel works where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile

import pytest

from release import SOURCES
from rootkappa import __version__
from rootkappa_sphinx.execution import ROOT

pytestmark = pytest.mark.system

NAME = f"rootkappa-{__version__}"
MODULES = {
    path.relative_to(ROOT / "lib").as_posix() for path in (ROOT / "lib/rootkappa").rglob("*.py")
}
DATA = {"rootkappa/py.typed"} | {
    path.relative_to(ROOT / "lib").as_posix()
    for room in ("ledger", "evidence")
    for path in (ROOT / "lib/rootkappa" / room / "data").iterdir()
}
# What a checkout holds beside them, and setuptools or a careless rule might take along.
STRAY = ("tests/test_x.py", "tests/a/test_y.py", "book/x.md", "tools/x.py", "benchmarks/x.py")


def python(*arguments, **options):
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    """The wheel is built from the sdist, so that the sdist must be whole."""
    checkout = tmp_path_factory.mktemp("checkout")
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for part in SOURCES:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, checkout / part, **({"ignore": ignored} if part == "lib" else {}))
    for name in STRAY:
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).touch()
    python("-m", "build", "--no-isolation", "--skip-dependency-check", cwd=checkout)
    return checkout / "dist"


def test_the_sdist_holds_the_library_alone(dist):
    with tarfile.open(dist / f"{NAME}.tar.gz") as archive:
        names = {member.name.partition("/")[2] for member in archive if member.isfile()}
    made = {name for name in names if ".egg-info/" in name} | {"PKG-INFO", "setup.cfg"}
    library = {f"lib/{name}" for name in MODULES | DATA}
    assert names - made == library | set(SOURCES) - {"lib"}


def test_the_wheel_holds_the_library_its_types_and_the_licence(dist):
    with zipfile.ZipFile(dist / f"{NAME}-py3-none-any.whl") as archive:
        names = set(archive.namelist())
        about = archive.read(f"{NAME}.dist-info/METADATA").decode()
    inside = {name for name in names if not name.startswith(f"{NAME}.dist-info/")}
    assert inside == MODULES | DATA
    assert f"{NAME}.dist-info/licenses/LICENSE" in names
    assert "License-Expression: MIT" in about
    assert "Requires-Dist: ipython" not in about


def test_the_installed_wheel_works(dist, tmp_path):
    wheel = str(dist / f"{NAME}-py3-none-any.whl")
    python("-m", "pip", "install", "--no-deps", "--no-index", "--target", str(tmp_path), wheel)
    code = "import rootkappa; print(rootkappa.__file__, rootkappa.ledger.Control)"
    said = python("-c", code, env=os.environ | {"PYTHONPATH": str(tmp_path)}, cwd=tmp_path)
    assert said.startswith(str(tmp_path / "rootkappa/__init__.py"))
    said = python("-m", "rootkappa", "claims", env=os.environ | {"PYTHONPATH": str(tmp_path)})
    assert "quadratics/gd-radius " in said
