"""The commands that name people: users-like, suggest-friends, audience."""

from typing import Annotated, Any

import typer

from plait.cli import options
from plait.cli.printing import note, print_json, print_table

User = Annotated[str, typer.Argument(help="The user.", show_default=False)]
Limit = Annotated[int, typer.Option("--limit", help="How many users to show.", metavar="N")]


def users_like(
    workspace: options.Workspace,
    user: User,
    limit: Limit = 10,
    offset: options.Offset = 0,
    as_json: options.Json = False,
    seed: options.Seed = 0,
) -> None:
    """Find users whose taste is like a user's."""
    from plait.recommender import Recommender

    answer = Recommender.open(workspace).users_like(user, limit=limit, offset=offset)
    _print(answer.to_json(), "items", as_json, offset)


def suggest_friends(
    workspace: options.Workspace,
    user: User,
    limit: Limit = 10,
    offset: options.Offset = 0,
    as_json: options.Json = False,
    seed: options.Seed = 0,
) -> None:
    """Suggest whom a user might know: common friends and alike taste."""
    from plait.recommender import Recommender

    answer = Recommender.open(workspace).suggest_friends(user, limit=limit, offset=offset)
    _print(answer.to_json(), "items", as_json, offset)


def audience(
    workspace: options.Workspace,
    item_id: Annotated[str, typer.Argument(help="The item.", show_default=False)],
    limit: Limit = 10,
    offset: options.Offset = 0,
    as_json: options.Json = False,
    seed: options.Seed = 0,
) -> None:
    """Find the users whom an item suits best, and who have not met it."""
    from plait.recommender import Recommender

    answer = Recommender.open(workspace).audience(item_id, limit=limit, offset=offset)
    _print(answer.to_json(), "audience", as_json, offset)


def _print(answer: dict[str, Any], people: str, as_json: bool, offset: int) -> None:
    """Print an answer with `people` under that name, each with user_id and score."""
    for text in answer.get("notes", ()):
        note(text)
    if as_json:
        print_json(answer)
        return
    rows = [(rank, one["user_id"], one["score"]) for rank, one in enumerate(answer[people], start=offset + 1)]
    print_table(("rank", "user_id", "score"), rows)


COMMANDS = {"users-like": users_like, "suggest-friends": suggest_friends, "audience": audience}
