"""Reads of people: users and the relations between them."""

from collections.abc import Iterator

from sqlalchemy import select, union

from plait.records import Relation, User
from plait.store import schema
from plait.store.reads import Reads
from plait.store.rows import stored_user

TABLE = schema.users


class PeopleReads(Reads):
    """What a store knows of users and relations."""

    def users(self) -> Iterator[User]:
        """Iterate over the users whose attributes are known, in the order of their changes."""
        yield from map(stored_user, self._stream(select(TABLE).order_by(TABLE.c.sequence)))

    def user_ids(self) -> list[str]:
        """Return every user with attributes or events, sorted."""
        wanted = union(select(TABLE.c.user_id), select(schema.events.c.user_id).distinct())
        with self._file.reading() as connection:
            return sorted(connection.execute(wanted).scalars())

    def relations(self) -> list[Relation]:
        """Return the social graph in the order of its changes."""
        table = schema.relations
        wanted = select(table.c.user_id, table.c.other_id, table.c.weight).order_by(table.c.sequence)
        return [Relation(**row) for row in self._rows(wanted)]
