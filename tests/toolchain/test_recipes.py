"""The recipes of CONTRIBUTING.md, followed in a copy; each step left out is named."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from xml.etree import ElementTree

import nbformat
import pytest

import recipes
from rootkappa import ledger
from rootkappa_sphinx.execution import ROOT

HEAD = """---
jupytext:
  formats: ipynb,md:myst
---

# Tiny

"""
IN_ROOMS = {
    "The claim": "**You will understand**\n\n- one;\n\n```{result} fig-tiny\nOne.\n```\n\n",
    "Verdicts": "This chapter settles {tally}`tiny`.\n\n",
    "Try it": "**1.** Is one at most two?\n\n:::{dropdown} Answer\nYes.\n:::\n",
}
PAGE = HEAD + "".join(f"## {room}\n\n{IN_ROOMS.get(room, '')}" for room in recipes.ROOMS)
CLAIM = """
[[claim]]
id = "tiny/one"
paper = "tiny2026"
source = "derived"
kind = "bound"
statement = "One is at most two."
predicted = "at most 1"
control = "three"
accept = { ratio = [0, 1] }
breaks = "one"
prediction = "derived"
second = "none"
"""
EVIDENCE = '''"""Tiny: one."""

from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control


@measures("tiny/one")
def one() -> Evidence:
    """Compare one with two."""
    return Evidence({"ratio": 0.5}, Control("three", {"ratio": 1.5}))
'''
THEOREM = '''"""Tiny and Small (2026): nothing to assume."""

from rootkappa.problems import Spectrum
from rootkappa.provenance import Provenance
from rootkappa.theorems.theorem import Theorem


class {name}(Theorem[Spectrum]):
    """One is at most two.

    Source: Tiny and Small (2026), Theorem 1.
    """

    key = "{key}"
    paper = "Tiny and Small (2026)"
    number = "Theorem 1"
    title = "A tiny theorem"
    provenance = Provenance.DERIVED

    def hypotheses(self, problem):
        return ()
'''
TUNING = '''

def {name}(spectrum, lambda_max=None):
    """Do as gradient descent does."""
    return classical_gradient_descent(spectrum, lambda_max)
'''
MODEL = '''"""A tiny architecture."""

from rootkappa.architectures.quadratic import Quadratic


class TinyModel(Quadratic):
    """Least squares again."""
'''
MADE = '''

def {name}(seed: int = 0) -> Dataset:
    """Make four points on the sphere."""
    return sphere(d=3, n=4, seed=seed)
'''


@dataclass(frozen=True)
class Step:
    """Text that is put into a file after a line that is there, or at its end; or a file of it."""

    path: str
    text: str
    after: str = ""

    def do(self, tree):
        target = tree / self.path
        before = target.read_text(encoding="utf-8") if target.exists() else ""
        at = before.index(self.after) + len(self.after) if self.after else len(before)
        target.write_text(before[:at] + self.text + before[at:], encoding="utf-8")

    def undo(self, tree):
        target = tree / self.path
        rest = target.read_text(encoding="utf-8").replace(self.text, "", 1)
        target.write_text(rest, encoding="utf-8") if rest else target.unlink()


def exported(room, name, module):
    path = f"lib/rootkappa/{room}/__init__.py"
    return [
        Step(path, f"from rootkappa.{room}.{module} import {name}\n", '"""\n\n'),
        Step(path, f'"{name}", ', "__all__ = ["),
    ]


RECIPES = {
    "architecture": [
        Step("lib/rootkappa/architectures/tiny.py", MODEL),
        *exported("architectures", "TinyModel", "tiny"),
        Step("lib/rootkappa/sweeps/_catalogue.py",
             '        "TinyModel": architectures.TinyModel,\n', '    "model": {\n'),
        Step("tests/conftest.py",
             '    "tiny": lambda place: TinyModel(_quadratic(place).features),\n', "MODELS = {\n"),
        Step("tests/conftest.py", "from rootkappa.architectures import TinyModel\n",
             "import RotatedReLU\n"),
        Step("tests/architectures/test_tiny.py", "def test_tiny():\n    pass\n"),
    ],
    "method": [
        Step("lib/rootkappa/optimizers/tunings.py", TUNING.format(name="tiny_tuning")),
        *exported("optimizers", "tiny_tuning", "tunings"),
        Step("lib/rootkappa/sweeps/_catalogue.py", '    "tiny_tuning",\n', "_TUNINGS = (\n"),
        Step("tests/optimizers/test_tunings.py",
             "    zoo.tiny_tuning: lambda kappa: 1 - 1 / kappa,\n", "FACTORS = {\n"),
    ],
    "data set": [
        Step("lib/rootkappa/datasets/bundled.py",
             '    "iris": ("load_iris", 3),\n', "BUNDLED = {\n"),
        Step("lib/rootkappa/datasets/named.py", '"iris", ', "name: A bundled set ("),
        Step("lib/rootkappa/datasets/synthetic.py", MADE.format(name="tiny_points")),
        *exported("datasets", "tiny_points", "synthetic"),
        Step("lib/rootkappa/sweeps/_catalogue.py", '"tiny_points", ', "_MADE = ("),
        Step("tests/datasets/test_synthetic.py",
             "\n\ndef test_tiny_points():\n    assert datasets.tiny_points().X.shape == (3, 4)\n"),
    ],
    "theorem": [
        Step("lib/rootkappa/theorems/tiny2026.py",
             THEOREM.format(name="TinyTheorem", key="tiny2026")),
        *exported("theorems", "TinyTheorem", "tiny2026"),
        Step("book/references.bib",
             "\n@misc{tiny2026,\n  author = {Tiny, A. and Small, B.},\n  title = {T},\n"
             "  year = {2026},\n}\n"),
        Step("tests/theorems/test_tiny2026.py",
             "from rootkappa.theorems import TinyTheorem\n\n\n"
             "def test_tiny():\n    assert TinyTheorem().check(None).holds\n"),
    ],
    "claim": [
        Step("book/claims.toml", CLAIM),
        Step("lib/rootkappa/evidence/tiny.py", EVIDENCE),
        Step("tests/evidence/test_tiny.py", "def test_tiny():\n    pass\n"),
    ],
    "chapter": [
        Step("book/claims.toml", 'tiny = "Tiny"\n', "[chapters]\n"),
        Step("book/tiny.md", PAGE),
        Step("_toc.yml", "      - file: book/tiny\n", "      - file: book/quadratics\n"),
    ],
}  # fmt: skip


def settled(tree):
    """Write the notebook of the tiny chapter, as recording does."""
    chapter = ledger.open_chapter("tiny", tree / "book/claims.toml")
    record = chapter.settle(
        "tiny/one", measured={"ratio": 0.5}, control=ledger.Control("three", {"ratio": 1.5})
    )
    output = nbformat.v4.new_output("display_data", {record.MIME: record.to_dict()})
    cells = [nbformat.v4.new_code_cell("chapter.settle(...)", outputs=[output])]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tree / "book/tiny.ipynb")


def copied(folder):
    """Copy what the recipes touch, and what its checks read."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copy(ROOT / "_toc.yml", folder)
    for name in ("lib/rootkappa", "tests", "tools"):
        # With what Python has compiled of it, which is valid for files of the same time.
        shutil.copytree(ROOT / name, folder / name)
    shutil.copytree(ROOT / "book/api", folder / "book/api")
    for path in (ROOT / "book").iterdir():
        if path.suffix == ".ipynb":
            (folder / "book" / path.name).symlink_to(path)
        elif path.is_file():
            shutil.copy(path, folder / "book")
    for steps in RECIPES.values():
        for step in steps:
            step.do(folder)
    settled(folder)
    return folder


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the tree in which all recipes are followed."""
    return copied(tmp_path_factory.mktemp("tree"))


CHECKS = {
    "untested": recipes.untested,
    "undocumented": recipes.undocumented,
    "unlisted": recipes.unlisted,
    "unfurnished": recipes.unfurnished,
    "uncaptioned": recipes.uncaptioned,
    "unlinked": recipes.unlinked,
    "unsettled": recipes.unsettled,
    "unmeasured": recipes.unmeasured,
}


@contextlib.contextmanager
def left_out(tree, step):
    step.undo(tree)
    try:
        yield
    finally:
        step.do(tree)


@pytest.mark.parametrize("check", CHECKS)
def test_all_steps_together_leave_nothing_to_say(tree, check):
    assert CHECKS[check](tree) == []


# Recipe, step, check, sentence.
LEFT_OUT = [
    ("architecture", "tests/architectures/test_tiny.py", "untested",
     "architectures/tiny.py has no test file: add tests/architectures/test_tiny.py"),
    ("theorem", "tests/theorems/test_tiny2026.py", "untested",
     "theorems/tiny2026.py has no test file: add tests/theorems/test_tiny2026.py"),
    ("theorem", "book/references.bib", "unsettled",
     "claim 'tiny/one' cites 'tiny2026', which is not in book/references.bib: add the paper"),
    ("claim", "book/claims.toml", "unsettled",
     "there is no claim 'tiny/one' in claims.toml: enter it"),
    ("claim", "lib/rootkappa/evidence/tiny.py", "unmeasured",
     "claim 'tiny/one' is measured by no function: add one under lib/rootkappa/evidence"),
    ("claim", "tests/evidence/test_tiny.py", "untested",
     "evidence/tiny.py has no test file: add tests/evidence/test_tiny.py"),
    ("chapter", "book/tiny.md", "unfurnished",
     "book/claims.toml has the chapter tiny, and there is no book/tiny.md: write it"),
    ("chapter", "_toc.yml", "unlisted", "book/tiny.md is not in _toc.yml: add it to a part"),
]  # fmt: skip


@pytest.mark.parametrize(("recipe", "path", "check", "sentence"), LEFT_OUT)
def test_a_step_left_out_is_named(tree, recipe, path, check, sentence):
    (step,) = [step for step in RECIPES[recipe] if step.path == path]
    with left_out(tree, step):
        (found,) = CHECKS[check](tree)
    assert sentence in found


def test_a_room_without_a_page_and_a_page_without_a_room_are_named(tree):
    with left_out(tree, Step("book/api/rates.md", "```{room} rates\n```\n")):
        (found,) = recipes.undocumented(tree)
    assert found.startswith("room rates is on no page of book/api: write one")
    lost = Step("book/api/rates.md", "\n```{room} lost\n```\n")
    lost.do(tree)
    (found,) = recipes.undocumented(tree)
    lost.undo(tree)
    assert found == "book/api shows the room lost, which is not there: drop it"


def test_a_chapter_without_a_title_is_named(tree):
    title, *_ = RECIPES["chapter"]
    with left_out(tree, title), pytest.raises(ValueError, match=r"'tiny' is not in \[chapters\]"):
        recipes.unfurnished(tree)
    claim, *_ = RECIPES["claim"]
    with left_out(tree, claim), left_out(tree, title):
        (found,) = recipes.unfurnished(tree)
    assert found == "book/tiny.md has no title in [chapters] of book/claims.toml: add a line"


def test_a_chapter_that_is_not_recorded_settles_no_claim(tree):
    (tree / "book/tiny.ipynb").unlink()
    try:
        (found,) = recipes.unfurnished(tree)
        assert found == "book/tiny.md has no outputs: run tools/record.py tiny"
        (found,) = recipes.unsettled(tree)
        assert "claim 'tiny/one' is entered but no chapter settles it: settle it in tiny" in found
    finally:
        settled(tree)


@pytest.mark.parametrize("field", ["breaks", "prediction", "second"])
def test_a_claim_that_leaves_a_field_out_is_named(tree, field):
    path = tree / "book/claims.toml"
    whole = path.read_text(encoding="utf-8")
    before, claim = whole.split('[[claim]]\nid = "tiny/one"')
    kept = [line for line in claim.splitlines() if not line.startswith(field)]
    path.write_text(before + '[[claim]]\nid = "tiny/one"' + "\n".join(kept), encoding="utf-8")
    try:
        (found,) = recipes.unmeasured(tree)
    finally:
        path.write_text(whole, encoding="utf-8")
    assert found.endswith(f": add {field} to book/claims.toml")


@pytest.mark.parametrize("room", recipes.ROOMS)
def test_a_room_left_out_is_named(tmp_path, room):
    page = tmp_path / "tiny.md"
    page.write_text(PAGE.replace(f"## {room}\n", f"```text\n## {room}\n```\n"))
    assert recipes.rooms(page) == [f'tiny.md has no room "{room}": add "## {room}"']


def test_rooms_in_another_order_are_named(tmp_path):
    page = tmp_path / "tiny.md"
    page.write_text(PAGE.replace("## Verdicts\n", "") + "## Verdicts\n")
    (found,) = recipes.rooms(page)
    assert found.startswith("tiny.md has its rooms in another order: The claim, Statement, ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("**You will understand**", 'the room "The claim" of tiny.md lacks what one will'),
        ("```{result} fig-tiny\nOne.\n```", 'the room "The claim" of tiny.md lacks its picture'),
        ("{tally}`tiny`", 'the room "Verdicts" of tiny.md lacks the count of its verdicts'),
        ("**1.** ", "tiny.md asks 0 exercises, **1.** and so on, and folds 1 answers"),
        (":::{dropdown} Answer\n", "tiny.md asks 1 exercises, **1.** and so on, and folds 0"),
    ],
)
def test_what_a_room_lacks_is_named(tmp_path, text, said):
    page = tmp_path / "tiny.md"
    page.write_text(PAGE.replace(text, ""))
    (found,) = recipes.bare(page)
    assert found.startswith(said)


@pytest.mark.parametrize("part", ["name", "caption"])
def test_a_figure_without_a_name_or_a_caption_is_named(tmp_path, part):
    cell = drawing(tmp_path)
    assert recipes.uncaptioned(tmp_path) == []
    del cell.metadata["mystnb"]["figure"][part]
    drawing(tmp_path, cell)
    (found,) = recipes.uncaptioned(tmp_path)
    assert found.startswith(f"a figure of tiny has no {part}: add it to mystnb")


def test_a_figure_that_is_drawn_and_not_shown_is_named(tmp_path):
    cell = drawing(tmp_path)
    cell.outputs = []
    drawing(tmp_path, cell)
    (found,) = recipes.uncaptioned(tmp_path)
    assert found.startswith("a cell of tiny draws and shows nothing")


def drawing(folder, cell=None):
    """Write a chapter with one cell that draws."""
    if cell is None:
        shown = nbformat.v4.new_output("display_data", {"text/plain": "Figure: One and two."})
        cell = nbformat.v4.new_code_cell("figures.show(fig, alt)", outputs=[shown])
        cell.metadata["mystnb"] = {"figure": {"name": "fig-tiny", "caption": "**Tiny.** One."}}
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1"), cell])
    (folder / "book").mkdir(exist_ok=True)
    nbformat.write(notebook, folder / "book/tiny.ipynb")
    return cell


def test_a_term_to_which_no_page_leads_is_named(tmp_path):
    (tmp_path / "book").mkdir()
    terms = "```{glossary}\nmode\n  One.\n\nstep size\n  See {term}`lost`.\n\nlost\n  Two.\n```\n"
    (tmp_path / "book/glossary.md").write_text(terms)
    (tmp_path / "book/x.md").write_text("A {term}`mode`, and {term}`its steps <step size>`.")
    (found,) = recipes.unlinked(tmp_path)
    assert found.startswith("no page leads to 'lost' of the glossary")


# Beside each that is complete, one of which nothing is done but to write it.
FORGOTTEN = [
    Step("lib/rootkappa/architectures/tiny.py", "\n\nclass LostModel(Quadratic):\n    pass\n"),
    Step("lib/rootkappa/optimizers/tunings.py", TUNING.format(name="lost_tuning")),
    Step("lib/rootkappa/datasets/synthetic.py", MADE.format(name="lost_points")),
    Step(
        "lib/rootkappa/datasets/downloaded.py",
        '    "lost-set": Source({}, (1, 1), "digits"),\n',
        "SOURCES = {\n",
    ),
    Step("lib/rootkappa/theorems/lost2026.py", THEOREM.format(name="Lost", key="lost2026")),
]
SENTENCES = {
    "it_is_complete[LostModel]": (
        "LostModel is not exported: add it to rootkappa/architectures/__init__.py",
        "LostModel is not tested: add it to MODELS of tests/conftest.py",
        "LostModel has no name in sweeps: add it to ENTRIES of rootkappa/sweeps/_catalogue.py",
    ),
    "it_is_complete[lost_tuning]": (
        "lost_tuning is not exported: add it to rootkappa/optimizers/__init__.py",
        "lost_tuning is not tested: add it to FACTORS of tests/optimizers/test_tunings.py",
        "lost_tuning has no name in sweeps: add it to _TUNINGS of rootkappa/sweeps/_catalogue.py",
    ),
    "it_is_complete[lost_points]": (
        "lost_points is not exported: add it to rootkappa/datasets/__init__.py",
        "lost_points is not tested: add it to a test of tests/datasets/test_synthetic.py",
        "lost_points has no name in sweeps: add it to _MADE of rootkappa/sweeps/_catalogue.py",
    ),
    "a_named_set_stands_in_the_docstring_that_lists_them[lost-set]": (
        "add 'lost-set' to the docstring of load",
    ),
    "a_theorem_is_complete[Lost]": (
        "Lost has no test: name it in a file of tests/theorems",
        "Lost is not exported: add it to rootkappa/theorems/__init__.py",
        "Lost has no citation: give it the key of an entry of book/references.bib",
    ),
}
COMPLETE = {
    "it_is_complete[TinyModel]",
    "it_is_complete[tiny_tuning]",
    "it_is_complete[tiny_points]",
    "a_named_set_stands_in_the_docstring_that_lists_them[iris]",
    "a_theorem_is_complete[TinyTheorem]",
    # The tables of cases take them in.
    "the_jacobian_and_the_spectra_are_those_of_the_kernel[tiny-cpu-float64]",
    "the_factor_is_the_spectral_radius[tiny_tuning-25.0]",
    "sets_are_read_as_they_are_published[iris]",
    "tiny_points",
}
FILES = (
    "test_completeness.py",
    "theorems/test_completeness.py",
    "architectures/test_model.py",
    "optimizers/test_tunings.py",
    "datasets/test_bundled.py",
    "datasets/test_synthetic.py",
)


@pytest.fixture(scope="module")
def outcomes(tree, tmp_path_factory):
    """What the library's own tests say of the copy: failures' messages, by the test's name."""
    report = tmp_path_factory.mktemp("run") / "report.xml"
    for step in FORGOTTEN:
        step.do(tree)
    options = ["-q", "-c", "pyproject.toml", "-o", "addopts=--import-mode=importlib"]
    # Loading what differentiates takes seconds, and the Jacobian's oracle needs none of it.
    chosen = ["-k", "(tiny or iris or lost) and not automatic"]
    command = [sys.executable, "-m", "pytest", *options, *chosen, f"--junitxml={report}"]
    paths = os.pathsep.join([str(tree / "lib"), os.environ.get("PYTHONPATH", "")])
    settings = {"PYTHONPATH": paths, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    subprocess.run(
        [*command, *(f"tests/{name}" for name in FILES)],
        cwd=tree,
        env=os.environ | settings,
        capture_output=True,
        check=False,  # the report says what failed
    )
    for step in reversed(FORGOTTEN):
        step.undo(tree)
    cases = ElementTree.parse(report).iter("testcase")
    return {
        case.get("name").removeprefix("test_"): "\n".join(
            f"{found.get('message')}{found.text}" for found in case
        )
        for case in cases
    }


@pytest.mark.parametrize("name", sorted(COMPLETE))
def test_what_follows_the_recipe_passes_the_tests_of_its_kind(outcomes, name):
    assert outcomes[name] == ""


@pytest.mark.parametrize("name", SENTENCES)
def test_each_step_that_was_forgotten_is_named(outcomes, name):
    for sentence in SENTENCES[name]:
        assert sentence in outcomes[name]


def test_nothing_else_fails(outcomes):
    assert {name for name, message in outcomes.items() if message} == set(SENTENCES)


PLACES = sorted({step.path for steps in RECIPES.values() for step in steps})


@pytest.mark.parametrize("path", PLACES)
def test_contributing_names_every_place(path):
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert f"`{path.replace('tiny2026', 'x').replace('tiny', 'x')}`" in text
