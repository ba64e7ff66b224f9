"""What an event says about a user's taste, as a number."""

from collections.abc import Mapping

from plait.config import Events

BUILT_IN: Mapping[str, float] = {
    "impression": 0.0,
    "view": 0.2,
    "click": 0.4,
    "like": 1.0,
    "save": 0.8,
    "cart": 0.9,
    "purchase": 1.2,
    "share": 1.0,
    "skip": -0.3,
    "dislike": -1.0,
    "hide": -1.0,
    "search": 0.0,
    "rating": 0.0,
}
"""A rating is weighed by its value; an impression and a search say nothing by themselves."""

MOST_OF_A_RATING = 10.0
"""No rating says more, for or against: one off the scale must not drown all others. Of ten stars none comes near."""
DWELL_SECONDS = 30.0
"""A view of this length says twice as much as one without a length; none says more than three times."""


def event_types(config: Events) -> set[str]:
    """Return every event type a log may name."""
    return set(BUILT_IN) | set(config.weights)


def event_weight(event: str, value: float | None, config: Events) -> float:
    """Return the weight of one event: above 0 for the item, below 0 against it, 0 for nothing said."""
    if event == "rating" and event not in config.weights:
        said = 0.0 if value is None else (value - config.rating_neutral) * config.rating_scale
        return min(max(said, -MOST_OF_A_RATING), MOST_OF_A_RATING)
    weight = config.weights.get(event, BUILT_IN.get(event, 0.0))
    if event == "view" and value is not None:
        return weight * min(3.0, 1.0 + max(value, 0.0) / DWELL_SECONDS)
    return weight


def is_positive(event: str, value: float | None, config: Events) -> bool:
    """Return whether an event counts as liking when recommendations are judged."""
    if event == "rating" and event not in config.weights:
        return value is not None and value >= config.rating_positive
    return event_weight(event, value, config) > 0
