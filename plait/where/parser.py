"""The parser of the filter language: recursive descent, bounded in length and depth."""

from collections.abc import Callable, Sequence

from plait.where.expression import SIGNS, Comparison, Expression, Junction, Literal, WhereError
from plait.where.tokens import SHOWN, Token, tokens_of

MAX_DEPTH = 50
SIGNS_NAMED = f"{', '.join(SIGNS)}, in or is"


def parse_where(text: str) -> Expression:
    """Parse an expression. Raises WhereError that names the position and what was expected."""
    parser = _Parser(tokens_of(text))
    expression = parser.expression(0)
    parser.expect("end", "", "and, or or the end")
    return expression


class _Parser:
    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._place = 0

    def expression(self, depth: int) -> Expression:
        return self._joined("or", lambda: self._joined("and", lambda: self._factor(depth)))

    def expect(self, kind: str, value: str, expected: str) -> None:
        if not self._take(kind, value):
            raise self._wrong(expected)

    def _joined(self, word: str, part: Callable[[], Expression]) -> Expression:
        parts = [part()]
        while self._take("word", word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Junction(word, tuple(parts))

    def _factor(self, depth: int) -> Expression:
        if depth > MAX_DEPTH:
            raise WhereError(f"where, character {self._next.place + 1}: nested deeper than {MAX_DEPTH}")
        if self._take("word", "not"):
            return Junction("not", (self._factor(depth + 1),))
        if self._take("sign", "("):
            inner = self.expression(depth + 1)
            self.expect("sign", ")", "and, or or )")
            return inner
        return self._comparison()

    def _comparison(self) -> Comparison:
        name = self._take_kind(("name",), "the name of an attribute")
        if self._take("word", "is"):
            sign = "is not null" if self._take("word", "not") else "is null"
            self.expect("word", "null", "null")
            return Comparison(name, sign)
        if self._take("word", "not"):
            self.expect("word", "in", "in")
            return Comparison(name, "not in", self._several())
        if self._take("word", "in"):
            return Comparison(name, "in", self._several())
        sign = self._next.value
        if self._next.kind != "sign" or sign not in SIGNS:
            raise self._wrong(SIGNS_NAMED)
        self._place += 1
        return Comparison(name, sign, (self._literal(),))

    def _several(self) -> tuple[Literal, ...]:
        self.expect("sign", "(", "(")
        values = [self._literal()]
        while self._take("sign", ","):
            values.append(self._literal())
        self.expect("sign", ")", ", or )")
        return tuple(values)

    def _literal(self) -> Literal:
        is_number = self._next.kind == "number"
        value = self._take_kind(("number", "text"), "a number or 'text'")
        return float(value) if is_number else value

    @property
    def _next(self) -> Token:
        return self._tokens[self._place]

    def _take(self, kind: str, value: str) -> bool:
        if (self._next.kind, self._next.value) != (kind, value):
            return False
        self._place = min(self._place + 1, len(self._tokens) - 1)
        return True

    def _take_kind(self, kinds: tuple[str, ...], expected: str) -> str:
        token = self._next
        if token.kind not in kinds:
            raise self._wrong(expected)
        self._place += 1
        return token.value

    def _wrong(self, expected: str) -> WhereError:
        found = "the end" if self._next.kind == "end" else repr(self._next.value[:SHOWN])
        return WhereError(f"where, character {self._next.place + 1}: got {found}; expected {expected}")
