"""Commands that answer: search, similar, recommend, cold-start, score, profile."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from plait.cli import contexts, options
from plait.cli.printing import note, print_json, print_rankings, print_table, say
from plait.errors import WrongCall
from plait.kind import Kind
from plait.selection import Selection
from plait.sentences.templates import Language

if TYPE_CHECKING:
    from embedders.device import Device as DeviceName
    from plait.recommender import Recommender


def _open(workspace: Path, device: "DeviceName" = "auto", allow_download: bool = False) -> "Recommender":
    from plait.recommender import Recommender

    return Recommender.open(workspace, device=device, allow_download=allow_download)


def _selection(
    limit: int, offset: int, where: str, candidates: Path | None, explain: Language | None = None
) -> Selection:
    from plait.catalog import read_ids

    return Selection(limit, offset, where, None if candidates is None else read_ids(candidates), explain or "")


def search(
    workspace: options.Workspace,
    text: Annotated[str | None, typer.Argument(help="Words to search for.", show_default=False)] = None,
    image: Annotated[Path | None, typer.Option(help="A picture to search with.", metavar="FILE")] = None,
    audio: Annotated[Path | None, typer.Option(help="A sound to search with.", metavar="FILE")] = None,
    like: Annotated[str | None, typer.Option(help="Items it should be like.", metavar="ID,ID")] = None,
    unlike: Annotated[str | None, typer.Option(help="Items it should not be like.", metavar="ID,ID")] = None,
    user: Annotated[
        str | None, typer.Option(help="Who searches: their taste counts as well.", metavar="ID", show_default=False)
    ] = None,
    queries: Annotated[
        Path | None,
        typer.Option(help="Many queries: a table with query_id and text, image, audio.", metavar="FILE"),
    ] = None,
    weights: Annotated[
        str | None, typer.Option(help="Weights of strands and words, such as text=1,image=.5,lexical=1.")
    ] = None,
    limit: options.Limit = 10,
    offset: options.Offset = 0,
    candidates: options.Candidates = None,
    where: options.Where = "",
    explain: options.Explain = None,
    as_json: options.Json = False,
    output: options.Output = None,
    seed: options.Seed = 0,
    device: options.RunsOn = options.Device.AUTO,
    allow_download: options.AllowDownload = False,
) -> None:
    """Find items by words, a picture, a sound, examples, or all of them."""
    from plait.asked_ids import asked_id
    from plait.catalog import read_queries
    from plait.flows.search import Query

    selection = _selection(limit, offset, where, candidates, explain)
    examples = (options.parse_ids(like, "--like"), options.parse_ids(unlike, "--unlike"))
    if (queries is None) == (text is None and image is None and audio is None and not any(examples)):
        raise WrongCall("search takes either TEXT, --image, --audio, --like, --unlike or --queries FILE")
    who = "" if user is None else asked_id(user, "user")
    media = options.parse_file(image, "--image"), options.parse_file(audio, "--audio")
    recommender = _open(workspace, device.value, allow_download)
    asked = (
        [Query("", text or "", *media, *examples, who)]
        if queries is None
        else [Query(row.query_id, row.text, row.image, row.audio, user_id=who) for row in read_queries(queries)]
    )
    rankings = recommender.search_queries(asked, selection, weights=options.parse_weights(weights, also=("lexical",)))
    print_rankings(rankings, as_json=as_json, output=output, key="query_id", single=queries is None)


def similar(
    workspace: options.Workspace,
    item_id: Annotated[str, typer.Argument(help="The item to find others like.", show_default=False)],
    kind: Annotated[Kind, typer.Option(help="Like it by content, or what goes with it.")] = Kind.CONTENT,
    weights: Annotated[str | None, typer.Option(help="Strand weights, such as text=1,image=.5.")] = None,
    limit: options.Limit = 10,
    offset: options.Offset = 0,
    candidates: options.Candidates = None,
    where: options.Where = "",
    explain: options.Explain = None,
    as_json: options.Json = False,
    output: options.Output = None,
    seed: options.Seed = 0,
) -> None:
    """Find items whose content is like an item's, or what people bought together with it or liked next."""
    selection = _selection(limit, offset, where, candidates, explain)
    strands = options.parse_weights(weights)
    ranking = _open(workspace).similar_items([item_id], selection, kind=kind, weights=strands)
    print_rankings(ranking, as_json=as_json, output=output, key="query_id", single=True)


def recommend(
    workspace: options.Workspace,
    user: Annotated[str | None, typer.Option(help="The user to recommend to.", metavar="ID")] = None,
    user_ids: Annotated[Path | None, typer.Option(help="Many users, one id a line or a table.", metavar="FILE")] = None,
    all_users: Annotated[bool, typer.Option("--all-users", help="Every user the store knows.")] = False,
    history: Annotated[str | None, typer.Option(help="Items somebody liked, oldest first.", metavar="ID,ID")] = None,
    describe: Annotated[str | None, typer.Option(help="Words for what somebody likes.", metavar="TEXT")] = None,
    group: contexts.Group = None,
    strategy: contexts.HowTogether = None,
    session: contexts.Session = None,
    basket: contexts.Basket = None,
    rank_by: contexts.RankBy = None,
    include_seen: Annotated[bool, typer.Option("--include-seen", help="Keep items the user has seen.")] = False,
    diversity: Annotated[
        float | None, typer.Option(help="How much the items are to differ, 0 to 1.", metavar="D", show_default=False)
    ] = None,
    max_per: Annotated[
        list[str] | None, typer.Option(help="At most N items a value; repeat it.", metavar="ATTRIBUTE=N")
    ] = None,
    group_by: Annotated[str | None, typer.Option(help="One item a value.", metavar="ATTRIBUTE")] = None,
    log_exposure: Annotated[
        bool,
        typer.Option("--log-exposure", help="Write down what is shown; new items are explored as plait.toml says."),
    ] = False,
    exclude: Annotated[str | None, typer.Option(help="Items to leave out.", metavar="ID,ID")] = None,
    pin: Annotated[
        list[str] | None, typer.Option(help="An item at an exact place; repeat it.", metavar="ID=PLACE")
    ] = None,
    at: Annotated[
        str | None, typer.Option(help="The moment the list is for [now].", metavar="TIME", show_default=False)
    ] = None,
    limit: options.Limit = 10,
    offset: options.Offset = 0,
    candidates: options.Candidates = None,
    where: options.Where = "",
    explain: options.Explain = None,
    as_json: options.Json = False,
    output: options.Output = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed of what is explored, anew each time where absent.", metavar="N")
    ] = None,
    device: options.RunsOn = options.Device.AUTO,
    allow_download: options.AllowDownload = False,
) -> None:
    """Recommend items to users, to a group, a session, a basket, a history, or a description of somebody's taste."""
    from plait.catalog import read_ids
    from plait.exposing import Exposing
    from plait.list_rules import ListRules, pins_of

    selection = _selection(limit, offset, where, candidates, explain)
    rules = ListRules(
        diversity, options.parse_max_per(max_per or ()), group_by, options.parse_ids(exclude, "--exclude"),
        pins_of(options.parse_counts(pin or (), "--pin", "ID=PLACE")), at=options.parse_moment(at),
    )  # fmt: skip
    context = contexts.Context(group, strategy, session, basket, rank_by)
    named = [user, user_ids, all_users or None, history, describe, *context.named]
    if sum(one is not None for one in named) != 1:
        raise WrongCall(
            "recommend takes exactly one of --user, --user-ids, --all-users, --history, --describe, --group, "
            "--session, --basket"
        )
    to_users = user is not None or user_ids is not None or all_users
    if log_exposure and (rank_by is not None or not to_users):
        raise WrongCall("--log-exposure: expected a user to whom it is shown, --user, --user-ids or --all-users")
    recommender = _open(workspace, device.value, allow_download)
    if rank_by is not None or any(one is not None for one in context.named):
        contexts.answer(
            recommender, context, user, selection, rules, include_seen=include_seen, as_json=as_json, output=output
        )
        return
    if history is not None:
        rankings = [recommender.recommend_history(history.split(","), selection, rules, include_seen=include_seen)]
    elif describe is not None:
        rankings = [recommender.recommend_description(describe, selection, rules)]
    else:
        asked = [user] if user is not None else read_ids(user_ids, "user_id") if user_ids else recommender.user_ids()
        expose = Exposing(log_exposure, seed=seed)
        rankings = recommender.recommend_users(asked, selection, rules, expose, include_seen=include_seen)
    single = user_ids is None and not all_users
    print_rankings(rankings, as_json=as_json, output=output, key="user_id", single=single)


def cold_start(
    workspace: options.Workspace,
    title: Annotated[str, typer.Option(help="The new item's title.")] = "",
    description: Annotated[str, typer.Option(help="The new item's description.")] = "",
    image: Annotated[Path | None, typer.Option(help="Its picture.", metavar="FILE")] = None,
    audio: Annotated[Path | None, typer.Option(help="Its sound.", metavar="FILE")] = None,
    attribute: Annotated[list[str] | None, typer.Option(help="An attribute; repeat it.", metavar="NAME=VALUE")] = None,
    limit: options.Limit = 10,
    offset: options.Offset = 0,
    candidates: options.Candidates = None,
    where: options.Where = "",
    as_json: options.Json = False,
    seed: options.Seed = 0,
    device: options.RunsOn = options.Device.AUTO,
    allow_download: options.AllowDownload = False,
) -> None:
    """Say what an item that is not in the catalogue is like, and whom it suits."""
    selection = _selection(limit, offset, where, candidates)
    attributes = options.parse_attributes(attribute or ())
    for path, option in ((image, "--image"), (audio, "--audio")):
        options.parse_file(path, option)
    answer = _open(workspace, device.value, allow_download).cold_start(
        title=title, description=description, image=image, audio=audio, attributes=attributes, limit=limit,
        offset=offset, where=where, candidates=selection.candidates,
    )  # fmt: skip
    for text in answer.notes:
        note(text)
    if as_json:
        print_json(answer.to_json())
        return
    print_rankings([answer.similar], as_json=False, output=None, key="query_id", single=True)
    rows = [(place, user.user_id, user.score) for place, user in enumerate(answer.audience, start=1)]
    print_table(("rank", "user_id", "score"), rows, title="Whom it suits")


def score(
    workspace: options.Workspace,
    pairs: Annotated[Path, typer.Option(help="A table of user_id, item_id and maybe rating.", metavar="FILE")],
    as_json: options.Json = False,
    output: options.Output = None,
    seed: options.Seed = 0,
    on_error: options.ErrorPolicy = options.OnError.STOP,
) -> None:
    """Score pairs of users and items; with ratings, say how well ratings are predicted."""
    from plait.flows.score import write_scores

    answer = _open(workspace).score(pairs, on_error=on_error.value)
    for text in answer.notes:
        note(text)
    if output is not None:
        write_scores(output, answer)
    if as_json:
        print_json(answer.to_json())
    else:
        if output is None:
            rows = [(pair.user_id, pair.item_id, pair.score) for pair in answer.pairs]
            print_table(("user_id", "item_id", "score"), rows)
        if answer.rmse is not None:
            say(f"RMSE {answer.rmse:.4f}  MAE {answer.mae:.4f}")


def profile(
    workspace: options.Workspace,
    user: Annotated[str, typer.Argument(help="The user.", show_default=False)],
    limit: options.Limit = 10,
    as_json: options.Json = False,
    seed: options.Seed = 0,
) -> None:
    """Show what a user's taste is made of, and what lies nearest to it."""
    answer = _open(workspace).profile(user, limit=limit)
    for text in answer.notes:
        note(text)
    if as_json:
        print_json(answer.to_json())
        return
    say(f"{user}: {answer.events} events")
    rows = [(event.item_id, event.event, event.attention, event.weight) for event in answer.recent]
    print_table(("item_id", "event", "attention", "weight"), rows, title="Recent events")
    for place, items in enumerate(answer.interests, start=1):
        say(f"interest {place}: {', '.join(items)}")
    if answer.queries:
        asked = [(one.query, one.attention, one.weight) for one in answer.queries]
        print_table(("query", "attention", "weight"), asked, title="Searches")
    print_table(("item_id", "score"), [(item.item_id, item.score) for item in answer.nearest], title="Nearest")


COMMANDS = {
    "search": search,
    "similar": similar,
    "recommend": recommend,
    "cold-start": cold_start,
    "score": score,
    "profile": profile,
}
