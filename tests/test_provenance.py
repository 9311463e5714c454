"""One vocabulary: every word stands for itself and has a sentence for a page."""

from __future__ import annotations

import pytest

from rootkappa.provenance import Provenance


@pytest.mark.parametrize("kind", Provenance)
def test_a_kind_is_the_word_written_in_claims(kind):
    assert Provenance(kind.value) is kind
    assert str(kind) == kind.value == kind.name.lower().replace("_", "-")
    assert kind.words


def test_kinds_run_from_sure_to_unsure_and_their_words_differ():
    kinds = list(Provenance)
    assert kinds[0] is Provenance.FULL_TEXT
    assert kinds.index(Provenance.ABSTRACT) < kinds.index(Provenance.RECALLED)
    assert len({kind.words for kind in kinds}) == len(kinds) == 6
    assert "verify before quoting" in Provenance.RECALLED.words


def test_an_unknown_word_is_refused():
    with pytest.raises(ValueError, match="'hearsay' is not a valid Provenance"):
        Provenance("hearsay")
