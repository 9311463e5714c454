"""Who computes the chunks: this process, any executor, or processes that are replaced when lost."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import (
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    as_completed,
)
from multiprocessing import connection
from typing import Any

from rootkappa import _checks
from rootkappa.sweeps.chunk import Outcome, compute
from rootkappa.sweeps.grid import Chunk

Done = tuple[Chunk, Outcome | Exception]

# A process may be killed for reasons of its own; thrice alone with the same chunk is no accident.
_TRIES = 3
_REMEDY = "run again with the same store, or with executor=2 for processes that are replaced"


def completed(chunks: Sequence[Chunk], executor: Executor | int | None) -> Iterator[Done]:
    """Compute chunks, in any order.

    Args:
        chunks: The chunks.
        executor: Who computes: an executor, a number of processes, or None for this process.

    Returns:
        An iterator over chunks with their outcome, or with what went wrong.

    Raises:
        TypeError: If it is none of these.
        ValueError: If the executor takes no work, or the number is below 1.
    """
    if executor is None:
        return _here(chunks)
    if isinstance(executor, Executor):
        return _through(executor, chunks)
    if isinstance(executor, bool) or not isinstance(executor, int):
        kind = type(executor).__name__
        raise TypeError(
            f"executor must be an executor of concurrent.futures, a number of processes or None, "
            f"got a {kind}: of a Dask client give client.get_executor()."
        )
    return _processes(_checks.count("number of processes", executor), chunks)


def _here(chunks: Sequence[Chunk]) -> Iterator[Done]:
    for chunk in chunks:
        try:
            yield chunk, compute(chunk.specification)
        except Exception as error:
            yield chunk, error


def _through(executor: Executor, chunks: Sequence[Chunk]) -> Iterator[Done]:
    lost = yield from _submitted(executor, chunks)
    # Once more, for executors that replace what they lose.
    for chunk in (yield from _submitted(executor, lost)):
        yield chunk, RuntimeError(f"its worker was lost and the executor takes no more: {_REMEDY}")


def _processes(workers: int, chunks: Sequence[Chunk]) -> Iterator[Done]:
    while chunks:
        lost = yield from _pool(workers, chunks)
        # Chunks start in order, so the one that killed its process is among the first.
        for chunk in lost[: 2 * workers]:
            yield from _alone(chunk)
        chunks = lost[2 * workers :]


def _alone(chunk: Chunk) -> Iterator[Done]:
    for _ in range(_TRIES):
        if not (yield from _pool(1, [chunk])):
            return
    yield (
        chunk,
        RuntimeError(
            f"its process died {_TRIES} times: give it more memory, or make `chunk` smaller"
        ),
    )


def _pool(workers: int, chunks: Sequence[Chunk]) -> Generator[Done, None, list[Chunk]]:
    # Not by fork: threads of this process may hold locks that the copies would wait for.
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    if hasattr(context, "set_forkserver_preload"):
        context.set_forkserver_preload([compute.__module__])
    with ProcessPoolExecutor(workers, context, _end_with_parent) as pool:
        return (yield from _submitted(pool, chunks))


def _submitted(executor: Executor, chunks: Sequence[Chunk]) -> Generator[Done, None, list[Chunk]]:
    futures: dict[Future[Outcome], Chunk] = {}
    lost: list[Chunk] = []
    try:
        for chunk in chunks:
            futures[_submit(executor, chunk, first=not futures)] = chunk
        order = {id(chunk): place for place, chunk in enumerate(chunks)}
        for future in as_completed(list(futures)):
            chunk = futures.pop(future)
            found = _found(future)
            if isinstance(found, BrokenExecutor | CancelledError):
                lost.append(chunk)
            else:
                yield chunk, found
    finally:
        for future in futures:
            future.cancel()
    return sorted(lost, key=lambda chunk: order[id(chunk)])


def _submit(executor: Executor, chunk: Chunk, first: bool) -> Future[Outcome]:
    try:
        return executor.submit(compute, chunk.specification)
    except BrokenExecutor as error:
        refused = error
    except Exception as error:
        if first:
            raise ValueError(
                f"the executor takes no work ({error}): it was shut down, make a new one."
            ) from error
        refused = BrokenExecutor(str(error))
    failed: Future[Outcome] = Future()
    failed.set_exception(refused)
    return failed


def _found(future: Future[Outcome]) -> Outcome | Exception:
    try:
        return future.result()
    except (Exception, CancelledError) as error:
        return error


def _end_with_parent() -> None:
    # A process whose parent was killed would wait for work for ever.
    parent: Any = multiprocessing.parent_process()

    def watch() -> None:
        connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
