"""Two sides of a comparison, taking turns.

Each side lives in a process of its own and sleeps on a pipe while the other one works: in one
process the threads of TensorFlow and PyTorch, which spin for a while after their work, and their
allocators would disturb each other. Both have all cores, fixed seeds and inputs in memory.
"""

import gc
import multiprocessing
import os
import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAUSE = 0.1
"""Seconds before the clock starts, in which the other side's threads fall asleep."""
TURN = 0.5
"""Seconds that a turn is filled with calls, one at least; the fastest call counts."""

Work = Callable[[], Any]


@dataclass(frozen=True)
class Choice:
    """A side that is ready to work.

    Attributes:
        name: of the library and the settings it works with.
        work: what is timed.
        answer: what the first call gave, to hold against the other side's.
        ms: the fastest of a few calls.
        tried: name and milliseconds of every setting that was tried.
    """

    name: str
    work: Work
    answer: Any
    ms: float
    tried: tuple[tuple[str, float], ...]


Side = Callable[[Path], Choice]


@dataclass(frozen=True)
class Row:
    """One comparison.

    Attributes:
        name: what is compared.
        ours: makes our side ready, in its own process; it may leave files in the folder that it is
            given, for the peer to start from the same.
        peer: makes the peer's side ready, after ours.
        check: looks at both answers and raises AssertionError where they do not mean the same.
        images: how many images a call treats; times are those of one.
    """

    name: str
    ours: Side
    peer: Side
    check: Callable[[Any, Any], None]
    images: int = 1


def tried(name: str, work: Work, show: Callable[[Any], Any] = lambda result: result) -> Choice:
    """Warms a setting up and times it; `show` makes an answer out of what `work` returns."""
    answer = show(work())
    work()
    ms = _turn(work, calls=3)
    return Choice(name, work, answer, ms, ((name, ms),))


def fastest(choices: Iterable[Choice]) -> Choice:
    """The fastest one. A generator's choices are in memory one by one, beside the best so far."""
    best, seen = None, []
    for choice in choices:
        seen += choice.tried
        if best is None or choice.ms < best.ms:
            best = choice
        del choice
        gc.collect()
    assert best is not None, "no setting works"
    return Choice(best.name, best.work, best.answer, best.ms, tuple(seen))


def race(row: Row, folder: Path, turns: int) -> tuple[dict, str]:
    """The fastest call of each side, in turns (A B A B ...).

    Returns:
        A line of the results, and how our side computed.

    Raises:
        AssertionError: the sides do not do the same.
    """
    with _Process(row.ours, folder) as ours, _Process(row.peer, folder) as peer:
        row.check(ours.answer, peer.answer)
        best = [float("inf"), float("inf")]
        for _ in range(turns):
            for number, side in enumerate((ours, peer)):
                best[number] = min(best[number], side.turn())
        for name, ms in (*ours.tried, *peer.tried):
            print(f"    tried {name}: {ms / row.images:.1f} ms")
        found = {
            "name": row.name,
            "ours_ms": round(best[0] / row.images, 2),
            "peer": peer.name,
            "peer_ms": round(best[1] / row.images, 2),
            "ratio": round(best[0] / best[1], 3),
        }
        return found, ours.name


class _Process:
    """A side in a process of its own, with its name, answer and what it tried."""

    def __init__(self, side: Side, folder: Path):
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, side, folder))
        self._process.start()
        theirs.close()
        try:
            self.name, self.answer, self.tried = self._pipe.recv()
        except EOFError:
            raise SystemExit("A side failed, as said above.") from None

    def turn(self) -> float:
        """Milliseconds of the fastest call of one turn."""
        self._pipe.send("go")
        return self._pipe.recv()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._pipe.close()
        self._process.join()


def _serve(pipe, side: Side, folder: Path) -> None:
    warnings.simplefilter("ignore")  # of what the libraries will change one day
    choice = side(folder)
    pipe.send((choice.name, choice.answer, choice.tried))
    while True:
        try:
            pipe.recv()
        except EOFError:  # the other end was closed: no more turns
            return
        time.sleep(PAUSE)
        pipe.send(_turn(choice.work))


def _turn(work: Work, calls: int = 1) -> float:
    """The fastest of at least so many calls, of fewer only where they take ten turns' time."""
    best, spent, done = float("inf"), 0.0, 0
    while spent < TURN * 1000 or (done < calls and spent < 10 * TURN * 1000):
        begun = time.perf_counter()
        work()
        took = (time.perf_counter() - begun) * 1000
        best, spent, done = min(best, took), spent + took, done + 1
    return best


def threads() -> int:
    """How many threads a side may use: all cores, unless OMP_NUM_THREADS says otherwise."""
    return int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1)
