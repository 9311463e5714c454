"""Collecting records: each disagreement is an error, and all are found together."""

import copy
import json

import pytest

from rootkappa import ledger

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
    chapter = ledger.Chapter(claim_id.partition("/")[0], CLAIMS)
    measured = dict.fromkeys(CLAIMS[claim_id].accept, 0.5)
    control = ledger.Control("c", {"z": 2.0})
    return chapter.settle(claim_id, measured=measured, control=control).to_dict()


@pytest.fixture
def collect(tmp_path):
    def write_and_collect(records, name="one"):
        outputs = [{"output_type": "execute_result", "data": {ledger.MIME: r}} for r in records]
        cells = [{"cell_type": "markdown"}, {"cell_type": "code", "outputs": outputs}]
        path = tmp_path / f"{name}.ipynb"
        path.write_text(json.dumps({"cells": cells}, sort_keys=True), encoding="utf-8")
        return ledger.collect(CLAIMS, [path])

    return write_and_collect


def test_a_sound_book(collect):
    book = collect([record("one/a"), record("one/b")]).check()
    verdicts = [book.verdict(claim_id) for claim_id in CLAIMS]
    assert verdicts == ["holds", "holds", "open"]
    assert list(book.records["one/b"]["measured"]) == ["z", "a"]


def changed(claim_id, **changes):
    return copy.deepcopy(record(claim_id)) | changes


ERRORS = {
    "missing": ([record("one/a")], "one", "'one/b' is entered but no chapter settles it"),
    "unknown": ([changed("one/a", id="one/c")], "one", "there is no claim 'one/c'"),
    "twice": ([record("one/a")] * 2, "one", "'one/a' is settled twice, first in one.ipynb"),
    "stale": ([changed("one/a", digest="0")], "one", "'one/a' is stale.*re-run `make record`"),
    "no control": ([changed("one/a", control=None)], "one", "'one/a' has no control"),
    "chapter": ([record("one/a")], "two", "'one/a' belongs to chapter 'one', not 'two'"),
}


@pytest.mark.parametrize(("records", "name", "message"), ERRORS.values(), ids=ERRORS)
def test_each_disagreement_is_an_error(collect, records, name, message):
    book = collect(records, name)
    assert book.errors
    with pytest.raises(ledger.LedgerError, match=message):
        book.check()


def test_all_errors_are_found_together(collect):
    stale, unknown = changed("one/a", digest="0"), changed("one/a", id="one/c")
    errors = collect([stale, unknown]).errors
    assert len(errors) == 3
    assert all(
        word in error for word, error in zip(("stale", "one/c", "one/b"), errors, strict=True)
    )


def test_json_holds_every_claim_and_the_stamp_once(collect):
    book = collect([record("one/a"), record("one/b")])
    rows = json.loads(ledger.to_json(book, {"python": "3.11"}))
    assert [row["id"] for row in rows] == list(CLAIMS)
    assert [row.get("environment") for row in rows] == [{"python": "3.11"}, None, None]
    keys = "id paper source kind statement predicted measured verdict slack control chapter"
    assert all(set(keys.split()) <= set(row) for row in rows)
    assert rows[0]["control"]["failed"] == "z: 2 (accepted: 0 to 1)"
    assert rows[2]["verdict"] == "open"
    assert rows[2]["note"] == "why"
