"""Tend: the duties of the one process that keeps a workspace in order while others answer and record."""

import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from plait.errors import BadData
from plait.flows.learner import Learner
from plait.flows.publish import compact_if_due
from plait.flows.retrain import Retraining
from plait.flows.watch_recall import watch_recall
from plait.live import Live

TENDER = "tender"
"""The lease of the process that tends; what it publishes it publishes under the compactor's, as everybody does."""
WATCHED = 60
"""Turns between two looks at the recall of the index."""
WATCHING = 1.0
"""Seconds between turns while a training runs, at most."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a duty has to say: its name, one line, and whether the duty could not be done."""

    duty: str
    line: str
    failed: bool = False


def tend(
    live: Live, tell: Callable[[Said], None], *, once: bool = False, every: float = 10.0, seed: int = 0,
    stop: threading.Event | None = None,
) -> bool:  # fmt: skip
    """Do each duty in turn, every so many seconds until `stop` is set, or `once`, and then wait for what it began.

    A duty that fails is said, keeps no other from being done, and is tried again. Returns whether all could be done.
    Raises BadData while another process tends the workspace, and once the lease was lost to one.
    """
    store, stopped, failed = live.workspace.store, stop or threading.Event(), False
    with store.lease(TENDER) as lease:
        if lease is None:
            raise BadData(f"{live.workspace.folder} is tended by another process")
        retraining, learner = Retraining(live, seed=seed), Learner(Live(live.workspace))
        turns = itertools.count(seed)
        try:
            while True:
                with store.fence(lease):
                    pass
                for said in turn(live, retraining, learner, seed=next(turns), once=once):
                    failed |= said.failed
                    tell(said)
                if once or stopped.wait(every if retraining.child is None else min(every, WATCHING)):
                    return not failed
        finally:
            retraining.end()


def turn(live: Live, retraining: Retraining, learner: Learner, *, seed: int, once: bool) -> Iterator[Said]:
    """Do each duty once, in their order; with `once` wait for the training that was begun.

    Recall is watched after each WATCHED turns, since it costs an exact search a query.
    """
    duties: dict[str, Callable[[], Iterator[str]]] = {
        "learn": lambda: _learn(live, learner),
        "compact": lambda: _compact(live, seed),
        **({"recall": lambda: _watch(live, seed)} if once or seed % WATCHED == 0 else {}),
        "retrain": retraining.turn,
        **({"finish": retraining.finish} if once else {}),
    }
    for name, duty in duties.items():
        try:
            for line in duty():
                yield Said(name, line)
        except (BadData, ValueError, OSError) as error:
            yield Said(name, " ".join(str(error).split()), failed=True)


def _compact(live: Live, seed: int) -> Iterator[str]:
    if compact_if_due(live, seed=seed):
        yield f"index compacted: {live.refresh().name}"


def _learn(live: Live, learner: Learner) -> Iterator[str]:
    """Learn from the stream as far as it goes, and say what was refused."""
    if not live.workspace.config.learning.online:
        return
    for done in iter(learner.round, None):
        if done.refused or done.afresh:
            back = "all that was learnt since the training" if done.afresh else f"what {done.learnt} likings taught"
            yield f"up to change {done.sequence} {back} was taken back: {done.held_out}"


def _watch(live: Live, seed: int) -> Iterator[str]:
    found = watch_recall(live, seed=seed)
    if found.did:
        yield f"recall {found.recall:.3f} of the index is too low: {found.did}"
