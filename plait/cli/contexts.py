"""Options and answers of `recommend` for a group, a session, a basket, and for the values of an attribute."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from plait.cli.printing import note, print_json, print_rankings, print_table
from plait.errors import WrongCall
from plait.list_rules import ListRules, RecommendOptions
from plait.selection import Selection, SelectionOptions

if TYPE_CHECKING:
    from plait.flows.values import RankedValues
    from plait.recommender import Recommender

Group = Annotated[str | None, typer.Option("--group", help="Users to recommend to together.", metavar="ID,ID")]
HowTogether = Annotated[
    str | None,
    typer.Option(
        "--strategy", help="Whose opinion counts in a group: average, least-misery or most-pleasure [average].",
        metavar="NAME",
    ),
]  # fmt: skip
Session = Annotated[str | None, typer.Option("--session", help="A session, whose events alone count.", metavar="ID")]
Basket = Annotated[str | None, typer.Option("--basket", help="Items to find what goes with.", metavar="ID,ID")]
RankBy = Annotated[
    str | None, typer.Option("--rank-by", help="Rank the values of an attribute for --user.", metavar="ATTRIBUTE")
]


@dataclass(frozen=True, slots=True)
class Context:
    """What is asked for beside one user's whole history. Raises WrongCall for a strategy without a group."""

    group: str | None
    strategy: str | None
    session: str | None
    basket: str | None
    rank_by: str | None

    def __post_init__(self) -> None:
        if self.strategy is not None and self.group is None:
            raise WrongCall("--strategy is for --group")

    @property
    def named(self) -> tuple[str | None, ...]:
        """Who is asked for by a group, a session and a basket, None for what is not named."""
        return self.group, self.session, self.basket


def answer(
    recommender: "Recommender", context: Context, user: str | None, selection: Selection, rules: ListRules, *,
    include_seen: bool, as_json: bool, output: Path | None,
) -> None:  # fmt: skip
    """Answer what `context` asks for, and print it. Raises WrongCall for what cannot be asked together."""
    pins = {"pins": {pin.item: pin.place for pin in rules.pins}}
    options = cast(RecommendOptions, _options(selection) | _options(rules) | pins)
    if context.rank_by is not None:
        if user is None:
            raise WrongCall("--rank-by is for --user")
        if rules != ListRules() or output is not None:
            raise WrongCall("--rank-by ranks values: --output, and what makes a list, such as --exclude, are of items")
        chosen = cast(SelectionOptions, _options(selection))
        _print_values(recommender.rank_values(user, context.rank_by, include_seen=include_seen, **chosen), as_json)
        return
    if context.basket is not None and include_seen:
        raise WrongCall("--include-seen: what is in the basket is never shown")
    if context.group is not None:
        strategy = {} if context.strategy is None else {"strategy": context.strategy}
        members = _named(context.group)
        ranking = recommender.recommend_group(members, include_seen=include_seen, **strategy, **options)
    elif context.session is not None:
        ranking = recommender.recommend_session(context.session, include_seen=include_seen, **options)
    else:
        ranking = recommender.recommend_basket(_named(context.basket or ""), **options)
    print_rankings([ranking], as_json=as_json, output=output, key="query_id", single=True)


def _named(text: str) -> list[str]:
    """Return ids joined by commas; a comma too many names nobody."""
    return [part.strip() for part in text.split(",") if part.strip()]


def _options(chosen: Selection | ListRules) -> dict[str, Any]:
    """Return the fields of what was chosen as keyword arguments, which have the same names."""
    return {field.name: getattr(chosen, field.name) for field in fields(chosen)}


def _print_values(ranked: "RankedValues", as_json: bool) -> None:
    for text in ranked.notes:
        note(text)
    if as_json:
        print_json(ranked.to_json())
        return
    rows = []
    for group in ranked.groups:
        value = f"{group.value:.15g}" if isinstance(group.value, float) else group.value
        rows.append((group.rank, value, group.score, ", ".join(item.item_id for item in group.items)))
    print_table(("rank", ranked.attribute, "score", "best items"), rows, title=ranked.user_id)
