"""Keys: who may use the service. Only a hash of each is kept, in the store, under one entry of `meta`."""

import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest

from plait.errors import WrongCall
from plait.service.rates import Rate
from plait.service.scopes import Scope
from plait.store import Store

META = "service_keys"
PREFIX = "plait_"
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is kept: the BLAKE2b of it by the workspace's salt, its scope, its rate, when it was made."""

    digest: str
    scope: Scope
    rate: str
    made: float


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a workspace by their names, and the salt, hexadecimal."""

    salt: str
    by_name: Mapping[str, Key]

    def digest(self, key: str) -> str:
        """Return the keyed BLAKE2b (RFC 7693) of a key.

        A fast hash is right: a key has 256 random bits, so nobody guesses it, however fast; a slow one would only
        let strangers keep the service busy.
        """
        told = key.encode(errors="surrogatepass")
        return hashlib.blake2b(told, key=bytes.fromhex(self.salt), digest_size=32).hexdigest()

    def named(self, key: str) -> str | None:
        """Return the name of a key, None for an unknown one; it looks at all of them in either case."""
        digest, found = self.digest(key), None
        for name, kept in self.by_name.items():
            if compare_digest(digest, kept.digest):
                found = name
        return found


def read_keys(store: Store) -> Keys | None:
    """Return the keys of a workspace, None where none was ever made."""
    kept = store.meta(META)
    if kept is None:
        return None
    told = json.loads(kept)
    by_name = {
        name: Key(one["digest"], Scope(one["scope"]), one["rate"], one["made"]) for name, one in told["keys"].items()
    }
    return Keys(told["salt"], by_name)


def add_key(store: Store, name: str, scope: Scope, rate: str = "", *, tenant: str = "") -> str:
    """Make a key, which names its `tenant`, and return it; it is told this once.

    Raises WrongCall for a name that is taken, or no rate.
    """
    if not (name.isprintable() and 0 < len(name.strip()) == len(name) <= 100):
        raise WrongCall(f"{name!r} is no name of a key; expected up to 100 printable characters")
    try:
        rate and Rate.parse(rate)
    except ValueError as error:
        raise WrongCall(f"--rate: {error}") from error
    made = PREFIX + (f"{tenant}." if tenant else "") + secrets.token_urlsafe(KEY_BYTES)
    with store.write() as change:
        keys = read_keys(store) or Keys(secrets.token_hex(32), {})
        if name in keys.by_name:
            raise WrongCall(f"there is a key {name!r} already; remove it first, or take another name")
        key = Key(keys.digest(made), scope, rate, time.time())
        change.set_meta({META: _kept(keys.salt, {**keys.by_name, name: key})})
    return made


def remove_key(store: Store, name: str) -> None:
    """Let a key count no more. Raises WrongCall where there is none of the name."""
    with store.write() as change:
        keys = read_keys(store)
        if keys is None or name not in keys.by_name:
            raise WrongCall(f"there is no key {name!r}")
        rest = {other: key for other, key in keys.by_name.items() if other != name}
        change.set_meta({META: _kept(keys.salt, rest)})


def _kept(salt: str, by_name: Mapping[str, Key]) -> str:
    keys = {
        name: {"digest": key.digest, "scope": key.scope.value, "rate": key.rate, "made": key.made}
        for name, key in by_name.items()
    }
    return json.dumps({"salt": salt, "keys": keys})
