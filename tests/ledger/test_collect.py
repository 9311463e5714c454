"""Collecting records: each disagreement is an error, and all are found together."""

import copy
import json
import re

import pytest

from rootkappa import ledger
from rootkappa.ledger.chapter import Chapter

TEXTS = {
    "paper": "ours",
    "source": "derived",
    "kind": "scaling",
    "statement": "s",
    "predicted": "p",
    "control": "c",
}
CLAIMS = {
    claim.id: claim
    for claim in (
        ledger.Claim(id="one/b", accept={"z": (0, 1), "a": (0, 1)}, **TEXTS),
        ledger.Claim(id="one/a", accept={"z": (0, 1)}, **TEXTS),
        ledger.Claim(id="two/open", note="why", **TEXTS),
    )
}


def record(claim_id):
    chapter = Chapter(claim_id.partition("/")[0], CLAIMS)
    measured = dict.fromkeys(CLAIMS[claim_id].accept, 0.5)
    control = ledger.Control("c", {"z": 2.0})
    return chapter.settle(claim_id, measured=measured, control=control).to_dict()


def code(*records):
    outputs = [
        {"output_type": "execute_result", "data": {ledger.Record.MIME: entry}} for entry in records
    ]
    return {"cell_type": "code", "outputs": outputs}


@pytest.fixture
def collect(tmp_path):
    def write_and_collect(cells, name="one"):
        path = tmp_path / f"{name}.ipynb"
        text = cells if isinstance(cells, str) else json.dumps({"cells": cells}, sort_keys=True)
        path.write_text(text, encoding="utf-8")
        return ledger.Book.collect(CLAIMS, [path])

    return write_and_collect


def test_a_sound_book(collect):
    book = collect([{"cell_type": "markdown"}, code(record("one/a"), record("one/b"))])
    assert book.errors == ()
    verdicts = [book.verdict(claim_id) for claim_id in CLAIMS]
    assert verdicts == ["holds", "holds", "open"]
    assert list(book.records["one/b"]["measured"]) == ["z", "a"]


def changed(claim_id, **changes):
    return copy.deepcopy(record(claim_id)) | changes


ERRORS = {
    "missing": ([record("one/a")], "one", "'one/b' is entered but no chapter settles it"),
    "unknown": ([changed("one/a", id="one/c")], "one", "there is no claim 'one/c'"),
    "no id": ([{}], "one", "there is no claim None"),
    "twice": ([record("one/a")] * 2, "one", "settled twice, first in one.ipynb, cell 2"),
    "stale": ([changed("one/a", digest="0")], "one", "'one/a' is stale.*re-run `make record`"),
    "forged": ([changed("one/a", verdict="tight")], "one", "'one/a' says verdict = 'tight', and"),
    "no control": ([changed("one/a", control=None)], "one", "'one/a' has a field of the wrong"),
    "incomplete": ([{"id": "one/a", "digest": CLAIMS["one/a"].digest}], "one", "lacks 'schema'"),
    "chapter": ([record("one/a")], "two", "'one/a' belongs to chapter 'one', not 'two'"),
}


@pytest.mark.parametrize(("records", "name", "message"), ERRORS.values(), ids=ERRORS)
def test_each_disagreement_is_an_error(collect, records, name, message):
    book = collect([{"cell_type": "markdown"}, code(*records)], name)
    assert any(re_found(message, error) for error in book.errors)
    assert all(
        error.startswith((f"{name}.ipynb, cell 2: ", "claims.toml")) for error in book.errors
    )


def re_found(pattern, text):
    return re.search(pattern, text) and "\n" not in text


DAMAGED = {
    "truncated": ('{"cells": [{"cell_type": "co', "one.ipynb is no readable notebook .*JSON"),
    "empty": ("", "one.ipynb is no readable notebook"),
    "no cells": ("{}", "no readable notebook .KeyError: 'cells'"),
    "a list": ("[]", "no readable notebook"),
    "no outputs": ([{"cell_type": "code"}], "one.ipynb, cell 1 is damaged .KeyError: 'outputs'"),
    "no kind": ([{}], "cell 1 is damaged .KeyError: 'cell_type'"),
    "no cell": (["x"], "cell 1 is damaged"),
    "outputs are none": ([{"cell_type": "code", "outputs": None}], "cell 1 is damaged"),
    "no object": ([code(5)], "cell 1 is damaged .TypeError: its record is no object"),
    "no data": ([{"cell_type": "code", "outputs": [{"data": None}]}], "cell 1 is damaged"),
}


@pytest.mark.parametrize(("cells", "message"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_notebook_is_named_and_the_rest_is_read(collect, cells, message):
    sound = [code(record("one/a"))]
    book = collect([*cells, *sound] if isinstance(cells, list) else cells)
    assert re_found(message, book.errors[0])
    assert book.errors[0].endswith("re-run `make record`.")
    assert ("one/a" in book.records) == isinstance(cells, list)


def test_a_notebook_that_is_not_there(tmp_path):
    book = ledger.Book.collect(CLAIMS, [tmp_path / "one.ipynb"])
    assert re_found("one.ipynb is no readable notebook .FileNotFoundError", book.errors[0])


def test_all_errors_are_found_together(collect):
    stale, unknown = changed("one/a", digest="0"), changed("one/a", id="one/c")
    errors = collect([code(stale), code(unknown)]).errors
    assert [("stale" in e, "one/c" in e, "one/b" in e) for e in errors] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]


def test_json_holds_every_claim_and_the_stamp_once(collect):
    book = collect([code(record("one/a"), record("one/b"))])
    rows = json.loads(book.to_json({"python": "3.11"}))
    assert [row["id"] for row in rows] == list(CLAIMS)
    assert [row.get("environment") for row in rows] == [{"python": "3.11"}, None, None]
    keys = (
        "id paper page source kind statement predicted names prediction measured attained verdict "
        "slack population hypotheses control chapter second"
    )
    assert all(set(keys.split()) <= set(row) for row in rows)
    assert rows[0]["control"]["measured"]["z"]["text"] == "2"
    assert rows[2]["verdict"] == "open"
    assert rows[2]["note"] == "why"
    assert set(rows[0]) - {"environment"} == set(rows[2]) - {"note"}


def test_json_is_laid_out_for_reading_and_keeps_its_signs():
    claim = ledger.Claim(id="one/a", **TEXTS | {"statement": "κ ≤ 4"})
    text = ledger.Book({"one/a": claim}, {}, ()).to_json()
    assert text.startswith('[\n {\n  "id": "one/a",\n')
    assert '"statement": "κ ≤ 4"' in text
    assert text.endswith("]\n")
    assert ledger.Book({}, {}, ()).to_json({"python": "3.11"}) == "[]\n"
