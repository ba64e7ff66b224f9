"""Attention: which recent entries a profile is made of, by likeness, strength, place and age."""

from dataclasses import dataclass, field

import numpy as np

from ranker.interactions import Floats, Recent

DAY = 86_400.0


def _no_map() -> Floats:
    return np.zeros((0, 0), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Attention:
    """How liked entries share a user's attention.

    With u the query, v_i and w_i the vector and the event weight of entry i:

        logit_i = sharpness u^T v_i + (Q^T u)^T (K^T v_i) + liking log w_i
                  - fade log(1 + place_i / place_constant) - ageing log(1 + days_i)

    Q and K, `query` and `key`, are (D, r), both (0, 0) where nothing was learnt, so that the form of likeness is the
    identity plus a map of low rank. `place_constant` is that of the ranker where it is None. Disliked entries push
    the profile away with `aversion`. Raises ValueError for maps that do not fit and for settings below 0.
    """

    sharpness: float = 4.0
    liking: float = 1.0
    fade: float = 1.0
    place_constant: float | None = None
    ageing: float = 0.0
    aversion: float = 0.3
    query: Floats = field(default_factory=_no_map)
    key: Floats = field(default_factory=_no_map)

    def __post_init__(self) -> None:
        if self.query.shape != self.key.shape or self.query.ndim != 2:
            raise ValueError(f"query and key have shapes {self.query.shape}, {self.key.shape}; expected (D, r) twice")
        for name in ("liking", "fade", "ageing", "aversion"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} is {getattr(self, name)}; expected at least 0")

    def fading(self, recent: Recent, time_constant: float) -> Floats:
        """Return (m, width) how much each entry still counts by place (0 the newest) and age; 0 for no entry."""
        places = np.arange(recent.items.shape[1], dtype=np.float32)
        constant = time_constant if self.place_constant is None else self.place_constant
        by_place = (1.0 + places / constant) ** -self.fade
        kept = by_place[None, :] * recent.used
        if self.ageing:
            kept = kept * (1.0 + recent.ages / DAY) ** -self.ageing
        return np.asarray(kept, dtype=np.float32)

    def likeness(self, query: Floats, vectors: Floats) -> Floats:
        """Return (m, width) what likeness of the query (m, D) and the entries (m, width, D) adds to the logits.

        Raises ValueError for vectors of another length than the maps were learnt for.
        """
        asked = self.sharpness * query
        if self.query.size:
            if len(self.query) != query.shape[1]:
                raise ValueError(f"vectors have length {query.shape[1]}; the maps were learnt for {len(self.query)}")
            asked = asked + (query @ self.query) @ self.key.T
        return np.asarray(np.matmul(vectors, asked[:, :, None])[:, :, 0], dtype=np.float32)


DESIGN = Attention()
"""The softmax form, nothing learnt: sharpened because unit vectors of one catalogue differ by a few tenths only."""
PLAIN = Attention(sharpness=0.0, aversion=0.0)
"""No attention at all: the mean, newer and stronger entries first."""
