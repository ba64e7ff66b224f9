"""Serving: what the routes of one process share: the recommender, its lanes and batches, and whether it is ready."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeAlias

from fastapi import Depends, Request

from embedders.decoding_process import Bounds
from plait.counts import EventTally
from plait.event_weights import event_types
from plait.exposing import Exposing
from plait.flows.catalogue_map import MapDrawer
from plait.flows.search import Query
from plait.list_rules import ListRules
from plait.ranking import Ranking
from plait.recommender import Recommender
from plait.selection import Selection
from plait.service.batching import Batcher
from plait.service.decoders import Decoders
from plait.service.lanes import Lane
from plait.service.messages import Clean, cleaner
from plait.service.metrics import OTHER, Metrics
from plait.service.quotas import Quotas
from plait.service.rates import Buckets
from plait.service.readiness import Readiness
from plait.service.warming import Warmth
from plait.service.watch import Watch
from plait.service_settings import Service
from plait.tenants import UNBOUNDED, Quota


class Kind(StrEnum):
    """What a lane is for: one that is full holds up no other."""

    ANSWERS = "answers"
    WRITES = "writes"
    SLOW = "slow"
    UPLOADS = "uploads"


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """What searches that are answered together have in common."""

    selection: Selection
    weights: dict[str, float] | None


@dataclass(frozen=True, slots=True)
class RecommendTerms:
    """What recommendations that are made together have in common."""

    selection: Selection
    rules: ListRules
    expose: Exposing
    include_seen: bool


@dataclass(frozen=True, slots=True)
class Serving:
    """What the routes work with."""

    recommender: Recommender
    settings: Service
    lanes: dict[Kind, Lane]
    searches: Batcher[SearchTerms, Query, Ranking]
    media_searches: Batcher[SearchTerms, Query, Ranking]
    """Of pictures and sounds, which take long: nobody else waits for them."""
    recommendations: Batcher[RecommendTerms, str, Ranking]
    warmth: Warmth
    readiness: Readiness
    watch: Watch
    clean: Clean
    collected: Buckets
    """What each address has sent to /v1/collect."""
    decoders: Decoders
    quotas: Quotas
    drawer: MapDrawer

    @property
    def answers(self) -> Lane:
        """The lane of what is answered in milliseconds."""
        return self.lanes[Kind.ANSWERS]

    @property
    def writes(self) -> Lane:
        """The lane of events and items."""
        return self.lanes[Kind.WRITES]

    @property
    def slow(self) -> Lane:
        """The lane of what may take minutes."""
        return self.lanes[Kind.SLOW]

    @property
    def uploads(self) -> Lane:
        """The lane of pictures and sounds that are decoded."""
        return self.lanes[Kind.UPLOADS]

    @property
    def media_root(self) -> Path | None:
        """The folder that items' media are named in, None where none may be named."""
        return Path(self.settings.media_root).resolve() if self.settings.media_root else None

    def count(self, rows: Sequence[Mapping[str, Any]], tally: EventTally) -> None:
        """Count events that were sent, and what became of them."""
        known = event_types(self.recommender.workspace.config.events)
        types = Counter(row["event"] if row["event"] in known else OTHER for row in rows)
        outcomes = {"accepted": tally.accepted, "duplicate": tally.duplicates, "refused": tally.rejected}
        self.watch.metrics.received(types, outcomes)

    def close(self) -> None:
        """Let what has begun end."""
        for lane in self.lanes.values():
            lane.close()
        self.watch.close()
        self.warmth.close()
        self.decoders.close()


def serving(recommender: Recommender, settings: Service, *, tenant: str = "", quota: Quota = UNBOUNDED) -> Serving:
    """Return what the routes work with, nothing of it loaded yet."""
    metrics = Metrics(tenant)
    watch = Watch(recommender, metrics)
    lanes = {
        kind: Lane(
            kind.value, threads=settings.decoders if kind is Kind.UPLOADS else settings.threads,
            waiting=settings.waiting, told=metrics.lane(kind.value), heard=metrics.heard,
            seconds=settings.slow_seconds if kind is Kind.SLOW else settings.seconds,
        )
        for kind in Kind
    }  # fmt: skip
    lane, most, wait = lanes[Kind.ANSWERS], settings.batch, settings.batch_wait_ms / 1e3

    def search(terms: SearchTerms, queries: list[Query]) -> Sequence[Ranking]:
        return recommender.search_queries(queries, terms.selection, weights=terms.weights)

    def recommend(terms: RecommendTerms, user_ids: list[str]) -> Sequence[Ranking]:
        found = recommender.recommend_users(
            user_ids, terms.selection, terms.rules, terms.expose, include_seen=terms.include_seen
        )
        watch.clicks.show(found)
        return found

    folders = [(recommender.workspace.folder, "the workspace")]
    if settings.media_root:
        folders.append((Path(settings.media_root), "the media folder"))
    limits = recommender.workspace.media_limits
    limits = replace(limits, max_seconds=min(limits.max_seconds, settings.sound_seconds))
    decoders = Decoders(settings.decoders, Bounds(limits, settings.decode_seconds))
    return Serving(
        recommender, settings, lanes,
        Batcher(lane, search, most=most, wait=wait, counted=partial(metrics.batch, "search")),
        Batcher(lanes[Kind.UPLOADS], search, most=most, wait=wait, counted=partial(metrics.batch, "search")),
        Batcher(lane, recommend, most=most, wait=wait, counted=partial(metrics.batch, "recommend")),
        Warmth(recommender, settings.warm, decoders), Readiness(lambda: recommender.live.refresh().name), watch,
        cleaner(folders), Buckets(), decoders,
        Quotas(quota, recommender.workspace.store, recommender.workspace.folder), MapDrawer(recommender.live),
    )  # fmt: skip


async def _serving_of(request: Request) -> Serving:
    found = request.app.state.serving
    assert isinstance(found, Serving)
    return found


Serves: TypeAlias = Annotated[Serving, Depends(_serving_of)]
