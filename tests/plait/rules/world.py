"""Random states of the toy workspace, and what is known of them without Plait."""

import random
from dataclasses import dataclass, field

from plait.config import Config, Events
from plait.event_weights import event_weight, is_positive
from plait.recommender import Recommender
from plait.rules.settings import Rules
from tests.plait import toy

DAY = 86_400
NOW = toy.START + 100 * DAY
MAKERS = ["oak", "elm", "ash"]
EVENTS = ["view", "click", "like", "purchase", "purchase", "hide", "dislike", "rating"] + 3 * ["impression"]


@dataclass
class World:
    """An open workspace, its living items with their attributes, and every event, in the order of time."""

    recommender: Recommender
    items: dict[str, dict[str, object]]
    events: list[dict[str, object]]
    told: int = field(default=0)

    def rule(self, rules: Rules) -> None:
        """Let the workspace have been opened with these rules in its plait.toml."""
        live = self.recommender._live
        live.workspace.config = Config(rules=rules)
        live.rules.checked = False

    def of(self, user_id: str) -> list[dict[str, object]]:
        return [event for event in self.events if event["user_id"] == user_id]

    def change(self, rng: random.Random) -> None:
        """Restock, and let people do things."""
        rows = [
            {"item_id": item_id, "stock": str(rng.randint(0, 3)), "maker": rng.choice(MAKERS)} for item_id in self.items
        ]
        self.recommender.update_items(rows)
        for row in rows:
            self.items[row["item_id"]] |= {"stock": int(row["stock"]), "maker": row["maker"]}
        fresh: list[dict[str, object]] = []
        for _ in range(15):
            self.told += 1
            event = rng.choice(EVENTS)
            fresh.append(
                {
                    "user_id": f"user-{rng.randint(0, 3)}", "item_id": rng.choice(list(self.items)), "event": event,
                    "timestamp": str(NOW - 40 * DAY + 1_000 * self.told),
                    **({"value": str(rng.randint(1, 5))} if event == "rating" else {}),
                }
            )  # fmt: skip
        self.recommender.record(fresh)
        self.events += fresh


def world_of(recommender: Recommender) -> World:
    items: dict[str, dict[str, object]] = {
        row["item_id"]: {"categories": row["categories"], "created_at": float(row["created_at"])} for row in toy.items()
    }
    return World(recommender, items, [dict(row) for row in toy.interactions()])


def forbidden(world: World, user_id: str, rules: Rules, *, include_seen: bool) -> set[str]:
    """Return what a user must not be shown, by going through their events one by one."""
    out = set(rules.exclude)
    for item_id, attributes in world.items.items():
        mine = [event for event in world.of(user_id) if event["item_id"] == item_id]
        hidden = seen = False
        bought: float | None = None
        for event in mine:
            name, value = str(event["event"]), event.get("value")
            number = None if value is None else float(str(value))
            seen |= name != "impression"
            if name == "hide":
                hidden = True
            elif name not in ("view", "click") and is_positive(name, number, Events()):
                hidden = False
            if name == "purchase":
                bought = float(str(event["timestamp"]))
            elif bought is not None and event_weight(name, number, Events()) < 0:
                bought = float("inf")
        days = rules.consumable.get(str(attributes["categories"]))
        back = bought is not None and days is not None and NOW - bought >= days * DAY
        if (
            hidden
            or (seen and not include_seen and not back)
            or (rules.bought_once and bought is not None and not back)
        ):
            out.add(item_id)
    return out
