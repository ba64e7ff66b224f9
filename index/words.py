"""Words: a text as the tokens that a lexical search compares, in any script.

Letters are folded (compatibility forms, case, accents). Words end where Unicode's letters, marks and digits end. A
compound such as `WH-1000XM4` gives itself without its connectors (`wh1000xm4`), its parts (`wh`, `1000xm4`) and the
letters and digits of these (`1000`, `xm`, `4`), so that each way of writing it finds the others. Scripts that set no
blanks between words (Chinese, Japanese, Thai, Lao, Khmer, Burmese), and Korean, whose words end in particles, give
overlapping pairs of characters. Nothing is stemmed: what words mean is the business of the vectors.
"""

import re
import unicodedata
from functools import cache

PAIRED = (
    "\u3005\u3007\u3040-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
    "\u1100-\u11ff\uac00-\ud7af\u0e01-\u0e4e\u0e80-\u0ece\u1780-\u17d3\u1000-\u103f\u1050-\u108f"
)
"""Han, kana, bopomofo, Hangul, Thai, Lao, Khmer and Burmese, but not their digits."""
CONNECTORS = "-\u2010\u2011'\u2019_./&:"
JOINED = frozenset("-\u2010\u2011'\u2019_&")
"""Connectors of one word; the others connect only where there are digits: `interiors.This` is two words."""
ACCENTS = re.compile("[\u0300-\u036f]+")
RUNS = re.compile(r"\d+|\D+")
FULL_STOP = re.compile(r"(?<=\d)\.(?=\d)")


def fold(text: str) -> str:
    """Return a text whose letters are folded: compatibility forms, case and accents make no difference.

    Marks that are more than accents stay, such as the vowel signs of Indian scripts and the voicing of kana.
    """
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", ACCENTS.sub("", decomposed))


def document_tokens(text: str) -> tuple[list[str], int]:
    """Return the tokens by which a text is found, repeated as often as they stand there, and its length in words.

    The other forms of a word do not make the text longer.
    """
    tokens: list[str] = []
    length = 0
    for unit in _units().findall(fold(text)):
        if unit.isalpha() and (unit.isascii() or not _paired().search(unit)):
            tokens.append(unit)
            length += 1
            continue
        for piece in _pieces().findall(unit):
            forms, words = _paired_forms(piece, all_forms=True) if _paired().match(piece) else _forms(piece)
            tokens += forms
            length += words
    return tokens, length


def query_tokens(text: str) -> list[str]:
    """Return the tokens that a query asks for, each once, in the order of the text.

    Of a script in pairs only a character that stands alone is asked for by itself.
    """
    tokens: dict[str, None] = {}
    for unit in _units().findall(fold(text)):
        for piece in _pieces().findall(unit):
            forms, _ = _paired_forms(piece, all_forms=False) if _paired().match(piece) else _forms(piece)
            tokens.update(dict.fromkeys(forms))
    return list(tokens)


def _forms(compound: str) -> tuple[list[str], int]:
    """Return the forms of a compound of letters, digits and connectors, and of how many words it is."""
    parts = _plain().findall(compound)
    forms: dict[str, None] = {}
    if len(parts) > 1 and (any(map(str.isdigit, compound)) or _connectors(compound) <= JOINED):
        # A decimal keeps its point: 3.5 is not 35.
        stops = FULL_STOP.search(compound) is not None and set("".join(parts)) <= set("0123456789")
        forms[".".join(parts) if stops else "".join(parts)] = None
    for part in parts:
        forms[part] = None
        if not part.isalpha() and len(runs := RUNS.findall(part)) > 1:
            forms.update(dict.fromkeys(runs))
    if parts and compound[-1] in "+#":
        forms[parts[-1] + compound[len(compound.rstrip("+#")) :]] = None
    if not parts and not set(compound) <= set(CONNECTORS + "+#"):
        forms[compound] = None
    return list(forms), len(parts) or len(forms)


def _connectors(compound: str) -> set[str]:
    return set(compound) & set(CONNECTORS)


def _paired_forms(run: str, *, all_forms: bool) -> tuple[list[str], int]:
    """Return the pairs of a run of characters, with each character where all forms are wanted or it is alone."""
    pairs = [run[start : start + 2] for start in range(len(run) - 1)]
    return [*pairs, *(run if all_forms or not pairs else "")], max(len(pairs), 1)


@cache
def _word() -> str:
    """Return a pattern of a word: letters and digits, and marks behind them."""
    marks = "".join(chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code))[0] == "M")
    return rf"[^\W_](?:[^\W_]|[{marks}])*"


@cache
def _units() -> re.Pattern[str]:
    """Return what finds words with their connectors, and pictographs, which are words too."""
    return re.compile(rf"{_word()}(?:[{re.escape(CONNECTORS)}]{_word()})*[+#]*|[\u2600-\u27bf\U0001f300-\U0001faff]")


@cache
def _pieces() -> re.Pattern[str]:
    """Return what finds the runs of one kind in a unit: pairs of characters or not."""
    return re.compile(rf"[{PAIRED}]+|[^{PAIRED}]+")


@cache
def _paired() -> re.Pattern[str]:
    return re.compile(rf"[{PAIRED}]")


@cache
def _plain() -> re.Pattern[str]:
    return re.compile(_word())
