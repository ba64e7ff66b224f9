"""The routes, one family a module."""

from plait.service.routes import (
    cold_start,
    collect,
    docs,
    events,
    health,
    items,
    media,
    models,
    recommendations,
    search,
    users,
)  # fmt: skip

ROUTERS = (
    events.router, recommendations.router, search.router, cold_start.router, items.router, media.router, users.router,
    models.router, health.router, docs.router, collect.router,
)  # fmt: skip

__all__ = ["ROUTERS"]
