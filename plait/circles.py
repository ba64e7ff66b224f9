"""Circles of users: their friends and friends of friends as the store has them now, by the rows of the models."""

from collections.abc import Sequence

import numpy as np

from index import IdMap
from plait.records import Relation
from plait.store.people_reads import PeopleReads
from plait.user_features import friends_of, relations_of
from ranker.circles import MOST_BEYOND, Relations
from ranker.friends import Friends


def circles_of(
    store: PeopleReads, learnt: Friends, user_ids: IdMap, asked: Sequence[str], friends: Sequence[Sequence[Relation]]
) -> Relations:
    """Return who speaks for the users `asked`, each with the relations they have: their places to rows of `user_ids`.

    Friends of friends are read only where they count; friends without a row are passed over, and so are theirs.
    """
    near = friends_of(friends, user_ids)
    own = user_ids.rows(list(asked))
    beyond = near.take(np.empty(0, dtype=np.int64))
    if learnt.damping > 0 and len(near.users):
        known = user_ids.ids(np.unique(near.others))
        beyond = relations_of(store.relations_of(known, MOST_BEYOND), user_ids)
    return learnt.circle(near, beyond, own)
