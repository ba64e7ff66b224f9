"""HeldOnline: what was learnt online, as one process holds it beside the models it belongs to."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from index import LiveView
from plait import snapshot
from plait.errors import BadData
from plait.model_files import Models
from plait.online_files import Learnt, read_online
from plait.workspace import Workspace
from ranker.interactions import Rows
from ranker.online import moved
from ranker.parts import POPULARITY
from ranker.sides import ItemSide, nothing_online

if TYPE_CHECKING:
    from plait.moment import Moment


def current_online(workspace: Workspace, training: tuple[int, int] | None) -> Learnt | None:
    """Return what was learnt since a `training`, by its number and the change of the store up to which it learnt.

    None where nothing was. What was learnt since another training, be it one of the same number, or is broken, is as
    good as nothing: it is learnt anew.
    """
    try:
        found = snapshot.current(workspace.online_folder)
        if found is None or (found.details.get("model"), found.details.get("trained")) != training:
            return None
        learnt = read_online(found.path)
    except BadData:
        return None
    return learnt if learnt.training == training else None


def with_online(moment: "Moment", trained: Models, name: str, learnt: Learnt | None) -> "Moment":
    """Return a moment that answers with what was `learnt` since its models, `trained`, were; `name` is theirs."""
    if learnt is None:
        models, items = trained, replace(moment.items, online=nothing_online(len(moment.items)))
    else:
        models = replace(trained, ranker=moved(trained.ranker, learnt.by(trained.item_ids)))
        items = online_side(moment.items, moment.index, learnt)
        name = f"{name}, online {learnt.online.steps}"
    return replace(moment, models=models, items=items, name=name, popular=by_popularity(items, models))


def online_side(items: ItemSide, view: LiveView, learnt: Learnt | None) -> ItemSide:
    """Return the items of a view with what was learnt of each, also of those that the models do not know."""
    if learnt is None:
        return items
    online = np.zeros((view.row_count, learnt.online.items.shape[1]), dtype=np.float32)
    rows = view.rows(list(learnt.item_ids))
    online[rows[rows >= 0]] = learnt.online.items[rows >= 0]
    return replace(items, online=online)


def by_popularity(items: ItemSide, models: Models) -> Rows:
    """Return the rows of items, the most popular first: at the time of the training, and by what was learnt since."""
    weight = float(models.ranker.combination.knots[:, POPULARITY].max()) or 1.0
    return np.argsort(-(items.popularity * weight + items.online[:, 0]), kind="stable")
