"""The demo: Plait at work on a catalogue made by code, whose right answers are known, and on MovieLens-100k."""

import csv
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from plait.cli.printing import print_table, say
from plait.cli.progress import bar
from plait.datasets.families import FAMILIES
from plait.datasets.movielens import fetch_movielens
from plait.datasets.questions import Question, new_item_questions, oracle_answer, questions_of, score_answers
from plait.datasets.studio import StudioPlan, write_studio
from plait.errors import WrongCall
from plait.ranking import Ranking
from plait.recommender import Recommender

T = TypeVar("T")

DATASETS = ("studio", "movies", "both")
SHOWN = 5
USER = "1"
"""The MovieLens user of the demo."""


def run_demo(dataset: str, folder: Path, *, seed: int) -> None:
    """Run the demo in workspaces under `folder`. Raises WrongCall for an unknown dataset."""
    if dataset not in DATASETS:
        raise WrongCall(f"--dataset {dataset}: expected one of {', '.join(DATASETS)}")
    if dataset in ("studio", "both"):
        _studio(folder, seed)
    if dataset in ("movies", "both"):
        _movies(folder, seed)
    name = "studio" if dataset == "studio" else "movies"
    example = '"a sound like rain"' if name == "studio" else '"a robot from the future"'
    say("\nNow try:")
    say(f"  .venv/bin/plait search {folder / name} {example}")
    say(f"  .venv/bin/plait recommend {folder / name} --user {'u001' if name == 'studio' else USER}")
    say("  .venv/bin/plait build my-shop --items items.csv --interactions log.csv")
    say(f"  .venv/bin/plait serve {folder / name}    # its page is at http://127.0.0.1:8000")


def served_workspace(dataset: str, folder: Path) -> Path:
    """Return the workspace whose page is shown after a demo: studio's, where it is made."""
    return folder / ("movies" if dataset == "movies" else "studio")


def _heading(text: str) -> None:
    say(f"\n== {text}")


def _timed(text: str, work: Callable[[], T]) -> T:
    began = time.monotonic()
    result = work()
    say(f"{text}: {time.monotonic() - began:.0f} s")
    return result


def _show(title: str, ranking: Ranking, note: Callable[[str], str]) -> None:
    rows = [(i.rank, i.item_id, i.title or "(no words)", i.score, note(i.item_id)) for i in ranking.items]
    print_table(("rank", "item_id", "title", "score", ""), rows, title=title)


def _studio(folder: Path, seed: int) -> None:
    files, workspace = folder / "studio-files", folder / "studio"
    _heading("studio: a catalogue painted, sounded and written from a seed")
    plan = _timed("360 items and 500 listeners made", lambda: write_studio(files, seed=seed))
    with bar("encoding") as progress:
        recommender = _timed(
            "read, encoded, indexed",
            lambda: Recommender.build(
                workspace, items=files / "items.csv", interactions=files / "interactions.csv",
                users=files / "users.csv", relations=files / "relations.csv", progress=progress, seed=seed,
            ),
        )  # fmt: skip
    _timed("trained", lambda: recommender.train(budget="5m", seed=seed))

    def family(item_id: str) -> str:
        return plan.families.get(item_id, "")

    pictures, sounds = list(plan.picture_only), list(plan.sound_only)
    asked = "waves of the sea on the shore"
    _show(f"{asked!r} -> covers without words", recommender.search(asked, candidates=pictures, limit=SHOWN), family)
    asked = "rainy weather outside"
    _show(f"{asked!r} -> sounds without words", recommender.search(asked, candidates=sounds, limit=SHOWN), family)
    item = next(item for item in plan.families if item not in {*pictures, *sounds})
    _show(f"like {item} ({family(item)})", recommender.similar(item, limit=SHOWN), family)
    new = recommender.cold_start(title="Tidal", description="surf and gulls at low water", limit=SHOWN)
    rows = [(u.user_id, u.score, _favourites(plan, u.user_id)) for u in new.audience if u.user_id in plan.tastes]
    print_table(("user_id", "score", "likes most"), rows, title="A new item about the sea: whom it suits")
    user = sorted(plan.hidden)[0]
    _show(f"for {user}, who likes {_favourites(plan, user)}", recommender.recommend(user, limit=SHOWN), family)
    _score_plan(recommender, plan, files)


def _favourites(plan: StudioPlan, user: str) -> str:
    shares = plan.tastes[user]
    best = sorted(range(len(shares)), key=lambda place: -shares[place])[:2]
    return ", ".join(FAMILIES[place].name for place in best)


def _score_plan(recommender: Recommender, plan: StudioPlan, files: Path) -> None:
    """Print how many planted answers came out, beside the oracle and chance."""
    seen: dict[str, set[str]] = {}
    with (files / "interactions.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            seen.setdefault(row["user_id"], set()).add(row["item_id"])
    by_kind: dict[str, list[Question]] = {}
    for question in [*questions_of(plan), *new_item_questions(plan)]:
        by_kind.setdefault(question.kind, []).append(question)
    rows = []
    for kind, asked in by_kind.items():
        plait = score_answers(asked, [_answer(recommender, question) for question in asked], plan=plan)
        oracle = score_answers(asked, [oracle_answer(question, plan, seen) for question in asked], plan=plan)
        rows.append((kind, plait.found, oracle.found, f"{plait.chance:.0f}", plait.of))
    print_table(("planted answers", "Plait", "oracle", "chance", "of"), rows, title="What was planted, and came out")


def _answer(recommender: Recommender, question: Question) -> list[str]:
    limit, among = question.limit, list(question.among) or None
    if question.kind in ("text to picture", "text to sound"):
        return [i.item_id for i in recommender.search(question.asked, limit=limit, candidates=among).items]
    if question.kind == "new item alike":
        return [i.item_id for i in recommender.cold_start(description=question.asked, limit=limit).similar.items]
    if question.kind == "similar":
        return [i.item_id for i in recommender.similar(question.asked, limit=limit).items]
    if question.kind == "next liked":
        return [i.item_id for i in recommender.recommend(question.asked, limit=limit).items]
    return [u.user_id for u in recommender.cold_start(description=question.asked, limit=limit).audience]


def _movies(folder: Path, seed: int) -> None:
    files, workspace = folder / "movielens", folder / "movies"
    _heading("MovieLens-100k: real ratings")
    say(f"fetched from {fetch_movielens(files)}")
    with bar("encoding") as progress:
        recommender = _timed(
            "read, encoded, indexed",
            lambda: Recommender.build(
                workspace, items=files / "items.csv", interactions=files / "interactions.csv",
                users=files / "users.csv", progress=progress, seed=seed,
            ),
        )  # fmt: skip
    _timed("trained", lambda: recommender.train(budget="5m", seed=seed))
    before = recommender.recommend(USER, limit=SHOWN)
    _show_reasons(recommender, f"for user {USER}", before)
    liked = before.items[0]
    recommender.record([{"user_id": USER, "item_id": liked.item_id, "event": "rating", "value": "5"}])
    after = recommender.recommend(USER, limit=SHOWN)
    _show_reasons(recommender, f"and at once after a 5 for {liked.title}", after)


def _show_reasons(recommender: Recommender, title: str, ranking: Ranking) -> None:
    wanted = [reason.item_id for item in ranking.items for reason in item.because]
    names = recommender.titles(wanted)
    rows = [
        (item.rank, item.title, item.score, ", ".join(names.get(r.item_id, r.item_id) for r in item.because[:2]))
        for item in ranking.items
    ]
    print_table(("rank", "title", "score", "because of"), rows, title=title)
