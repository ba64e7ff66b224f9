"""Learner: follows the stream of a workspace, and publishes what it has learnt once it is judged to be no worse."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from index import IdMap, LiveView
from plait import snapshot
from plait.errors import BadData
from plait.flows.learning_memory import LearningMemory, is_held
from plait.flows.stream_examples import Told, examples_from, told_by
from plait.held_online import current_online
from plait.learning_caps import LearningCaps
from plait.live import Live
from plait.moment import Moment
from plait.online_files import Learnt, write_online
from plait.store.stream_reads import StreamEvent
from plait.workspace import LEARNER, Fence
from ranker.guard import LEAST, Verdict, judged
from ranker.online import Online, nothing_learnt
from ranker.online_learning import OnlineSettings, calibrated, learn
from ranker.stream import Examples, Others, others_of

REMEMBERED = 2_000
"""A learner that begins reads so many of the last events again, to judge and replay by."""
WAITING = 32
"""So many groups of examples wait at most for likings to judge by; what is older stays unlearnt."""
KEPT = 2
NOTED = 20
"""So many refusals are kept in what is published, the latest."""


@dataclass(frozen=True, slots=True)
class Round:
    """What came of some events: how many were read, learnt from and held out, and how many were too many of one.

    `verdict` compares what was learnt with what there was before, None where nothing was judged; where it is `refused`
    that stays, and with `afresh` not even that: all that was learnt since the training is taken back. `sequence` is
    that of the last event.
    """

    events: int
    learnt: int
    held: int
    capped: Mapping[str, int]
    verdict: Verdict | None
    refused: bool
    afresh: bool
    sequence: int

    @property
    def held_out(self) -> str:
        """What held-out likings say of it, in words."""
        if self.verdict is None:
            return "nothing was judged"
        one = self.verdict
        return (
            f"{one.count} held-out likings, log chance {one.likelihood:+.3f} ± {one.likelihood_error:.3f}, "
            f"NDCG@10 {one.gain:+.4f} ± {one.gain_error:.4f}"
        )

    def to_json(self) -> dict[str, Any]:
        """Return the same as JSON can hold it."""
        return asdict(self)


@dataclass(slots=True)
class Standing:
    """Where a learner stands: beside which training, up to which event, and what it has learnt, by the rows of `index`.

    `base` is what there was before anything was learnt; `pending` are examples that too few likings judge as yet.
    `sequence` is the number under which the last event was recorded first, `number` that of what was published last.
    """

    training: tuple[int, int]
    index: LiveView
    number: int | None
    sequence: int
    base: Online
    online: Online
    memory: LearningMemory
    caps: LearningCaps
    pending: list[Examples]
    refusals: list[dict[str, Any]]


class Learner:
    """Learns round by round. What it remembers follows from the store and from what it has published."""

    def __init__(self, live: Live) -> None:
        """Nothing is read before the first round."""
        self._live = live
        self._stands: Standing | None = None

    def round(self) -> Round | None:
        """Learn from the next events, judge it, publish; None where there are none, or nothing was trained.

        Raises BadData while another process learns.
        """
        workspace = self._live.workspace
        with workspace.store.lease(LEARNER) as lease:
            if lease is None:
                raise BadData(f"{workspace.folder}: another process learns, and publishes what it learns")
            moment = self._live.refresh()
            stands = self._standing(moment)
            if stands is None:
                return None
            events = workspace.store.stream_after(stands.sequence, limit=workspace.config.learning.every)
            if not events:
                return None
            done = self._learn(moment, stands, events)
            # What waits to be judged is read again by whoever goes on from here.
            if not stands.pending:
                self._publish(moment, stands, done, partial(workspace.store.fence, lease))
            return done

    def _standing(self, moment: Moment) -> Standing | None:
        """Return where the learner stands; begun anew beside another model or index, and where another has learnt."""
        training, number = self._live.training, snapshot.number_before(self._live.workspace.online_folder)
        if training is None:
            return None
        stands, index = self._stands, moment.index
        now = training, number
        if stands is None or stands.index.main is not index.main or (stands.training, stands.number) != now:
            stands = self._stands = self._begin(moment, training, number)
        known = stands.index.row_count
        if index.row_count > known:
            # An item whose content has changed has another row, and goes on with what it had learnt in the old one.
            old = stands.index.rows(index.item_ids(np.arange(known, index.row_count)))
            grown = np.concatenate([np.arange(known), old])
            stands.online, stands.base = stands.online.take(grown), stands.base.take(grown)
        stands.index = index
        return stands

    def _begin(self, moment: Moment, training: tuple[int, int], number: int | None) -> Standing:
        """Take up what was published, and read again what judges it and what is replayed."""
        workspace = self._live.workspace
        after = trained = training[1]
        item_ids = moment.index.item_ids(np.arange(moment.index.row_count))
        base = online = nothing_learnt(self._live.trained.ranker, len(item_ids))
        refusals: list[dict[str, Any]] = []
        learnt = current_online(workspace, training)
        if learnt is not None and number is not None:
            found = snapshot.read(workspace.online_folder, number)
            online = learnt.online.take(learnt.item_ids.rows(item_ids))
            after, refusals = found.sequence, list(found.details["refusals"])
        caps = LearningCaps(workspace.config.learning, _shares(moment, item_ids))
        stands = Standing(training, moment.index, number, after, base, online, LearningMemory(), caps, [], refusals)
        # Likings that the model was trained on judge nothing.
        earlier = workspace.store.stream_before(after, after=trained, limit=REMEMBERED)
        groups, held, _ = self._heard(moment, stands, earlier)
        # Nor does what may have been learnt from as another user's: which are held out goes by the user.
        held = [one for one in held if not one.event.moved]
        stands.memory.remember(groups)
        stands.memory.hold(held, examples_from(moment, held, others_at(moment, after)))
        return stands

    def _heard(
        self, moment: Moment, stands: Standing, events: Sequence[StreamEvent]
    ) -> tuple[list[Examples], list[Told], Mapping[str, int]]:
        """Return what is learnt from, what is held out, and how many events were too many of one user or item."""
        capped: Counter[str] = Counter()
        learnt: list[Told] = []
        held: list[Told] = []
        for one in told_by(moment, events):
            too_many = stands.caps.take(one.event.user_id, one.event.interaction.item_id)
            if too_many:
                capped[too_many] += 1
            else:
                (held if is_held(one) else learnt).append(one)
        others = others_at(moment, stands.sequence)
        return examples_from(moment, learnt, others), stands.memory.admitted(held), dict(capped)

    def _learn(self, moment: Moment, stands: Standing, events: Sequence[StreamEvent]) -> Round:
        """Learn from events, and keep what is judged to be no worse.

        Until enough likings are held out to judge by, what is to be learnt waits.
        """
        settings, memory = self._live.workspace.config.learning, stands.memory
        groups, held, capped = self._heard(moment, stands, events)
        stands.pending += groups
        verdict, refused, afresh, count = None, False, False, 0
        if stands.pending and (memory.count >= LEAST or not settings.guard):
            rates = OnlineSettings(settings.weight_rate, settings.bias_rate, settings.factor_rate)
            learnt = learn(stands.online, memory.replayed(stands.pending, seed=stands.sequence), rates)
            verdict = judged(stands.online, learnt, memory.held)
            refused = settings.guard and verdict.worse
            kept = stands.online if refused else learnt
            afresh = settings.guard and judged(stands.base, kept, memory.held).worse
            stands.online = stands.base if afresh else kept
            count = sum(map(len, stands.pending))
            if not refused:
                memory.remember(stands.pending)
            stands.pending = []
        del stands.pending[:-WAITING]
        # What was held out of these judges the next ones, whatever became of these.
        memory.hold(held, examples_from(moment, held, others_at(moment, stands.sequence)))
        stands.online = calibrated(stands.online, memory.held)
        stands.sequence = events[-1].sequence
        return Round(len(events), count, len(held), capped, verdict, refused, afresh, stands.sequence)

    def _publish(self, moment: Moment, stands: Standing, done: Round, fence: Fence) -> None:
        """Make what was learnt the present state, and note what was refused."""
        if done.refused or done.afresh:
            stands.refusals = [*stands.refusals, done.to_json()][-NOTED:]
        item_ids = moment.index.item_ids(np.arange(moment.index.row_count))
        living = np.flatnonzero(moment.index.alive)
        online = replace(stands.online, items=stands.online.items[living])
        learnt = Learnt(stands.training, IdMap([item_ids[row] for row in living.tolist()]), online)

        def write(folder: Path) -> None:
            write_online(folder, learnt)

        workspace = self._live.workspace
        model, trained = stands.training
        details = {
            "model": model, "trained": trained, "steps": online.steps, "last": done.to_json(),
            "refusals": stands.refusals,
        }  # fmt: skip
        stands.number = snapshot.publish(
            workspace.online_folder, write, sequence=stands.sequence, encoders=workspace.fingerprints(),
            details=details, fence=fence, keep=KEPT,
        ).number  # fmt: skip


def others_at(moment: Moment, seed: int) -> Others:
    """Return living items that stand for the catalogue of a moment, those that are drawn by `seed`."""
    popular = moment.popular[moment.index.alive[moment.popular]]
    return others_of(popular, np.random.default_rng(seed))


def _shares(moment: Moment, item_ids: Sequence[str]) -> dict[str, float]:
    """Return the share of each item among the likings of the log, those of late counting for more."""
    liked = np.expm1(moment.items.popularity)
    return dict(zip(item_ids, (liked / max(float(liked.sum()), 1e-9)).tolist(), strict=True))
