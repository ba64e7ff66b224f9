"""What an answer to a slate is worth, as a number: what a policy is judged by, not what a taste is learnt from."""

from plait.config import Events
from plait.event_weights import event_weight


def reward(event: str, value: float | None, config: Events) -> float:
    """Return the reward of one event.

    It is the weight of the event, unless `[events.rewards]` names its type: then that number stands in the place of
    the weight of the type. As with weights a view earns more the longer it was, up to three times the number; a
    rating earns the number times how far it is above neutral, in units of a like, and below neutral it costs.
    """
    if event not in config.rewards:
        return event_weight(event, value, config)
    unit = {name: weight for name, weight in config.weights.items() if name != event}
    if event != "rating":
        unit[event] = config.rewards[event]
        return event_weight(event, value, config.model_copy(update={"weights": unit}))
    return config.rewards[event] * event_weight(event, value, config.model_copy(update={"weights": unit}))
