"""What a process does over and over until it is killed: one function an operation, and the table of them.

Run as `operations.py NAME WORKSPACE RUN FOLDER SEED`, it says `ready`, then a line before and a line after each thing
that it does: `try WHAT NAME` and `did WHAT NAME`. What was done counts from the moment its line was written.
"""

import itertools
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from plait.errors import BadData, WrongCall
from plait.flows.build import build
from plait.recommender import Recommender
from plait.stream_settings import Index
from plait.workspace import Workspace
from tests.plait import toy

BATCH = 5
"""Events of a batch."""
REFUSED = ("another process", "no model to go back to", "there is no model", "users were erased again and again")
"""What may be said to one of several processes that build, train, promote and erase at once."""


@dataclass(frozen=True)
class Work:
    """What an operation may use: the workspace, what names this run of it, a folder for files, and chance."""

    recommender: Recommender
    workspace: Path
    run: str
    folder: Path
    rng: random.Random


def tell(word: str, what: str, name: str) -> None:
    sys.stdout.write(f"{word} {what} {name}\n")
    sys.stdout.flush()


@contextmanager
def told(what: str, name: str) -> Iterator[None]:
    """Say before and after the block; what is refused because of what others do at that moment was not done."""
    tell("try", what, name)
    try:
        yield
    except (BadData, WrongCall) as error:
        if not any(said in str(error) for said in REFUSED):
            raise
        tell("not", what, name)
        time.sleep(0.05)
        return
    tell("did", what, name)


def record(work: Work, number: int) -> None:
    """Record a batch of events with names."""
    names = [f"{work.run}-{number}-{place}" for place in range(BATCH)]
    with told("record", f"{work.run}-{number}"):
        work.recommender.record(
            [
                {"user_id": f"writer-{work.run}", "item_id": "cooking-0", "event": "view", "event_id": name,
                 "timestamp": toy.START + number}
                for name in names
            ]
        )  # fmt: skip
    time.sleep(0.005)


def change_items(work: Work, number: int) -> None:
    """Add an item with a known text, change it, remove it or not."""
    item_id = f"new-{work.run}-{number}"
    row = {**work.rng.choice(toy.items()), "item_id": item_id}
    with told("add", item_id):
        work.recommender.add_items([row])
    with told("update", item_id):
        work.recommender.update_items([{"item_id": item_id, "year": str(3000 + number)}])
    if work.rng.random() < 0.6:
        with told("remove", item_id):
            work.recommender.remove_items([item_id])


def compact(work: Work, number: int) -> None:
    """Change an item, and publish the index for that."""
    with told("compact", str(number)):
        work.recommender.update_items([{**work.rng.choice(toy.items()), "categories": f"again-{work.run}-{number}"}])


def train(work: Work, number: int) -> None:
    """Publish models that learnt for a moment."""
    with told("train", str(number)):
        work.recommender.train(budget="2.5s", seed=number)


def learn(work: Work, number: int) -> None:
    """Record likings that are new to their user, and learn from what was recorded."""
    likings = [
        {"user_id": f"fan-{work.run}-{number}", "item_id": row["item_id"], "event": "like"} for row in toy.items()
    ]
    with told("like", str(number)):
        work.recommender.record(likings[:12])
    with told("learn", str(number)):
        work.recommender.learn()


def build_again(work: Work, number: int) -> None:
    """Learn the fusion anew and publish the index with it."""
    rows = [{**row, "year": str(2000 + number)} for row in toy.items()]
    with told("build", str(number)):
        build(work.workspace, items=rows)


def move_models(work: Work, number: int) -> None:
    """Promote a model, or take the last move back."""
    numbers = [model["number"] for model in work.recommender.models() if not model["problem"]]
    with told("move", str(number)):
        if work.rng.random() < 0.5:
            work.recommender.rollback()
        elif numbers:
            work.recommender.promote(work.rng.choice(numbers[-2:]))


def back_up(work: Work, number: int) -> None:
    """Make a backup under a new name."""
    file = work.folder / f"{work.run}-{number}.tar"
    with told("backup", str(file)):
        work.recommender.backup(file)


def erase(work: Work, number: int) -> None:
    """Erase somebody who has just done something."""
    user_id = f"gone-{work.run}-{number}"
    work.recommender.record([{"user_id": user_id, "item_id": "space-0", "event": "like"}])
    with told("erase", user_id):
        work.recommender.erase(user_id)


OPERATIONS: dict[str, Callable[[Work, int], None]] = {
    "record": record,
    "items": change_items,
    "compact": compact,
    "train": train,
    "learn": learn,
    "build": build_again,
    "models": move_models,
    "backup": back_up,
    "erase": erase,
}


def main(name: str, workspace: str, run: str, folder: str, seed: str) -> None:
    opened = Workspace.open(Path(workspace))
    if name == "compact":
        opened.config = opened.config.model_copy(update={"index": Index(compact_rows=0, compact_share=0.0)})
    work = Work(Recommender(opened), opened.folder, run, Path(folder), random.Random(int(seed)))
    work.recommender.recommend("user-0")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for number in itertools.count():
        OPERATIONS[name](work, number)


if __name__ == "__main__":
    main(*sys.argv[1:])
