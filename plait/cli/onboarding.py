"""The command that asks: onboard."""

from plait.cli import options
from plait.cli.printing import print_rankings


def onboard(
    workspace: options.Workspace,
    limit: options.Limit = 5,
    offset: options.Offset = 0,
    candidates: options.Candidates = None,
    where: options.Where = "",
    as_json: options.Json = False,
    output: options.Output = None,
    seed: options.Seed = 0,
) -> None:
    """Choose the few items to ask a new user about that tell most of their taste."""
    from plait.catalog import read_ids
    from plait.recommender import Recommender

    chosen = None if candidates is None else read_ids(candidates)
    ranking = Recommender.open(workspace).onboard(limit=limit, offset=offset, where=where, candidates=chosen)
    print_rankings([ranking], as_json=as_json, output=output, key="query_id", single=True)


COMMANDS = {"onboard": onboard}
