"""The commands that name people: users-like, suggest-friends."""

from typing import Annotated

import typer

from plait.cli import options
from plait.cli.printing import note, print_json, print_table


def users_like(
    workspace: options.Workspace,
    user: Annotated[str, typer.Argument(help="The user to find others like.", show_default=False)],
    limit: Annotated[int, typer.Option("--limit", help="How many users to show.", metavar="N")] = 10,
    offset: options.Offset = 0,
    as_json: options.Json = False,
    seed: options.Seed = 0,
) -> None:
    """Find users whose taste is like a user's."""
    from plait.recommender import Recommender

    answer = Recommender.open(workspace).users_like(user, limit=limit, offset=offset)
    for text in answer.notes:
        note(text)
    if as_json:
        print_json(answer.to_json())
        return
    print_table(("rank", "user_id", "score"), [(one.rank, one.user_id, one.score) for one in answer.items])


def suggest_friends(
    workspace: options.Workspace,
    user: Annotated[str, typer.Argument(help="The user to find friends for.", show_default=False)],
    limit: Annotated[int, typer.Option("--limit", help="How many users to show.", metavar="N")] = 10,
    offset: options.Offset = 0,
    as_json: options.Json = False,
    seed: options.Seed = 0,
) -> None:
    """Suggest whom a user might know: common friends and alike taste."""
    from plait.recommender import Recommender

    answer = Recommender.open(workspace).suggest_friends(user, limit=limit, offset=offset)
    for text in answer.notes:
        note(text)
    if as_json:
        print_json(answer.to_json())
        return
    print_table(("rank", "user_id", "score"), [(one.rank, one.user_id, one.score) for one in answer.items])


COMMANDS = {"users-like": users_like, "suggest-friends": suggest_friends}
