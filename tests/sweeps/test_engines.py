"""A chunk that kills its process is found among others, which are computed all the same."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor

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


def seeds(found):
    return [chunk.specification["runs"]["seed"][0] for chunk, _ in found]


def fails_at(places):
    """Stands for the function that computes: it gives the seed, or fails there."""

    def compute(specification):
        (seed,) = specification["runs"]["seed"]
        if seed in places:
            raise ArithmeticError(f"at {seed}")
        return seed

    return compute


@pytest.mark.parametrize("executor", [None, "threads"])
def test_what_a_chunk_raises_is_its_outcome_and_the_others_go_on(monkeypatch, chunks, executor):
    monkeypatch.setattr(_engines, "compute", fails_at({2, 9}))
    with ThreadPoolExecutor(2) as pool:
        found = list(_engines.completed(chunks, pool if executor else None))
    assert sorted(seeds(found)) == list(range(10))
    assert executor or seeds(found) == list(range(10))
    for chunk, outcome in found:
        seed = chunk.specification["runs"]["seed"][0]
        assert (str(outcome) == f"at {seed}") if seed in (2, 9) else (outcome == seed)


class Recording(Executor):
    """Takes a number of tasks, of which it has done the first at once, and refuses the rest."""

    def __init__(self, refusal, after=99, done=99):
        self.refusal, self.after, self.done = refusal, after, done
        self.futures: list[Future] = []

    def submit(self, compute, specification):
        if len(self.futures) >= self.after:
            raise self.refusal
        self.futures.append(Future())
        if len(self.futures) <= self.done:
            self.futures[-1].set_result("done")
        return self.futures[-1]


def test_who_stops_listening_cancels_what_has_not_begun(chunks):
    executor = Recording(None, done=1)
    found = _engines.completed(chunks, executor)
    assert (seeds([next(found)]), len(executor.futures)) == ([0], 10)
    found.close()
    assert [future.cancelled() for future in executor.futures] == [False] + [True] * 9


@pytest.mark.parametrize("refusal", [RuntimeError("closed"), BrokenExecutor("broken")])
def test_an_executor_that_stops_taking_work_keeps_what_it_took(refusal, chunks):
    executor = Recording(refusal, after=4)
    lost = []

    def listen():
        lost.extend((yield from _engines._submitted(executor, chunks)))

    assert sorted(seeds(list(listen()))) == [0, 1, 2, 3]
    assert lost == list(chunks[4:])


def test_an_executor_that_is_broken_from_the_first_says_so_of_every_chunk(chunks):
    found = list(_engines.completed(chunks, Recording(BrokenExecutor("broken"), after=0)))
    assert seeds(found) == list(range(10))
    message = "its worker was lost and the executor takes no more: run again with the same store"
    assert all(type(outcome) is RuntimeError and message in str(outcome) for _, outcome in found)


def test_an_executor_that_takes_nothing_is_refused_with_its_reason(chunks):
    refused = Recording(OSError("no route"), after=0)
    with pytest.raises(ValueError, match=r"takes no work \(no route\): it was shut down, make a n"):
        list(_engines.completed(chunks, refused))


EXECUTORS = {
    "a class": (ThreadPoolExecutor, TypeError, "or None, got a "),
    "a client": (object(), TypeError, "or None, got a object: of a Dask client give client.get_ex"),
    "a truth value": (False, TypeError, "or None, got a bool: of a Dask client give"),
    "half a process": (1.5, TypeError, "or None, got a float: "),
    "none": (0, ValueError, "number of processes must be at least 1, got 0: raise it."),
    "fewer": (-2, ValueError, "number of processes must be at least 1, got -2: raise it."),
}


@pytest.mark.parametrize(("executor", "error", "message"), EXECUTORS.values(), ids=EXECUTORS)
def test_what_is_no_executor_is_refused_before_anything_is_computed(executor, error, message):
    with pytest.raises(error, match=message):
        _engines.completed([], executor)


@pytest.mark.parametrize("workers", [1, 2])
def test_processes_that_live_are_made_once(monkeypatch, chunks, workers):
    monkeypatch.setattr(Pool, "deadly", ())
    monkeypatch.setattr(Pool, "made", 0)
    monkeypatch.setattr(_engines, "ProcessPoolExecutor", Pool)
    assert len(list(_engines.completed(chunks, workers))) == 10
    assert Pool.made == 1


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_as_many_are_tried_alone_as_may_have_been_at_work(monkeypatch, chunks, workers):
    # A pool that breaks at once, twice the workers alone, one of them thrice, and one for the rest.
    monkeypatch.setattr(Pool, "deadly", (0,))
    monkeypatch.setattr(Pool, "made", 0)
    monkeypatch.setattr(_engines, "ProcessPoolExecutor", Pool)
    assert len(list(_engines.completed(chunks, workers))) == 10
    assert Pool.made == 1 + (2 * workers + 2) + (2 * workers < 10)
