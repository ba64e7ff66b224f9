"""Reads of people: users and the relations between them."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select, union

from plait.records import Relation, User
from plait.store import schema
from plait.store.reads import Reads
from plait.store.rows import stored_user

TABLE = schema.users
STRONGEST = (
    "SELECT other_id, weight FROM relations WHERE user_id = ? AND weight > 0 ORDER BY weight DESC, other_id LIMIT ?"
)


class PeopleReads(Reads):
    """What a store knows of users and relations."""

    def users(self) -> Iterator[User]:
        """Iterate over the users whose attributes are known, in the order of their changes."""
        for row in self._stream(select(TABLE).order_by(TABLE.c.sequence)):
            yield stored_user(row["user_id"], row["attributes"])

    def users_by_id(self, user_ids: Sequence[str]) -> dict[str, User]:
        """Return those of `user_ids` whose attributes are known; quick."""
        rows = self._quick_in("SELECT user_id, attributes FROM users WHERE user_id IN (?)", user_ids)
        return {user_id: stored_user(user_id, text) for user_id, text in rows}

    def user_ids(self) -> list[str]:
        """Return every user with attributes or events, sorted."""
        wanted = union(select(TABLE.c.user_id), select(schema.events.c.user_id).distinct())
        with self._database.reading() as connection:
            return sorted(connection.execute(wanted).scalars())

    def relations(self) -> list[Relation]:
        """Return the social graph in the order of its changes."""
        table = schema.relations
        wanted = select(table.c.user_id, table.c.other_id, table.c.weight).order_by(table.c.sequence)
        return [Relation(**row) for row in self._rows(wanted)]

    def related_to(self, user_id: str) -> set[str]:
        """Return everybody to whom a user has a relation, of whatever weight; quick."""
        return {row[0] for row in self._database.quick("SELECT other_id FROM relations WHERE user_id = ?", (user_id,))}

    def relations_of(self, user_ids: Sequence[str], most: int) -> list[Relation]:
        """Return the relations of weights above 0 that users have to others, the `most` strongest of each; quick.

        Users stand in the order asked, their relations strongest first, equal ones by the other's id.
        """
        return [
            Relation(user_id, *row)
            for user_id in dict.fromkeys(user_ids)
            for row in self._database.quick(STRONGEST, (user_id, most))
        ]

    def relations_with(self, user_id: str) -> list[Relation]:
        """Return the relations that a user has and those that others have to them, ordered by both."""
        table = schema.relations
        wanted = select(table.c.user_id, table.c.other_id, table.c.weight)
        mine = wanted.where((table.c.user_id == user_id) | (table.c.other_id == user_id))
        return [Relation(**row) for row in self._rows(mine.order_by(table.c.user_id, table.c.other_id))]
