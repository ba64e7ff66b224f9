"""Sentence: what is told of one item, and its words."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from plait.ranking import RankedItem
from plait.sentences.carrying import carrying
from plait.sentences.templates import BETWEEN_NAMES, TEMPLATES, Language, Told

MUCH = 0.25
"""The share of the attention from which something is named as a reason."""
MOST = 0.5
"""The share of a profile from which searches, and not what was liked, are what it is made of."""
LONGEST = 60
"""Characters of a title or a search that are shown."""
NAMED_FRIENDS = 2

DONE = {
    "like": Told.LIKED,
    "purchase": Told.BOUGHT,
    "save": Told.SAVED,
    "share": Told.SHARED,
    "view": Told.LOOKED_AT,
    "click": Told.LOOKED_AT,
}
"""What is told of an item with an event of the user; of any other event only that they chose it."""
BY_PART = {
    "cf": Told.TASTE,
    "items": Told.TOGETHER,
    "sequence": Told.SEQUENCE,
    "cold": Told.NEW,
    "popularity": Told.POPULAR,
    "boost": Told.FEATURED,
    "lexical": Told.NAMED,
    "user": Told.PERSONAL,
}
"""What is told where a part carries; a part that is not here, nor in `told`, is not spoken of."""
WANTED = {"text": Told.WORDS, "image": Told.PICTURE, "audio": Told.SOUND}
SAME = {"text": Told.SAME_WORDS, "image": Told.SAME_PICTURE, "audio": Told.SAME_SOUND}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside a ranking when its items are told of.

    `usual` are the mean parts of items, see `carrying`. `titles` are those of the items in `because`, `done` what the
    user did to each, an event type: only items they liked. `searched` is what they searched for with the share
    `searched_share` of their profile, `described` whether words alone tell of them; `has_taste` says whether anything
    does. `about` is the title of the item that others are like or go with, "" in a search; `pair_told` what is counted
    by support. `friends` are the names of friends who liked an item, by its id.
    """

    usual: Mapping[str, float] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    done: Mapping[str, str] = field(default_factory=dict)
    searched: str = ""
    searched_share: float = 0.0
    described: bool = False
    has_taste: bool = True
    about: str = ""
    pair_told: Told = Told.NOTHING
    friends: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def sentence(item: RankedItem, known: Known, language: Language) -> str:
    """Return one sentence that says why an item is shown, and nothing that its parts do not."""
    about = told(item, known)
    names = known.friends.get(item.item_id, ())[:NAMED_FRIENDS]
    return TEMPLATES[language][about].format(
        title=shown(_title(item, known, about)),
        query=shown(known.searched),
        count=f"{item.pair.get('support', 0):g}",
        friends=BETWEEN_NAMES[language].join(map(shown, names)),
    )


def told(item: RankedItem, known: Known) -> Told:
    """Return what can be said of an item by the part that carries it.

    What people did is said of a pair alone, as counted: its parts are nothing but these counts.
    """
    if item.pair:
        return known.pair_told
    part = carrying(item.parts, known.usual)
    if part == "content":
        return _of_content(item, known)
    if part == "taste":
        return Told.KNOWN if known.has_taste else Told.START
    if part == "friends":
        return Told.NAMED_FRIENDS if known.friends.get(item.item_id) else Told.FRIENDS
    if part == "user" and not known.has_taste:
        return Told.NOTHING
    if part in WANTED:
        return SAME[part] if known.about else WANTED[part]
    return BY_PART.get(part, Told.NOTHING)


def shown(text: str) -> str:
    """Return a name as it stands between quotes: on one line, not too long, its own double quotes made single."""
    plain = " ".join(text.translate({ord("“"): "‘", ord("”"): "’", ord('"'): "'"}).split())
    return plain if len(plain) <= LONGEST else plain[: LONGEST - 1].rstrip() + "…"


def _of_content(item: RankedItem, known: Known) -> Told:
    """Return whose content an item's is like: what was described, searched for, or liked."""
    if known.described:
        return Told.DESCRIBED
    if known.searched_share >= MOST:
        return Told.SEARCHED if known.searched.strip() else Told.NOTHING
    first = item.because[0] if item.because else None
    if first is None:
        return Told.NOTHING
    if first.item_id not in known.done or first.attention * (1.0 - known.searched_share) < MUCH:
        return Told.ALIKE
    return DONE.get(known.done[first.item_id], Told.CHOSEN)


def _title(item: RankedItem, known: Known, about: Told) -> str:
    """Return the title that a sentence names: of the item asked about, or of the first reason; its id without one."""
    if known.about or not item.because:
        return known.about
    item_id = item.because[0].item_id
    return known.titles.get(item_id, "").strip() or item_id
