"""Templates: each reason that can be told, in each language."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Language(StrEnum):
    """Languages that sentences are told in."""

    ENGLISH = "en"
    CHINESE = "zh"


class Told(StrEnum):
    """What a sentence says; what stands in braces in its templates is filled from what is known of the item."""

    LIKED = "liked"
    BOUGHT = "bought"
    SAVED = "saved"
    SHARED = "shared"
    LOOKED_AT = "looked-at"
    CHOSEN = "chosen"
    ALIKE = "alike"
    SEARCHED = "searched"
    DESCRIBED = "described"
    TASTE = "taste"
    TOGETHER = "together"
    SEQUENCE = "sequence"
    KNOWN = "known"
    START = "start"
    NEW = "new"
    POPULAR = "popular"
    FRIENDS = "friends"
    NAMED_FRIENDS = "named-friends"
    FEATURED = "featured"
    WORDS = "words"
    PICTURE = "picture"
    SOUND = "sound"
    NAMED = "named"
    PERSONAL = "personal"
    SAME_WORDS = "same-words"
    SAME_PICTURE = "same-picture"
    SAME_SOUND = "same-sound"
    BOUGHT_TOGETHER = "bought-together"
    CHOSEN_TOGETHER = "chosen-together"
    NEXT = "next"
    NOTHING = "nothing"


ENGLISH: Mapping[Told, str] = MappingProxyType(
    {
        Told.LIKED: "Because you liked “{title}”: this is like it.",
        Told.BOUGHT: "Because you bought “{title}”: this is like it.",
        Told.SAVED: "Because you saved “{title}”: this is like it.",
        Told.SHARED: "Because you shared “{title}”: this is like it.",
        Told.LOOKED_AT: "Because you looked at “{title}”: this is like it.",
        Told.CHOSEN: "Because you chose “{title}”: this is like it.",
        Told.ALIKE: "It is like what you have chosen so far.",
        Told.SEARCHED: "It goes with your search for “{query}”.",
        Told.DESCRIBED: "It goes with what you describe.",
        Told.TASTE: "It suits people whose taste is like yours.",
        Told.TOGETHER: "People who chose what you chose took this as well.",
        Told.SEQUENCE: "It goes on from what you chose last.",
        Told.KNOWN: "It suits what is known of you so far.",
        Told.START: "A good one to begin with.",
        Told.NEW: "New here, and promising.",
        Told.POPULAR: "Popular with many people.",
        Told.FRIENDS: "It is to the taste of people you know.",
        Told.NAMED_FRIENDS: "Liked by people you know: {friends}.",
        Told.FEATURED: "Featured at the moment.",
        Told.WORDS: "Its words are close to what you are looking for.",
        Told.PICTURE: "Its picture is close to what you are looking for.",
        Told.SOUND: "Its sound is close to what you are looking for.",
        Told.NAMED: "Words that you are looking for stand in it.",
        Told.PERSONAL: "Of what there is to find, it suits your taste.",
        Told.SAME_WORDS: "Its words are like those of “{title}”.",
        Told.SAME_PICTURE: "Its picture is like that of “{title}”.",
        Told.SAME_SOUND: "It sounds like “{title}”.",
        Told.BOUGHT_TOGETHER: "{count} people who bought “{title}” also bought this.",
        Told.CHOSEN_TOGETHER: "{count} people who chose “{title}” also chose this.",
        Told.NEXT: "{count} people chose this right after “{title}”.",
        Told.NOTHING: "Another one to look at.",
    }
)
CHINESE: Mapping[Told, str] = MappingProxyType(
    {
        Told.LIKED: "因为您喜欢“{title}”，这一款与它相似。",
        Told.BOUGHT: "因为您买过“{title}”，这一款与它相似。",
        Told.SAVED: "因为您收藏了“{title}”，这一款与它相似。",
        Told.SHARED: "因为您分享过“{title}”，这一款与它相似。",
        Told.LOOKED_AT: "因为您看过“{title}”，这一款与它相似。",
        Told.CHOSEN: "因为您选过“{title}”，这一款与它相似。",
        Told.ALIKE: "与您之前选择的内容相似。",
        Told.SEARCHED: "与您搜索的“{query}”相关。",
        Told.DESCRIBED: "符合您的描述。",
        Told.TASTE: "适合与您口味相近的人。",
        Told.TOGETHER: "与您有相同选择的人，也选了这一款。",
        Told.SEQUENCE: "与您最近的选择一脉相承。",
        Told.KNOWN: "从目前对您的了解来看，这一款适合您。",
        Told.START: "不妨从这一款开始。",
        Told.NEW: "新上架，值得一看。",
        Told.POPULAR: "很受大家欢迎。",
        Told.FRIENDS: "符合您认识的人的口味。",
        Told.NAMED_FRIENDS: "您认识的{friends}喜欢这一款。",
        Told.FEATURED: "近期重点推荐。",
        Told.WORDS: "文字内容与您要找的相近。",
        Told.PICTURE: "图片与您要找的相近。",
        Told.SOUND: "声音与您要找的相近。",
        Told.NAMED: "其中出现了您要找的词语。",
        Told.PERSONAL: "在相关结果中，这一款适合您的口味。",
        Told.SAME_WORDS: "文字内容与“{title}”相近。",
        Told.SAME_PICTURE: "图片与“{title}”相近。",
        Told.SAME_SOUND: "声音与“{title}”相近。",
        Told.BOUGHT_TOGETHER: "有{count}位买过“{title}”的人也买了这一款。",
        Told.CHOSEN_TOGETHER: "有{count}位选过“{title}”的人也选了这一款。",
        Told.NEXT: "有{count}人在“{title}”之后紧接着选了这一款。",
        Told.NOTHING: "也可以看看这一款。",
    }
)
TEMPLATES: Mapping[Language, Mapping[Told, str]] = MappingProxyType(
    {Language.ENGLISH: ENGLISH, Language.CHINESE: CHINESE}
)
BETWEEN_NAMES: Mapping[Language, str] = MappingProxyType({Language.ENGLISH: ", ", Language.CHINESE: "、"})
