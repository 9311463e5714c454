"""A chunk that kills its process is found among others, which are computed all the same."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor, Future

import pytest

from rootkappa.sweeps import Grid, _engines


class Pool:
    """Takes work in order and breaks, with all that is left, at the chunks it cannot bear."""

    deadly: tuple[int, ...] = ()
    made = 0

    def __init__(self, workers, *options):
        type(self).made += 1
        self.broken = False

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def submit(self, compute, specification):
        future: Future = Future()
        if self.broken or specification["runs"]["seed"][0] in self.deadly:
            self.broken = True
            future.set_exception(BrokenExecutor("a process was terminated abruptly"))
        else:
            future.set_result(specification["runs"]["seed"])
        return future


@pytest.fixture
def chunks(specification):
    specification["axes"] = {"seed": range(10)}
    specification["model"]["width"] = 8
    specification["method"] = {"name": "gradient_descent", "step_size": 0.1}
    return Grid({**specification, "chunk": 1}).chunks


@pytest.mark.parametrize("deadly", [(), (0,), (5,), (9,), (2, 3), (0, 9)], ids=str)
def test_only_the_deadly_chunks_fail(monkeypatch, chunks, deadly):
    monkeypatch.setattr(Pool, "deadly", deadly)
    monkeypatch.setattr(_engines, "ProcessPoolExecutor", Pool)
    found = list(_engines.completed(chunks, 2))
    failed = [chunk for chunk, outcome in found if isinstance(outcome, Exception)]
    assert sorted(chunk.specification["runs"]["seed"][0] for chunk in failed) == list(deadly)
    assert sorted(chunk.specification["runs"]["seed"][0] for chunk, _ in found) == list(range(10))
    for _, outcome in found:
        if isinstance(outcome, Exception):
            assert "its process died 3 times: give it more memory" in str(outcome)


def test_what_is_lost_comes_back_in_order(monkeypatch, chunks):
    # Those that killed their process are looked for among the first.
    monkeypatch.setattr(Pool, "deadly", (0,))
    submitted = _engines._submitted(Pool(1), chunks)
    with pytest.raises(StopIteration) as end:
        next(submitted)
    assert end.value.value == list(chunks)


def test_nothing_to_do_starts_nothing(monkeypatch):
    monkeypatch.setattr(Pool, "made", 0)
    monkeypatch.setattr(_engines, "ProcessPoolExecutor", Pool)
    assert list(_engines.completed([], 2)) == []
    assert Pool.made == 0
