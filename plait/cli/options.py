"""Options that several commands share, each with its one name, meaning and default."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from plait.errors import WrongCall
from plait.sentences.templates import Language


class OnError(StrEnum):
    """What to do with a row that cannot be read."""

    STOP = "stop"
    SKIP = "skip"


class Device(StrEnum):
    """Where encoders and training run."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


def parse_pairs(text: str, option: str) -> dict[str, str]:
    """Return NAME=VALUE pairs joined by commas as a dict. Raises WrongCall for anything else, and a name twice."""
    pairs = [part.partition("=") for part in text.split(",") if part]
    if any(not (name and sign and value) for name, sign, value in pairs):
        raise WrongCall(f"{option} {text}: expected NAME=VALUE, more of them joined by commas")
    found = {name.strip(): value.strip() for name, _, value in pairs}
    if len(found) < len(pairs):
        raise WrongCall(f"{option} {text}: expected each name once")
    return found


def parse_ids(text: str | None, option: str) -> tuple[str, ...]:
    """Return ids joined by commas, none for None. Raises WrongCall where the option is given and names none."""
    if text is None:
        return ()
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    if not found:
        raise WrongCall(f"{option} names no item")
    return found


def parse_attributes(texts: Sequence[str]) -> dict[str, str]:
    """Return each NAME=VALUE as a pair; a value may hold commas. Raises WrongCall for anything else."""
    parts = [text.partition("=") for text in texts]
    wrong = [text for text, (name, sign, _) in zip(texts, parts, strict=True) if not (name.strip() and sign)]
    if wrong:
        raise WrongCall(f"--attribute {wrong[0]}: expected NAME=VALUE")
    return {name.strip(): value.strip() for name, _, value in parts}


def parse_max_per(texts: Sequence[str]) -> dict[str, int]:
    """Return each ATTRIBUTE=N as a pair. Raises WrongCall for anything else, and an attribute twice."""
    return parse_counts(texts, "--max-per", "ATTRIBUTE=N")


def parse_counts(texts: Sequence[str], option: str, form: str) -> dict[str, int]:
    """Return each NAME=N, of the `form` that a complaint names, as a pair. Raises WrongCall, also for a name twice."""
    counts: dict[str, int] = {}
    for text in texts:
        name, _, count = (part.strip() for part in text.rpartition("="))
        if not (name and count.isdecimal()):
            raise WrongCall(f"{option} {text}: expected {form} with a number from 1")
        if name in counts:
            raise WrongCall(f"{option} {text}: expected each {form.partition('=')[0].lower()} once")
        counts[name] = int(count)
    return counts


def parse_moment(text: str | None, option: str = "--at") -> float | None:
    """Return Unix seconds of a time, None for None. Raises WrongCall for a text that is none."""
    from plait.attributes import parse_time

    try:
        return None if text is None else parse_time(text)
    except ValueError as error:
        raise WrongCall(f"{option}: {error}") from error


def parse_file(path: Path | None, option: str) -> str:
    """Return where a file is that there must be, "" for None. Raises WrongCall."""
    if path is not None and not path.is_file():
        raise WrongCall(f"{option}: {path} is not a file")
    return str(path or "")


def parse_weights(text: str | None, *, also: tuple[str, ...] = ()) -> dict[str, float] | None:
    """Return weights of strands, and of what is named `also`, such as `text=1,image=.5`.

    Raises WrongCall for another name and for what is no number from 0.
    """
    if text is None:
        return None
    pairs = parse_pairs(text, "--weights")
    try:
        weights = {name: float(value) for name, value in pairs.items()}
    except ValueError as error:
        raise WrongCall(f"--weights {text}: expected numbers, such as text=1,image=.5") from error
    names = ("text", "image", "audio", *also)
    if not set(weights) <= set(names) or any(not 0 <= value < float("inf") for value in weights.values()):
        raise WrongCall(f"--weights {text}: expected numbers from 0 for {', '.join(names)}")
    return weights


Workspace = Annotated[Path, typer.Argument(help="The folder of the workspace.", show_default=False)]
Limit = Annotated[int, typer.Option("--limit", help="How many items to show.", metavar="N")]
Offset = Annotated[int, typer.Option("--offset", help="How many ranks to pass over.", metavar="N")]
Candidates = Annotated[
    Path | None, typer.Option("--candidates", help="Rank only the items of this file.", metavar="FILE")
]
Where = Annotated[
    str, typer.Option("--where", help='Rank only items that pass, such as "year >= 1990".', metavar="EXPR")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Output = Annotated[
    Path | None,
    typer.Option("--output", help="Write rankings to FILE.parquet, .csv or .jsonl.", metavar="FILE"),
]
Explain = Annotated[
    Language | None, typer.Option("--explain", help="Say in a sentence why each item is shown.", show_default=False)
]
Seed = Annotated[int, typer.Option("--seed", help="Seed of everything random.", metavar="N")]
StoreURL = Annotated[
    str | None,
    typer.Option(
        "--store", metavar="URL", help="The database of PostgreSQL that is to hold the store of a new workspace."
    ),
]
ErrorPolicy = Annotated[OnError, typer.Option("--on-error", help="Stop before anything is stored, or skip bad rows.")]
RunsOn = Annotated[Device, typer.Option("--device", help="Where models run.")]
AllowDownload = Annotated[bool, typer.Option("--allow-download", help="Permit fetching model weights.")]
Items = Annotated[Path, typer.Option("--items", help="Items as CSV, Parquet or JSONL.", metavar="FILE")]
MediaRoot = Annotated[
    Path | None,
    typer.Option("--media-root", help="Folder of pictures and sounds [the items' folder].", metavar="DIR"),
]
