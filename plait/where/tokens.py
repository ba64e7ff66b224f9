"""Tokens of the filter language."""

import re
from dataclasses import dataclass

from plait.where.expression import WhereError

MAX_LENGTH = 2_000
PATTERN = re.compile(
    r"(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)(?![\w.])"
    r"|(?P<text>'(?:[^']|'')*')"
    r'|(?P<quoted>"(?:[^"]|"")+")'
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<sign><=|>=|!=|[=<>(),])"
)
BLANKS = re.compile(r"\s*")
KEYWORDS = {"and", "or", "not", "in", "is", "null"}
SHOWN = 24
"""Characters of a wrong expression that its error shows."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token; kind is "number", "text", "name", "sign", "word" (a keyword) or "end"; `place` counts from 0."""

    kind: str
    value: str
    place: int


def tokens_of(text: str) -> list[Token]:
    """Cut an expression into tokens, the last of kind "end". Raises WhereError where nothing fits."""
    if len(text) > MAX_LENGTH:
        raise WhereError(f"where: {len(text)} characters; expected at most {MAX_LENGTH}")
    tokens = []
    place = _past_blanks(text, 0)
    while place < len(text):
        found = PATTERN.match(text, place)
        if found is None:
            raise WhereError(f"where, character {place + 1}: {text[place : place + SHOWN]!r} is not understood")
        tokens.append(_token(str(found.lastgroup), found[0], place))
        place = _past_blanks(text, found.end())
    return [*tokens, Token("end", "", len(text))]


def _past_blanks(text: str, place: int) -> int:
    found = BLANKS.match(text, place)
    return found.end() if found else place


def _token(kind: str, value: str, place: int) -> Token:
    if kind == "text":
        return Token(kind, value[1:-1].replace("''", "'"), place)
    if kind == "quoted":
        return Token("name", value[1:-1].replace('""', '"'), place)
    if kind == "name" and value.lower() in KEYWORDS:
        return Token("word", value.lower(), place)
    return Token(kind, value, place)
