"""What several files say is the same in all: install line, versions, the repository's address."""

from __future__ import annotations

import re
import subprocess
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import oldest
import rootkappa
from rootkappa_sphinx.execution import ROOT

INSTALL = 'pip install -c constraints.txt -e ".[book,test]"'
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
REPOSITORY = PROJECT["urls"]["Repository"]
SITE = PROJECT["urls"]["Documentation"]


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def tracked():
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listing.stdout.splitlines()]


def constraints():
    found = {}
    for line in text("constraints.txt").splitlines():
        name, version = re.fullmatch(r"([\w.-]+)==([\w.]+)(?: ;.*)?", line).groups()
        found.setdefault(canonicalize_name(name), []).append(Version(version))
    return found


def locked():
    """The entries of the file with hashes, each as a constraint with its hashes."""
    entries = text("requirements.lock").replace(" \\\n    ", " ").splitlines()
    return [re.fullmatch(r"(.*?)((?: --hash=sha256:[0-9a-f]{64})+)", entry) for entry in entries]


REQUIREMENTS = [
    *PROJECT["dependencies"],
    *(item for extra in PROJECT["optional-dependencies"].values() for item in extra),
]


@pytest.mark.parametrize("name", ["Makefile", "README.md", "CONTRIBUTING.md", "book/reproduce.md"])
def test_one_install_line(name):
    assert INSTALL in text(name)


def test_conda_and_binder_install_the_same():
    environment = yaml.safe_load(text("environment.yml"))
    (pip,) = [item["pip"] for item in environment["dependencies"] if isinstance(item, dict)]
    assert pip == ["--constraint constraints.txt", "--editable .[book,test]"]


def test_workflows_and_ci_install_through_make():
    for name in (
        ".ci/run",
        *(f".github/workflows/{x}.yml" for x in ("ci", "publish", "scheduled")),
    ):
        assert "pip install" not in text(name)
        assert "make " in text(name) or ".ci/run" in text(name)


@pytest.mark.parametrize("line", REQUIREMENTS)
def test_constraints_satisfy_the_ranges(line):
    requirement = Requirement(line)
    for version in constraints()[canonicalize_name(requirement.name)]:
        assert requirement.specifier.contains(version, prereleases=True)


def test_constraints_name_no_place_to_install_from():
    assert not re.search(r"://|--|@|\+", text("constraints.txt"))


def test_the_lock_holds_the_same_versions_with_their_hashes():
    assert [entry[1] for entry in locked()] == text("constraints.txt").splitlines()
    assert "://" not in text("requirements.lock")


def test_the_oldest_versions_are_the_lower_bounds():
    assert oldest.oldest(
        {"dependencies": ["b>=1.2,<2"], "optional-dependencies": {"x": ["a>=3"]}}
    ) == [
        "a==3",
        "b==1.2",
    ]
    lines = oldest.oldest(PROJECT)
    assert len(lines) == len({Requirement(line).name for line in REQUIREMENTS})
    assert all(re.fullmatch(r"[\w.-]+==[\d.]+", line) for line in lines)


def test_a_range_without_a_lower_bound_is_refused():
    with pytest.raises(ValueError, match=r"'x<2' has no lower bound: write x>=VERSION."):
        oldest.oldest({"dependencies": ["a>=1", "x<2"]})


def test_extras_that_name_a_package_twice_agree():
    ranges = {}
    for line in REQUIREMENTS:
        ranges.setdefault(Requirement(line).name, set()).add(str(Requirement(line).specifier))
    assert [name for name, found in ranges.items() if len(found) > 1] == []


@pytest.mark.parametrize("line", PROJECT["dependencies"])
def test_every_requirement_of_the_library_is_imported(line):
    name = Requirement(line).name
    module = {"scikit-learn": "sklearn"}.get(name, name).replace("-", "_")
    library = "\n".join(path.read_text("utf-8") for path in (ROOT / "lib").rglob("*.py"))
    assert re.search(rf"^\s*(import|from) {module}\b", library, re.M)


def test_actions_are_named_by_commit():
    for name in ("ci", "publish", "scheduled"):
        used = re.findall(r"uses: (\S+)@(\S+)(.*)", text(f".github/workflows/{name}.yml"))
        assert used
        for action, commit, comment in used:
            assert re.fullmatch(r"[0-9a-f]{40}", commit), f"{name}: {action}"
            assert re.fullmatch(r"  # v\d+\.\d+\.\d+", comment), f"{name}: {action}"


def test_jupyter_book_stays_below_two():
    (found,) = constraints()["jupyter-book"]
    assert found < Version("2")
    assert "jupyter-book>=1.0.4,<2" in PROJECT["optional-dependencies"]["book"]


def test_one_version():
    citation = yaml.safe_load(text("CITATION.cff"))
    assert rootkappa.__version__ == PROJECT["version"] == citation["version"]
    assert f"## {PROJECT['version']}" in text("CHANGELOG.md")
    assert f"version = {{{PROJECT['version']}}}" in text("book/reproduce.md")


def test_the_python_of_every_file_is_admitted():
    lowest = PROJECT["requires-python"].removeprefix(">=")
    assert f"python={lowest}" in text("environment.yml")
    for name in ("ci", "publish", "scheduled"):
        assert f'python-version: "{lowest}"' in text(f".github/workflows/{name}.yml")


NAMING = ["_config.yml", "CITATION.cff", "README.md", "CONTRIBUTING.md", "book/reproduce.md"]


@pytest.mark.parametrize("name", NAMING)
def test_the_address_is_named(name):
    assert REPOSITORY in text(name)


def test_every_place_names_the_same_address():
    _, owner, name = REPOSITORY.removeprefix("https://").split("/")
    assert f"https://{owner}.github.io/{name}/" == SITE
    address = re.compile(
        r"https://github\.com/[\w-]+/rootkappa\b(?:\.git)?|https://[\w-]+\.github\.io/rootkappa\b/?"
    )
    for path in tracked():
        if not path.is_file() or path.suffix in (".svg", ".png", ".parquet"):
            continue
        for found in address.findall(path.read_text(encoding="utf-8")):
            assert found in (REPOSITORY, SITE), f"{path.relative_to(ROOT)} names {found}"


def test_the_configuration_uses_both_addresses():
    config = yaml.safe_load(text("_config.yml"))
    assert config["repository"]["url"] == REPOSITORY
    assert config["html"]["baseurl"] == config["sphinx"]["config"]["ogp_site_url"] == SITE
