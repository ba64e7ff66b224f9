"""Measure what a scenario does to Plait's lists, beside the defaults.

Both learn from the same log, each with its own event weights, and are asked for the same: each user's last event that
says much (a liking of at least SAYS_MUCH by the default weights, or a good rating), by last-liked. Prints NDCG@10 and
intra-list diversity of the defaults, of the scenario's weights alone, and of the scenario with the diversity it names,
each with its paired difference to the defaults and 95 % intervals over users.
"""

import argparse
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from plait.config import Config
from plait.evaluation.bootstrap import intervals
from plait.evaluation.known import Known
from plait.evaluation.list_curves import PLAIN, observe_curve
from plait.evaluation.measure import rank, scorer
from plait.evaluation.observations import Observations, Values
from plait.evaluation.peers.registry import make_peer
from plait.evaluation.protocols import splitter
from plait.flows.arrange import POOL
from plait.flows.judging import log_of
from plait.history import Log
from plait.live import Live
from plait.scenarios import SCENARIOS, with_scenario
from plait.workspace import Workspace

PROTOCOL = "last-liked"
CUT = 10
SAYS_MUCH = 0.7
Points = Mapping[str, Observations]


def asked_for(log: Log) -> Log:
    """Return the log in which liked is only what says much by the default weights."""
    return replace(log, positive=log.positive & ((log.weights >= SAYS_MUCH) | ~np.isnan(log.ratings)))


def points_of(workspace: Workspace, config: Config, asked: Log, model: str, salt: int) -> Points:
    """Return what is observed of lists of a model that learns by `config`, asked for what `asked` likes."""
    workspace.config = config
    log, materials = log_of(Live(workspace), PROTOCOL)
    split = splitter(PROTOCOL)(replace(log, positive=asked.positive), salt)[0]
    fitted = make_peer(model, materials).fit(split.without_targets(), {}, seed=salt)
    outcome = rank(scorer(fitted, split), split, depth=POOL)
    facts = Known(materials.items.vectors, materials.categories).facts(split)
    return observe_curve(outcome, split, facts, CUT)


def compared(ours: Values, theirs: Values) -> str:
    """Return the means of a list's measures and their paired differences to the defaults."""
    told = intervals(ours)
    less = intervals({name: ours[name] - theirs[name] for name in ours})
    return "  ".join(
        f"{name} {told[name]['mean']:.4f} {found['mean']:+.4f} [{found['low']:+.4f}, {found['high']:+.4f}]"
        for name, found in less.items()
    )


def main(arguments: list[str]) -> None:
    """Print the comparison of some scenarios on a workspace."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--scenarios", default=",".join(SCENARIOS))
    parser.add_argument("--salts", default="20")
    parser.add_argument("--model", default="plait", help="who learns and is arranged, [plait]")
    options = parser.parse_args(arguments)
    workspace = Workspace.open(options.workspace)
    own = workspace.config
    asked, salts = asked_for(log_of(Live(workspace), PROTOCOL)[0]), list(map(int, options.salts.split(",")))
    plain = {salt: points_of(workspace, own, asked, options.model, salt)[PLAIN] for salt in salts}
    for name in options.scenarios.split(","):
        config = Config.model_validate({**with_scenario({"scenario": name}), "encoders": own.encoders})
        wanted = f"{config.recommend.diversity_method} {config.recommend.diversity}"
        lists: dict[str, list[Observations]] = {}
        for salt in salts:
            theirs = points_of(workspace, config, asked, options.model, salt)
            for title, found in (("defaults", plain[salt]), ("weights", theirs[PLAIN]), (wanted, theirs[wanted])):
                lists.setdefault(title, []).append(found)
        by_user = {title: Observations.joined(parts).by_user() for title, parts in lists.items()}
        for title, values in by_user.items():
            print(f"{name:8} {title:16} {compared(values, by_user['defaults'])}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
