"""Changes of people: users and the relations between them."""

from collections.abc import Iterable

from sqlalchemy import delete, select, tuple_

from plait.records import Relation, User
from plait.store import schema
from plait.store.chunks import chunks
from plait.store.numbering import Numbering
from plait.store.rows import user_row


class PeopleChanges(Numbering):
    """What may happen to users and relations in a writing transaction."""

    def upsert_users(self, users: Iterable[User]) -> int:
        """Add users, or replace those there; return how many changed. Of users with one id the last stands."""
        changed = 0
        for chunk in chunks(users):
            rows = {user.user_id: user_row(user) for user in chunk}
            old = self._found(schema.users, "user_id", list(rows))
            new = [row for name, row in rows.items() if name not in old or old[name]["attributes"] != row["attributes"]]
            self._replace(schema.users, "user_id", self._numbered(new))
            changed += len(new)
        return changed

    def upsert_relations(self, relations: Iterable[Relation]) -> int:
        """Add relations, or replace their weights; return how many changed. Of equal pairs the last stands."""
        table, changed = schema.relations, 0
        pair = tuple_(table.c.user_id, table.c.other_id)
        for chunk in chunks(relations):
            weights = {(relation.user_id, relation.other_id): relation.weight for relation in chunk}
            wanted = select(table.c.user_id, table.c.other_id, table.c.weight).where(pair.in_(list(weights)))
            old = {(user_id, other_id): weight for user_id, other_id, weight in self._connection.execute(wanted)}
            new = {ids: weight for ids, weight in weights.items() if old.get(ids) != weight}
            self._connection.execute(delete(table).where(pair.in_(list(new))))
            rows = [{"user_id": ids[0], "other_id": ids[1], "weight": weight} for ids, weight in new.items()]
            self._insert(table, self._numbered(rows))
            changed += len(new)
        return changed
