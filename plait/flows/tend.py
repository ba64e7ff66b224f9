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
from plait.store import Lease, LostLease, Store

TENDER = "tender"
"""The lease of the process that tends; what it publishes it publishes under the compactor's, as everybody does."""
WATCHED = 60
"""Turns between two looks at the recall of the index."""
WATCHING = 1.0
"""Seconds between turns while a training runs, at most."""
ROUNDS = 100
"""Rounds of learning in a turn, at most: however much was recorded, the other duties come to their turn."""


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

    A duty that fails is said, keeps no other from being done, and is tried again. Where the store does not tell whether
    the lease is held, that is said like a duty that failed, and the others wait for the next turn. Returns whether all
    could be done.
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
                unsure = _unsure(store, lease)
                for said in (
                    turn(live, retraining, learner, seed=next(turns), once=once, stopped=stopped)
                    if unsure is None
                    else (unsure,)
                ):
                    failed |= said.failed
                    tell(said)
                if once or stopped.wait(every if retraining.child is None else min(every, WATCHING)):
                    return not failed
        finally:
            retraining.end()


def _unsure(store: Store, lease: Lease) -> Said | None:
    """Say why it is not known whether the lease is held, None where it is. Raises LostLease where it is not."""
    try:
        with store.fence(lease):
            pass
    except LostLease:
        raise
    except BadData as error:
        return _failed(TENDER, error)
    return None


def turn(
    live: Live, retraining: Retraining, learner: Learner, *, seed: int, once: bool, stopped: threading.Event
) -> Iterator[Said]:
    """Do each duty once, in their order; with `once` wait for the training that was begun.

    Recall is watched after each WATCHED turns, since it costs an exact search a query.
    """
    duties: dict[str, Callable[[], Iterator[str]]] = {
        "learn": lambda: _learn(live, learner, once=once, stopped=stopped),
        "compact": lambda: _compact(live, seed),
        **({"recall": lambda: _watch(live, seed)} if once or seed % WATCHED == 0 else {}),
        "retrain": retraining.turn,
        **({"finish": retraining.finish} if once else {}),
    }
    for name, duty in duties.items():
        if stopped.is_set():
            return
        try:
            for line in duty():
                yield Said(name, line)
        except (BadData, ValueError, OSError) as error:
            yield _failed(name, error)


def _failed(name: str, error: Exception) -> Said:
    return Said(name, " ".join(str(error).split()), failed=True)


def _compact(live: Live, seed: int) -> Iterator[str]:
    if compact_if_due(live, seed=seed):
        yield f"index compacted: {live.refresh().name}"


def _learn(live: Live, learner: Learner, *, once: bool, stopped: threading.Event) -> Iterator[str]:
    """Learn from the stream until `stopped`, ROUNDS at most or with `once` as far as it goes; say what was refused."""
    if not live.workspace.config.learning.online:
        return
    for _ in itertools.count() if once else range(ROUNDS):
        done = None if stopped.is_set() else learner.round()
        if done is None:
            return
        if done.refused or done.afresh:
            back = "all that was learnt since the training" if done.afresh else f"what {done.learnt} likings taught"
            yield f"up to change {done.sequence} {back} was taken back: {done.held_out}"


def _watch(live: Live, seed: int) -> Iterator[str]:
    found = watch_recall(live, seed=seed)
    if found.did:
        yield f"recall {found.recall:.3f} of the index is too low: {found.did}"
