"""[learning] and [index] of plait.toml: how models follow the stream, and when the index is made anew."""

from pydantic import Field

from plait.section import Section


class Learning(Section):
    """How the models follow the stream between two trainings; `plait tend` does it."""

    online: bool = True
    """Whether they do."""
    every: int = Field(default=256, ge=1)
    """At most so many events are learnt from before it is judged whether they did any good."""
    guard: bool = True
    """Whether what is worse on likings that are held out is taken back."""
    window: int = Field(default=1_000, ge=1)
    """Of the last so many events,"""
    per_user: int = Field(default=100, ge=1)
    """at most so many of one user are learnt from, and"""
    per_item: float = Field(default=0.005, gt=0, le=1)
    """of one item at most this share,"""
    burst: float = Field(default=4.0, ge=1)
    """or so many times its share of the log before."""
    weight_rate: float = Field(default=0.1, ge=0)
    """Adam's rate, of the logarithms of the weights of the parts."""
    bias_rate: float = Field(default=0.05, ge=0)
    """The rate of how popular an item is now."""
    factor_rate: float = Field(default=0.1, ge=0)
    """The rate of items' factors."""


class Index(Section):
    """When the index is published anew, and how its answers are watched; docs/live.md says how."""

    compact_rows: int = Field(default=1_000, ge=0)
    """Compact when more rows than this,"""
    compact_share: float = Field(default=0.2, ge=0, le=1)
    """and more than this share of all rows, were added or died since the snapshot."""
    recall_floor: float = Field(default=0.98, ge=0, le=1)
    """The share of the ten nearest items that a search is to find; an index that finds less is repaired."""
    recall_sample: int = Field(default=100, ge=10, le=10_000)
    """How many queries are asked to measure it."""
