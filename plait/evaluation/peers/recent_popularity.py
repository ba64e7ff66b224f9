"""Recent popularity: what most users met lately, as seen at the moment of the answer."""

from dataclasses import dataclass

import numpy as np

from plait.evaluation.peers.peer import Settings
from plait.evaluation.peers.tuning import best_of, grid
from plait.evaluation.splits import Split
from ranker.interactions import Floats, Histories, Interactions

DAY = 86_400.0
SETTINGS = grid(days=(1.0, 2.0, 4.0, 7.0, 14.0, 21.0, 30.0, 45.0, 60.0, 90.0, 180.0, 365.0))


@dataclass(frozen=True, slots=True)
class FittedRecentPopularity:
    """Every event learnt from, in the order of time, and how many `days` take an event down to 1/e."""

    events: Interactions
    days: float

    def scores(self, histories: Histories) -> Floats:
        """Return (m, items) the sum over events not after a user's moment of exp(-age / days).

        A user without a history has no moment of their own; that of the last event learnt from stands for it.
        """
        times, count = self.events.times, self.events.item_count
        end = times[-1] if len(times) else 0.0
        moments = np.where(histories.lengths > 0, histories.now, end)
        known = np.searchsorted(times, moments, side="right")
        scores, standing, behind, clock = np.zeros((len(histories), count)), np.zeros(count), 0, 0.0
        for user in np.argsort(moments, kind="stable").tolist():
            passing = slice(behind, int(known[user]))
            faded = np.exp((times[passing] - moments[user]) / (self.days * DAY))
            standing = standing * np.exp((clock - moments[user]) / (self.days * DAY))
            standing += np.bincount(self.events.items[passing], faded, minlength=count)
            scores[user] = standing
            behind, clock = int(known[user]), moments[user]
        return scores.astype(np.float32)


class RecentPopularity:
    """Ranks by the number of events, older ones fading exponentially."""

    name = "recent-popularity"

    def choose(self, validation: Split, *, seed: int) -> Settings:
        """Choose how fast events fade."""
        return best_of(self, SETTINGS, validation, seed=seed)

    def fit(self, split: Split, settings: Settings, *, seed: int) -> FittedRecentPopularity:
        """Keep the events; what counts of them depends on the moment."""
        return FittedRecentPopularity(split.train, settings["days"])
