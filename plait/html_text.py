"""The text a reader of HTML sees."""

import re
from html.parser import HTMLParser

NAMES = (
    "a|abbr|article|aside|audio|b|big|blockquote|body|br|button|canvas|center|code|dd|del|details|div|dl|dt|em|font"
    "|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|label|li|link|main|mark|meta|nav|noscript|ol"
    "|option|p|picture|pre|q|s|samp|script|section|select|small|source|span|strike|strong|style|sub|summary|sup|svg"
    "|table|tbody|td|textarea|tfoot|th|thead|time|title|tr|tt|u|ul|var|video|wbr"
)
MARKUP = re.compile(
    rf"</?(?:{NAMES})(?:\s[^<>]*=[^<>]*|\s+[\w-]+)?\s*/?>|<!--|<!\[CDATA\[|<!doctype\b|&(?:#\d+|#x[\da-f]+|[a-z]+\d*);",
    re.IGNORECASE,
)
START_OF_DATA, END_OF_DATA = re.compile(re.escape("<![CDATA["), re.IGNORECASE), "]]>"
"""What feeds wrap texts in; a parser of HTML takes all between for a comment."""
SILENT = {"script", "style"}
INLINE = {
    "a", "abbr", "b", "big", "code", "del", "em", "font", "i", "ins", "mark", "q", "s", "samp", "small", "span",
    "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
}  # fmt: skip
MOST_LAYERS = 4
"""Feeds escape what was escaped before; deeper than this nobody does by accident."""


class _Page(HTMLParser):
    """Collects what is shown; elements that are no part of a line end the word before them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._silent = tag in SILENT
        self._end_word(tag)

    def handle_endtag(self, tag: str) -> None:
        self._silent = False
        self._end_word(tag)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(data)

    def _end_word(self, tag: str) -> None:
        if tag not in INLINE:
            self.pieces.append(" ")


def has_html(text: str) -> bool:
    """Return whether a text has tags, comments or entities of HTML."""
    return ("<" in text or "&" in text) and MARKUP.search(text) is not None


def _unwrapped(text: str) -> str:
    unwrapped, found = START_OF_DATA.subn("", text)
    return unwrapped.replace(END_OF_DATA, "") if found else text


def strip_html(text: str) -> str:
    """Return a text without tags, scripts and entities, in one line; one that has none comes back as it is.

    What looks like the start of a tag or comment and never ends stays: text is rather shown than lost.
    """
    for _ in range(MOST_LAYERS):
        if not has_html(text):
            break
        page = _Page()
        page.feed(_unwrapped(text))
        page.close()
        text = " ".join("".join(page.pieces).split())
    return text
