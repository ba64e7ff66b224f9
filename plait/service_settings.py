"""Service: the section of plait.toml that says what the HTTP service allows."""

from typing import Annotated

from pydantic import Field

from embedders.items import Strand
from plait.section import Section, Several


class Service(Section):
    """What the service takes on at once, and how large and how long a request may be."""

    threads: int = Field(default=4, ge=1, le=64)
    """How many requests each lane (answers, writes, slow ones) works on at once."""
    waiting: int = Field(default=64, ge=0)
    """How many more may wait for them in each lane; who comes after these is sent away with 429."""
    seconds: float = Field(default=30.0, gt=0)
    """How long a request may take, the wait included."""
    slow_seconds: float = Field(default=300.0, gt=0)
    """The same for those that look through all users, and for what is changed of models and users."""
    stop_seconds: int = Field(default=30, ge=1)
    """How long requests may go on after the service was told to stop."""
    max_body_bytes: int = Field(default=20_000_000, gt=0)
    """How large a request may be; larger ones are refused with 413."""
    body_seconds: float = Field(default=60.0, gt=0)
    """How long a body may take to come, and how long an answer may wait for a caller who takes none of it."""
    header_seconds: float = Field(default=10.0, gt=0)
    """How long a connection may wait for a whole head of a request."""
    max_connections: int = Field(default=4_096, ge=1)
    """How many connections a worker keeps; beyond, the one that has waited the longest for a request is ended."""
    rate: str = Field(default="", pattern=r"^([1-9][0-9]{0,8}/[smh])?$")
    """How many requests a key without a rate of its own may send, by worker, such as 600/m; an address where there
    are no keys. "" for no bound."""
    audit: bool = True
    """Whether each write is noted in audit.jsonl before it is answered."""
    origins: Several[str] = ()
    """Origins, such as https://shop.example, whose pages may call the service."""
    batch: int = Field(default=32, ge=1)
    """How many questions of one kind are answered together at most; 1 answers each by itself."""
    batch_wait_ms: float = Field(default=0.0, ge=0, le=1_000)
    """How long questions wait for others. At 0 what came while the last ones were answered goes together."""
    decoders: int = Field(default=2, ge=1, le=32)
    """How many processes of a worker decode the pictures and sounds that are sent to search and cold start."""
    decode_seconds: int = Field(default=20, ge=1)
    """How long one of them may take; the process is ended then, and the medium refused."""
    sound_seconds: float = Field(default=300.0, gt=0)
    """How long a sound that is sent may last, within what `[media]` allows: all of it is encoded for the answer."""
    media_root: str = ""
    """The folder of the pictures and sounds that items sent to the service name; with "" none may be named."""
    warm: Several[Annotated[Strand, Field(strict=False)]] = (Strand.TEXT, Strand.IMAGE, Strand.AUDIO)
    """Strands whose encoders are loaded before the service says that it is ready, of those that the catalogue has."""
    tracing: str = Field(default="", pattern=r"^(https?://\S+)?$")
    """Where spans are sent by OTLP over HTTP, such as http://collector:4318; "" for what OTEL_ variables say."""
    collect_origins: Several[str] = ()
    """Origins of pages that may send events to /v1/collect, as `https://shop.example`; `*` for any, none by default."""
    collect_key: str = ""
    """The public key that such pages name; it stands in their source and is no secret."""
    collect_per_minute: int = Field(default=600, ge=1)
    """How many collected events one address may send in a minute, in each process."""
