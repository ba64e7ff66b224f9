"""The command that lists the bundles: what is on this machine, and what a download would cost."""

from typing import TYPE_CHECKING, Any

from plait.cli import options
from plait.cli.printing import print_json, print_table, say

if TYPE_CHECKING:
    from embedders.bundles import Bundle
    from embedders.encoder_spec import EncoderSpec


def bundles(as_json: options.Json = False) -> None:
    """List the sets of encoders: what is on this machine, and what --allow-download would fetch."""
    from plait.assembly import BUNDLES

    if as_json:
        print_json({"bundles": [_described(bundle) for bundle in BUNDLES.values()]})
        return
    for bundle in BUNDLES.values():
        state = "on this machine" if bundle.local else f"{_size(bundle.download)} to fetch with --allow-download"
        say(f"{bundle.name}: {bundle.about} ({state})")
        columns = ("strand", "model", "dimension", "licence", "size", "on this machine")
        rows = [
            (
                strand.value,
                spec.model,
                str(spec.dimension),
                spec.licence,
                _size(spec.size),
                "yes" if spec.local else "no",
            )
            for strand, spec in bundle.encoders.items()
        ]
        print_table(columns, rows)
        for spec in bundle.encoders.values():
            for side, prompt in (("query", spec.query_prompt), ("document", spec.document_prompt)):
                if prompt:
                    say(f"{spec.strand} {side} prompt: {prompt!r}")
        say("")
    say("Own models: [encoders] in plait.toml; see docs/bundles.md")


def _described(bundle: "Bundle") -> dict[str, Any]:
    return {
        "name": bundle.name,
        "about": bundle.about,
        "local": bundle.local,
        "download_bytes": bundle.download,
        "encoders": {strand.value: _encoder(spec) for strand, spec in bundle.encoders.items()},
    }


def _encoder(spec: "EncoderSpec") -> dict[str, Any]:
    weights = spec.weights()
    return {
        "model": spec.model,
        "revision": spec.revision,
        "kind": spec.kind,
        "dimension": spec.dimension,
        "licence": spec.licence,
        "size_bytes": spec.size,
        "local": bool(weights),
        "path": weights,
        "download_bytes": 0 if weights else spec.size,
        "query_prompt": spec.query_prompt,
        "document_prompt": spec.document_prompt,
    }


def _size(size: int) -> str:
    from embedders.encoder_spec import megabytes

    return megabytes(size)


COMMANDS = {"bundles": bundles}
