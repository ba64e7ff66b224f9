"""Judging: what a workspace gives an evaluation: its log, its items, the models asked for, rankings of others."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embedders.items import Item
from index import IdMap
from index.vector_index import Mask
from plait.catalog.rankings import read_rankings
from plait.errors import BadData, WrongCall
from plait.evaluation.group_gaps import group_names
from plait.evaluation.impressions import Impressions, with_shown
from plait.evaluation.judged_salts import SplitsOf
from plait.evaluation.known import Known
from plait.evaluation.peers.materials import Materials
from plait.evaluation.peers.peer import Peer
from plait.evaluation.peers.registry import REGISTRY, make_peer
from plait.evaluation.protocols import splitter
from plait.evaluation.published import Published
from plait.evaluation.restriction import restricted
from plait.evaluation.split_files import load_splits
from plait.evaluation.splits import Split
from plait.flows.evaluate_call import SEEDS, Call
from plait.flows.train import flag_users, training_items
from plait.history import Log, read_log
from plait.live import Live
from plait.selection import Selection
from plait.tables import Table
from plait.user_features import KnownUsers


@dataclass(frozen=True, slots=True)
class Asked:
    """The models asked for, and for some of them on how many salts they are judged."""

    names: tuple[str, ...]
    seeds_of: Mapping[str, int]

    def peers(self, materials: Materials) -> list[Peer]:
        """Make the models."""
        return [make_peer(name, materials) for name in self.names]


@dataclass(frozen=True, slots=True)
class Judged:
    """The splits that models are judged on, `seeds` salts of them from `seed` on, and the items of those splits."""

    splits_of: SplitsOf
    seeds: int
    seed: int
    user_ids: IdMap
    materials: Materials
    known: Known


def asked_for(models: Sequence[str]) -> Asked:
    """Return the models of names such as `plait` or `plait:3`, on three salts. Raises WrongCall for unknown ones."""
    found: dict[str, int | None] = {}
    for text in models:
        name, colon, count = text.strip().partition(":")
        if name not in REGISTRY:
            raise WrongCall(f"model {name or 'none'} is not known; expected some of {', '.join(REGISTRY)}")
        if colon and not (count.isdecimal() and int(count) > 0):
            raise WrongCall(f"--models {text}: expected a number of seeds from 1 behind the colon")
        if name in found:
            raise WrongCall(f"--models {','.join(models)}: expected each model once")
        found[name] = int(count) if colon else None
    return Asked(tuple(found), {name: count for name, count in found.items() if count is not None})


def log_of(live: Live, protocol: str) -> tuple[Log, Materials]:
    """Return the log that `train` learns from, and what is known of the items. Raises BadData for no events."""
    items, _, _ = training_items(live)
    tireless = list(flag_users(live.workspace, items.item_ids))
    ids = list(items.item_ids)
    stored = live.workspace.store.items_by_id(ids)
    known = [stored[item_id].item if item_id in stored else Item(item_id) for item_id in ids]
    users = KnownUsers.of_all(live.workspace.store)
    materials = Materials(items, [item.text for item in known], [item.categories for item in known], users)
    log = read_log(live.workspace, items.item_ids, left_out=tireless)
    if not len(log.users):
        raise BadData(f"{live.workspace.folder}: the log is empty; {protocol} needs interactions")
    return log, materials


def known_of(live: Live, user_ids: IdMap, materials: Materials) -> Known:
    """Return what the workspace knows of the items and users of a log, each attribute of users parting them."""
    attributes = {user.user_id: user.attributes for user in live.workspace.store.users()}
    names = sorted({name for values in attributes.values() for name in values})
    groups = {name: group_names([attributes.get(user_id, {}).get(name) for user_id in user_ids]) for name in names}
    strands = {name: np.asarray(rows.any(axis=1)) for name, rows in materials.items.features.strands.items()}
    return Known(materials.items.vectors, materials.categories, groups, strands)


def allowed_of(live: Live, where: str, item_ids: IdMap) -> Mask | None:
    """Return (items,) which items pass an expression, None where all do. Raises WrongCall for a wrong expression."""
    if not where:
        return None
    moment = live.refresh()
    passing = moment.eligible(Selection(where=where))
    rows = item_ids.rows(moment.index.item_ids(np.flatnonzero(moment.index.alive if passing is None else passing)))
    allowed = np.zeros(len(item_ids), dtype=np.bool_)
    allowed[rows[rows >= 0]] = True
    return allowed


def narrowed(splits_of: SplitsOf, allowed: Mask | None) -> SplitsOf:
    """Return how splits are made of which only `allowed` items are ranked."""
    return splits_of if allowed is None else lambda salt: restricted(splits_of(salt), allowed)


def judged_here(live: Live, call: Call) -> Judged:
    """Part the log of a workspace, and say of each split what was shown in its window."""
    log, materials = log_of(live, call.protocol)
    split_by, store = splitter(call.protocol), live.workspace.store
    impressions = Impressions.of(store.event_columns(), log.user_ids, log.item_ids)
    known = known_of(live, log.user_ids, materials)
    allowed = allowed_of(live, call.where, log.item_ids)

    def splits_of(salt: int) -> list[Split]:
        return [with_shown(split, log, impressions) for split in split_by(log, salt)]

    return Judged(narrowed(splits_of, allowed), call.seeds or SEEDS, call.seed or 0, log.user_ids, materials, known)


def judged_again(live: Live, call: Call, folder: Path, asked: Asked) -> Judged:
    """Load splits that were saved.

    Raises WrongCall where they are of another protocol or of fewer salts than are asked for, BadData where they
    cannot be read or name items that the workspace does not have.
    """
    saved = load_splits(folder)
    if saved.protocol != call.protocol:
        raise WrongCall(f"--splits {folder} holds splits of {saved.protocol}; got --protocol {call.protocol}")
    most = max([call.seeds or 1, *asked.seeds_of.values()])
    if most > len(saved.by_salt):
        raise WrongCall(f"--splits {folder} holds {len(saved.by_salt)} salts; {most} seeds were asked for")
    salts = sorted(saved.by_salt)
    learnt = saved.by_salt[salts[0]][0].learnt
    _, materials = log_of(live, call.protocol)
    rows = materials.items.item_ids.rows(list(learnt.item_ids))
    if (rows < 0).any():
        missing = list(learnt.item_ids)[int((rows < 0).argmax())]
        raise BadData(f"--splits {folder}: item {missing!r} is not in the workspace ({(rows < 0).sum()} are missing)")
    by_place = {salts[0] + place: saved.by_salt[salt] for place, salt in enumerate(salts)}
    taken = materials.take(rows, learnt.item_ids)
    known = known_of(live, learnt.user_ids, taken)
    splits_of = narrowed(lambda salt: by_place[salt], allowed_of(live, call.where, learnt.item_ids))
    return Judged(splits_of, call.seeds or len(salts), salts[0], learnt.user_ids, taken, known)


def published_of(rankings: Mapping[str, Table], judged: Judged, taken: Collection[str]) -> list[Published]:
    """Read rankings by the name they are judged under.

    Raises WrongCall for a name that is taken, or that is a model's whether it is judged here or not; BadData.
    """
    for name in rankings:
        if not name or name in REGISTRY or name in taken:
            raise WrongCall(f"--rankings {name}=...: expected a name that no model or ablation has")
    item_ids = judged.materials.items.item_ids
    return [
        Published(name, read_rankings(table, name, user_ids=judged.user_ids, item_ids=item_ids))
        for name, table in rankings.items()
    ]
