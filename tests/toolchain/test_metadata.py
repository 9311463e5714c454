"""What archives read: the same facts in every file, every named file there, nothing invented."""

from __future__ import annotations

import copy
import json
import re
import tomllib

import jsonschema
import pytest
import yaml

import print_paper
from rootkappa_sphinx.execution import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
ZENODO = json.loads((ROOT / ".zenodo.json").read_text(encoding="utf-8"))
CODECHECK = (ROOT / "codecheck.yml").read_text(encoding="utf-8")
CRATE = json.loads((ROOT / "ro-crate-metadata.json").read_text(encoding="utf-8"))["@graph"]
PAPER = (ROOT / "paper" / "paper.md").read_text(encoding="utf-8")
ENTITIES = {entity["@id"]: entity for entity in CRATE}


def test_all_say_what_the_citation_says():
    check, whole = yaml.safe_load(CODECHECK), ENTITIES["./"]
    titles = {CITATION["title"], ZENODO["title"], check["paper"]["title"], whole["name"]}
    assert len(titles) == 1
    assert {CITATION["version"], ZENODO["version"], whole["version"]} == {PROJECT["version"]}
    assert {CITATION["license"], ZENODO["license"]} == {PROJECT["license"]}
    names = [author["name"] for author in CITATION["authors"]]
    assert [creator["name"] for creator in ZENODO["creators"]] == names
    assert [author["name"] for author in check["paper"]["authors"]] == names
    assert ENTITIES[whole["author"]["@id"]]["name"] == names[0]
    assert CITATION["keywords"] == ZENODO["keywords"] == whole["keywords"] == PROJECT["keywords"]
    assert " ".join(CITATION["abstract"].split()) == ZENODO["description"] == whole["description"]


def test_addresses_are_those_of_the_project():
    urls = PROJECT["urls"]
    assert CITATION["repository-code"] == urls["Repository"] == ENTITIES["./"]["codeRepository"]
    assert CITATION["url"] == urls["Documentation"] == ENTITIES["./"]["url"]
    related = {entry["identifier"] for entry in ZENODO["related_identifiers"]}
    assert related == {urls["Repository"], urls["Documentation"]}


def test_every_file_that_is_named_is_there():
    check = yaml.safe_load(CODECHECK)
    named = [entry["file"] for entry in check["manifest"]]
    named += [part["@id"] for part in ENTITIES["./"]["hasPart"]]
    assert [name for name in named if not (ROOT / name).exists()] == []
    chapters = {path.stem for path in (ROOT / "book").glob("*.ipynb")}
    settled = tomllib.loads((ROOT / "book" / "claims.toml").read_text(encoding="utf-8"))["chapters"]
    missing = [name for name in settled if name in chapters and f"book/{name}.ipynb" not in named]
    assert missing == [], "name these chapters in codecheck.yml"


def test_the_crate_is_closed_and_describes_itself():
    about = ENTITIES["ro-crate-metadata.json"]
    assert about["about"] == {"@id": "./"}
    assert about["conformsTo"]["@id"].startswith("https://w3id.org/ro/crate/")
    assert len(ENTITIES) == len(CRATE)
    for entity in CRATE:
        for value in entity.values():
            for reference in value if isinstance(value, list) else [value]:
                if isinstance(reference, dict):
                    target = reference["@id"]
                    assert target in ENTITIES or target.startswith("https://w3id.org/")


def test_the_crate_is_read_by_the_library_of_its_makers():
    library = pytest.importorskip("rocrate.rocrate", reason="needs rocrate, of the extra test")
    crate = library.ROCrate(ROOT)
    assert crate.name == CITATION["title"]
    assert {part.id for part in crate.data_entities} == {
        part["@id"] for part in ENTITIES["./"]["hasPart"]
    }
    assert crate.license["identifier"] == PROJECT["license"]


def test_codecheck_has_its_form_and_marks_what_is_missing():
    assert CODECHECK.startswith("---\nversion: https://codecheck.org.uk/spec/config/2.0/\n")
    check = yaml.safe_load(CODECHECK)
    assert check["codechecker"] == []
    assert {"certificate", "report"} & set(check) == set()
    for name in ("ORCID", "reference", "certificate", "report"):
        assert re.search(rf"# {name}: missing", CODECHECK)


FILES = {
    "zenodo": ZENODO,
    "codecheck": yaml.safe_load(CODECHECK),
    "paper": print_paper.header(PAPER),
}


def refused(name, content):
    schema = json.loads((ROOT / f"tools/schemas/{name}.json").read_text(encoding="utf-8"))
    return not jsonschema.Draft7Validator(schema).is_valid(content)


@pytest.mark.parametrize("name", FILES)
def test_each_file_has_the_form_that_its_reader_asks_for(name):
    assert not refused(name, FILES[name])


# What would be invented, or is no longer what the reader of a file takes.
MISTAKES = [
    ("zenodo", ("doi",), "to be assigned"),
    ("zenodo", ("upload_type",), "program"),
    ("zenodo", ("creators", 0, "orcid"), "https://orcid.org/0000-0002-1825-0097"),
    ("zenodo", ("related_identifiers", 0, "relation"), "isAbout"),
    ("zenodo", ("licence",), "MIT"),
    ("codecheck", ("version",), "https://codecheck.org.uk/spec/config/1.0/"),
    ("codecheck", ("certificate",), "2026-001"),
    ("codecheck", ("report",), "https://example.org/report"),
    ("codecheck", ("codechecker",), [{"name": "Somebody"}]),
    ("codecheck", ("manifest",), []),
    ("codecheck", ("manifest", 0, "file"), "/records.json"),
    ("codecheck", ("paper", "authors", 0, "ORCID"), "unknown"),
    ("paper", ("date",), "2026-11-26"),
    ("paper", ("title",), "`rootkappa`"),
    ("paper", ("authors", 0, "orcid"), "missing"),
    ("paper", ("bibliography",), "../book/references.bib"),
]


@pytest.mark.parametrize(("name", "path", "value"), MISTAKES)
def test_what_is_wrong_or_invented_is_refused(name, path, value):
    content = copy.deepcopy(FILES[name])
    *way, last = path
    place = content
    for step in way:
        place = place[step]
    place[last] = value
    assert refused(name, content)


def test_a_finished_check_has_the_form_of_the_specification():
    done = copy.deepcopy(FILES["codecheck"])
    done |= {"codechecker": [{"name": "Somebody"}], "certificate": "2026-001"}
    done |= {"report": "https://example.org/report"}
    assert refused("codecheck", done)  # the paper has no reference yet
    done["paper"]["reference"] = "https://example.org/paper"
    assert not refused("codecheck", done)


@pytest.mark.parametrize(
    "room",
    [
        *("Summary", "Statement of need", "State of the field", "Software design"),
        *("Research impact statement", "AI usage disclosure", "References"),
    ],
)
def test_the_paper_has_the_sections_that_its_journal_asks_for(room):
    assert f"\n# {room}\n" in PAPER


def entries(path):
    text = (ROOT / path).read_text(encoding="utf-8")
    return {entry[1]: entry[0] for entry in re.finditer(r"^@\w+\{(\w+),.*?^\}", text, re.M | re.S)}


def test_the_paper_cites_its_bibliography_and_all_of_it():
    held, book = entries("paper/paper.bib"), entries("book/references.bib")
    cited = set(re.findall(r"@(\w+)", PAPER.split("---", 2)[2]))
    assert cited == set(held)
    assert {key for key in held if key in book and held[key] != book[key]} == set()
    assert len(set(held) & set(book)) >= 5


def test_the_paper_is_as_long_as_its_journal_asks_for():
    assert 750 <= len(PAPER.split("---", 2)[2].split()) <= 1750
