"""User features: attributes and relations of users as the ranker takes them, typed and scaled as items' are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from embedders.items import AttributeValue, Item
from index import IdMap
from plait.attributes import AttributeType
from plait.features import AttributeFeatures, fit_features
from plait.item_table import OWN_COLUMNS, ItemTable
from plait.records import Relation
from plait.store.people_reads import PeopleReads
from ranker.circles import MOST_FRIENDS, Relations
from ranker.interactions import Floats

BANDS = 8
"""Bands of equal numbers of users that a number is parted into beside itself: what is liked at 20 and at 50 need not
lie on a line."""
NUMERIC = (AttributeType.NUMBER, AttributeType.DATE)
NOTHING = AttributeFeatures((), (), ())


@dataclass(frozen=True, slots=True)
class UserFeatures:
    """How attributes of users of `types` become numbers: as `attributes` do, and in bands between `edges` by column."""

    attributes: AttributeFeatures = NOTHING
    types: Mapping[str, AttributeType] = field(default_factory=dict)
    edges: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """The number of features."""
        return self.attributes.count + sum(len(edges) + 1 for edges in self.edges.values())

    def transform(self, known: Sequence[Mapping[str, AttributeValue]]) -> Floats:
        """Return (m, features) of users of whom attributes are `known`; zeros for whom none of these columns is.

        A value that is none of its column's type is taken for missing.
        """
        read = [self._readable(values) for values in known]
        table = _table(read, self.types)
        parts = [self.attributes.transform(table)]
        for name in sorted(self.edges):
            numbers = table.columns[name].numbers
            bands = np.zeros((len(read), len(self.edges[name]) + 1), dtype=np.float32)
            there = np.flatnonzero(~np.isnan(numbers))
            bands[there, np.digitize(numbers[there], self.edges[name])] = 1.0
            parts.append(bands)
        matrix = np.concatenate(parts, axis=1)
        matrix[[not values for values in read]] = 0.0
        return np.asarray(matrix, dtype=np.float32)

    def to_json(self) -> list[object]:
        """Return the features as JSON that `from_json` reads."""
        return [self.attributes.to_json(), dict(self.types), {name: list(edges) for name, edges in self.edges.items()}]

    @classmethod
    def from_json(cls, said: Sequence[object]) -> "UserFeatures":
        """Return what `to_json` was given. Raises ValueError for anything else."""
        match said:
            case [str(attributes), dict(types), dict(edges)]:
                return cls(
                    AttributeFeatures.from_json(attributes),
                    {str(name): AttributeType(kind) for name, kind in types.items()},
                    {str(name): tuple(float(edge) for edge in values) for name, values in edges.items()},
                )
        raise ValueError(f"{said!r:.60} are no user features; expected what to_json returned")

    def _readable(self, values: Mapping[str, AttributeValue]) -> dict[str, AttributeValue]:
        return {
            name: value
            for name, value in values.items()
            if name in self.types and isinstance(value, float) == (self.types[name] in NUMERIC)
        }


def fit_user_features(known: Sequence[Mapping[str, AttributeValue]]) -> UserFeatures:
    """Learn which values users' attributes have; columns are typed by the values they hold.

    A column of which nobody has a value, or with one value for all, is of no use and left out, and so is one with the
    name of a column that every table of items has.
    """
    types = _types(known)
    if not types:
        return UserFeatures()
    table = _table([{name: values[name] for name in types if name in values} for values in known], types)
    edges = {}
    for name in (name for name, kind in types.items() if kind in NUMERIC):
        numbers = table.columns[name].numbers
        there = numbers[~np.isnan(numbers)]
        edges[name] = tuple(np.unique(np.quantile(there, np.arange(1, BANDS) / BANDS)).tolist())
    learnt = fit_features(table)
    return UserFeatures(
        AttributeFeatures(
            tuple(number for number in learnt.numbers if number[0] in types),
            tuple(value for value in learnt.values if value[0] in types),
            tuple(name for name in learnt.columns if name in types),
            tuple(name for name in learnt.lists if name in types),
        ),
        types,
        edges,
    )


@dataclass(frozen=True, slots=True)
class UserTable:
    """What is known of the users of one map of ids: `features` say what the columns of `matrix` (users, f) are."""

    features: UserFeatures
    matrix: Floats
    relations: Relations


@dataclass(frozen=True, slots=True)
class KnownUsers:
    """What is known of users without any event: `attributes` by user id, and how users are related."""

    attributes: Mapping[str, Mapping[str, AttributeValue]] = field(default_factory=dict)
    relations: Sequence[Relation] = ()

    @classmethod
    def of_all(cls, store: PeopleReads) -> "KnownUsers":
        """Return what the store knows."""
        return cls({user.user_id: user.attributes for user in store.users()}, store.relations())

    @classmethod
    def of_some(cls, store: PeopleReads, user_ids: Sequence[str]) -> "KnownUsers":
        """Return what the store knows of some users and of the MOST_FRIENDS they are related to most."""
        found = store.users_by_id(user_ids)
        return cls(
            {user_id: user.attributes for user_id, user in found.items()}, store.relations_of(user_ids, MOST_FRIENDS)
        )

    @property
    def user_ids(self) -> list[str]:
        """Everybody of whom something is known, or to whom somebody is related, sorted."""
        related = {name for each in self.relations for name in (each.user_id, each.other_id)}
        return sorted(set(self.attributes) | related)

    def of(self, user_id: str) -> Mapping[str, AttributeValue]:
        """Return the attributes of a user, none for an unknown one."""
        return self.attributes.get(user_id, {})

    @property
    def friends(self) -> dict[str, list[Relation]]:
        """The relations of each user who has any."""
        found: dict[str, list[Relation]] = {}
        for each in self.relations:
            found.setdefault(each.user_id, []).append(each)
        return found

    def table(self, user_ids: IdMap) -> UserTable:
        """Return the same by the rows of `user_ids`; of whom nothing is known has a row of zeros.

        Relations to somebody of whom there is no row, to oneself, and those whose weight is not above 0 are passed
        over.
        """
        known = [self.of(user_id) for user_id in user_ids]
        features = fit_user_features(known)
        return UserTable(features, features.transform(known), relations_of(self.relations, user_ids))

    def renamed(self, names: Mapping[str, str]) -> "KnownUsers":
        """Return the same of users under other `names`; who has none there keeps the old one."""
        relations = [
            Relation(names.get(each.user_id, each.user_id), names.get(each.other_id, each.other_id), each.weight)
            for each in self.relations
        ]
        return KnownUsers({names.get(name, name): values for name, values in self.attributes.items()}, relations)


def relations_of(relations: Sequence[Relation], user_ids: IdMap) -> Relations:
    """Return relations by the rows of `user_ids`, without those that tell nothing."""
    users = user_ids.rows([relation.user_id for relation in relations])
    others = user_ids.rows([relation.other_id for relation in relations])
    weights = np.asarray([relation.weight for relation in relations], dtype=np.float32)
    return Relations(users, others, weights).checked()


def friends_of(asked: Sequence[Sequence[Relation]], user_ids: IdMap) -> Relations:
    """Return the relations of m users who are asked for, each with those they have: their places to rows of `user_ids`.

    Who is asked for need not have a row. A relation to oneself or to somebody without a row is passed over.
    """
    edges = [(place, each) for place, mine in enumerate(asked) for each in mine if each.user_id != each.other_id]
    others = user_ids.rows([each.other_id for _, each in edges])
    weights = np.asarray([each.weight for _, each in edges], dtype=np.float32)
    # Places and rows are numbers of two kinds, of which equal ones are not the same person.
    kept = (others >= 0) & (weights > 0)
    places = np.asarray([place for place, _ in edges], dtype=np.int64)
    return Relations(places[kept], others[kept], weights[kept])


def _types(known: Sequence[Mapping[str, AttributeValue]]) -> dict[str, AttributeType]:
    """Return the type of each column that tells users apart."""
    values: dict[str, set[AttributeValue | None]] = {}
    present: dict[str, int] = {}
    for row in known:
        for name, value in row.items():
            values.setdefault(name, set()).add(value)
            present[name] = present.get(name, 0) + 1
    types = {}
    for name in sorted(set(values) - set(OWN_COLUMNS)):
        if len(values[name]) == 1 and present[name] == len(known):
            continue
        if all(isinstance(value, float) for value in values[name]):
            types[name] = AttributeType.NUMBER
        elif any(isinstance(value, tuple) for value in values[name]):
            types[name] = AttributeType.SEVERAL
        else:
            types[name] = AttributeType.CATEGORY
    return types


def _table(known: Sequence[Mapping[str, AttributeValue]], types: Mapping[str, AttributeType]) -> ItemTable:
    # Attributes of users are read by what reads items' attributes: a row is an item without content.
    return ItemTable([Item("", attributes=values) for values in known], types)
