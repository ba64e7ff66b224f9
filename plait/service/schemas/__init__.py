"""Schemas: what is sent to the service and what it answers; nothing here imports more than pydantic."""

from plait.service.schemas.answers import Problem, Refused, RefusedDetail
from plait.service.schemas.cold_start import ColdStartAnswer, ColdStartRequest
from plait.service.schemas.events import EventIn, EventsAnswer, EventsRequest
from plait.service.schemas.items import (
    ItemAnswer,
    ItemChange,
    ItemIn,
    ItemPage,
    ItemRow,
    ItemsChanged,
    ItemsRequest,
    Media,
)
from plait.service.schemas.models import ModelAnswer, ModelsAnswer, Moved
from plait.service.schemas.rankings import (
    AudienceAnswer,
    Ranked,
    RankingAnswer,
    ReasonAnswer,
    RecommendRequest,
    SuitedAnswer,
)
from plait.service.schemas.search import SearchRequest, Weights
from plait.service.schemas.state import Health, Ready
from plait.service.schemas.users import Erased, Merged, MergeRequest, ProfileAnswer, UserDataAnswer

__all__ = [
    "AudienceAnswer",
    "ColdStartAnswer",
    "ColdStartRequest",
    "Erased",
    "EventIn",
    "EventsAnswer",
    "EventsRequest",
    "Health",
    "ItemAnswer",
    "ItemChange",
    "ItemIn",
    "ItemPage",
    "ItemRow",
    "ItemsChanged",
    "ItemsRequest",
    "Media",
    "MergeRequest",
    "Merged",
    "ModelAnswer",
    "ModelsAnswer",
    "Moved",
    "Problem",
    "ProfileAnswer",
    "Ranked",
    "RankingAnswer",
    "Ready",
    "ReasonAnswer",
    "RecommendRequest",
    "Refused",
    "RefusedDetail",
    "SearchRequest",
    "SuitedAnswer",
    "UserDataAnswer",
    "Weights",
]
