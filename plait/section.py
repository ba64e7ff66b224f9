"""Section: what every section of plait.toml is: frozen, without unknown keys, each value of its type."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError

T = TypeVar("T")
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$")]
Several = Annotated[tuple[T, ...], BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)]
"""A list of TOML, frozen."""
Context = Mapping[str, Any]

EXPECTED: Mapping[str, Callable[[Context], str]] = {
    "bool_type": lambda _: "true or false",
    "int_type": lambda _: "a whole number",
    "float_type": lambda _: "a number",
    "finite_number": lambda _: "a finite number",
    "string_type": lambda _: "a text",
    "string_too_short": lambda _: "a text that is not empty",
    "string_too_long": lambda context: f"a text of at most {context['max_length']} characters",
    "string_pattern_mismatch": lambda _: "a text without blanks around it",
    "tuple_type": lambda _: "a list",
    "time_type": lambda _: "a date or time, ISO 8601",
    "mapping_type": lambda _: "a table",
    "model_type": lambda _: "a table",
    "greater_than": lambda context: f"a number above {context['gt']:g}",
    "greater_than_equal": lambda context: f"a number from {context['ge']:g}",
    "less_than_equal": lambda context: f"a number up to {context['le']:g}",
    "literal_error": lambda context: f"one of {context['expected'].replace(' or ', ', ')}",
}
"""What a value should have been, by the kind of the error and what the error tells."""


class Section(BaseModel):
    """A section, or a table in one. TOML has types: a text is no number, and a number is no truth."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


def complaint(error: ValidationError) -> str:
    """Return what is wrong first in one line: the key, what came, and what was expected."""
    first = error.errors()[0]
    path, came, context = [str(part) for part in first["loc"]], first["input"], first.get("ctx", {})
    if path[-1:] == ["[key]"]:
        return f"{'.'.join(path[:-2])} has a key {_shown(came)}; expected {EXPECTED[first['type']](context)}"
    key = ".".join(path)
    if first["type"] == "missing":
        return f"{key} is missing"
    if first["type"] == "value_error":
        return f"{key}: {context['error']}" if key else str(context["error"])
    expected = EXPECTED.get(first["type"])
    return f"{key} is {_shown(came)}; expected {first['msg'] if expected is None else expected(context)}"


def _shown(value: object) -> str:
    """Return a value nearly as TOML has it, of a long one the beginning."""
    return str(value).lower() if isinstance(value, bool) else f"{value!r:.80}"
