"""Measure encoding against a plain loop of batch 32, in turns in one run: texts, pictures, sounds; or peak memory."""

import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

if sys.path[0].endswith("scripts"):
    # Run by its path, this folder would come before the standard library, whose profile.py it hides.
    sys.path.pop(0)

import numpy as np
import typer
from PIL import Image

from embedders.bundles import BUNDLES, EncoderSpec, make_encoder
from embedders.cnn_model import BANDS, STAGES, load_cnn
from embedders.encoder import Vectors
from embedders.items import Strand
from embedders.spaces import unit

BATCH = 32
Plain = Callable[[Sequence[str]], Vectors]


def plain_texts(spec: EncoderSpec) -> Plain:
    """Return `SentenceTransformer.encode` of batch 32."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(spec.weights(), device="cpu")
    return lambda texts: np.asarray(model.encode(list(texts), batch_size=BATCH, normalize_embeddings=True))


def plain_pictures(spec: EncoderSpec) -> Plain:
    """Return the loop of timm's own examples: open, squeeze, to a tensor, normalise, 32 through the model."""
    import torch
    from torchvision import transforms

    model: Any = load_cnn(spec.model, spec.weights())
    settings = model.pretrained_cfg
    prepare = transforms.Compose([
        transforms.Resize((224, 224), transforms.InterpolationMode.BICUBIC),
        transforms.ToTensor(),
        transforms.Normalize(settings["mean"], settings["std"]),
    ])  # fmt: skip

    def encode(paths: Sequence[str]) -> Vectors:
        rows = []
        for start in range(0, len(paths), BATCH):
            pictures = [Image.open(path).convert("RGB") for path in paths[start : start + BATCH]]
            with torch.inference_mode():
                batch = torch.stack([prepare(picture) for picture in pictures])
                rows.append(model.forward_head(model.forward_features(batch), pre_logits=True).numpy())
        return unit(np.concatenate(rows))

    return encode


def plain_sounds(spec: EncoderSpec) -> Plain:
    """Return soundfile, the log-mel picture, 32 through the model; for clips of one window at the encoder's rate."""
    import soundfile
    import torch

    from embedders.spectrogram import picture

    model: Any = load_cnn(spec.model, spec.weights())
    mean, deviation = (torch.tensor(model.pretrained_cfg[name])[:, None, None] for name in ("mean", "std"))

    def encode(paths: Sequence[str]) -> Vectors:
        rows = []
        for start in range(0, len(paths), BATCH):
            sounds = [soundfile.read(path, dtype="float32")[0] for path in paths[start : start + BATCH]]
            with torch.inference_mode():
                batch = (torch.from_numpy(np.stack([picture(samples) for samples in sounds])) - mean) / deviation
                maps = model.forward_intermediates(batch, indices=STAGES)[1]
                bands = [torch.cat([part.mean(dim=(2, 3)) for part in map_.tensor_split(BANDS, 2)], 1) for map_ in maps]
                rows.append(torch.cat([torch.nn.functional.normalize(part) for part in bands], 1).numpy())
        return unit(np.concatenate(rows))

    return encode


PLAIN = {Strand.TEXT: plain_texts, Strand.IMAGE: plain_pictures, Strand.AUDIO: plain_sounds}


def contents(catalogue: Path, strand: Strand, count: int) -> list[str]:
    """Return the first `count` contents of a catalogue: titles and descriptions, or media files."""
    with catalogue.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    if strand is Strand.TEXT:
        found = ["\n".join(filter(None, (row.get("title"), row.get("description")))) for row in rows]
    else:
        found = [str(catalogue.parent / row[strand.value]) for row in rows if row.get(strand.value)]
    return [content for content in found if content][:count]


def compare(strand: Strand, given: Sequence[str], rounds: int) -> dict[str, Any]:
    """Return medians of both, their ratios by the clock and by the process's processor time, and the cosines."""
    from scripts.interleaved import interleaved

    spec = BUNDLES["compact"].encoders[strand]
    ours, plain = make_encoder(spec), PLAIN[strand](spec)
    cosines = (ours.encode(given) * plain(given)).sum(axis=1)  # and both are warm
    spent: dict[str, list[float]] = {"ours": [], "plain": []}

    def timed(name: str, encode: Callable[[Sequence[str]], object]) -> Callable[[int], object]:
        def run(_turn: int) -> None:
            before = _processor_seconds()
            encode(given)
            spent[name].append(_processor_seconds() - before)

        return run

    times = interleaved({"ours": timed("ours", ours.encode), "plain": timed("plain", plain)}, rounds)
    wall = {name: float(np.median([pair[1] for pair in pairs])) / 1e3 for name, pairs in times.items()}
    processor = {name: float(np.median(seconds)) for name, seconds in spent.items()}
    return {
        "strand": strand.value, "contents": len(given),
        "ours_a_second": len(given) / wall["ours"], "plain_a_second": len(given) / wall["plain"],
        "ratio": wall["plain"] / wall["ours"], "processor_ratio": processor["plain"] / processor["ours"],
        "cosine_mean": float(cosines.mean()), "cosine_min": float(cosines.min()),
    }  # fmt: skip


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


MEASURED = """
import sys
from embedders.bundles import BUNDLES, make_encoder
from embedders.items import Strand
given = sys.stdin.read().split("\\0")
make_encoder(BUNDLES["compact"].encoders[Strand(sys.argv[1])]).encode(given)
"""


def varied(strand: Strand, given: Sequence[str], number: int, words: int, folder: Path) -> list[str]:
    """Return `number` contents that all differ, made from what is given: pictures are written to `folder`.

    Texts have their words turned round, at most `words` of them, 0 for all, and a number; pictures lose an edge and
    some light; sounds are read again and again, as an encoder remembers none.
    """
    made: list[str] = []
    for turn in range(-(-number // len(given))):
        for place, content in enumerate(given):
            if strand is Strand.TEXT:
                parts = content.split()
                start = turn % len(parts)
                made.append(" ".join([*(parts[start:] + parts[:start])[: words or None], str(len(made))]))
            elif strand is Strand.IMAGE:
                file = folder / f"{turn}-{place}.jpg"
                with Image.open(content) as opened:
                    picture = opened.convert("RGB")
                edge = min(turn, min(picture.size) // 4)
                smaller = picture.crop((edge, edge, *picture.size))
                smaller.point([level * (100 - turn) // 100 for level in range(256)] * 3).save(file, quality=90)
                made.append(str(file))
            else:
                made.append(content)
            if len(made) == number:
                return made
    return made


def peak_memory(strand: Strand, given: Sequence[str]) -> int:
    """Return the peak resident bytes of a process that encodes `given`, with all that it imports."""
    command = [sys.executable, "-c", MEASURED, strand.value]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        if process.stdin is None:
            raise RuntimeError("the process has no standard input")
        process.stdin.write("\0".join(given).encode())
        process.stdin.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"encoding failed with exit code {process.returncode}")
    return usage.ru_maxrss * 1024


def main(
    catalogue: Annotated[Path, typer.Argument(help="items.csv with what is to be encoded.")],
    strand: Annotated[Strand, typer.Option(help="text, image or audio.")] = Strand.IMAGE,
    count: Annotated[int, typer.Option(help="Contents of each run.")] = 200,
    rounds: Annotated[int, typer.Option(help="Runs of each, in turns.")] = 5,
    memory: Annotated[list[int] | None, typer.Option(help="Measure the peak for so many contents instead.")] = None,
    words: Annotated[int, typer.Option(help="With --memory: words of a text at most, 0 for all.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print only JSON.")] = False,
) -> None:
    """Say how fast Plait encodes beside a plain loop, and how like the vectors are."""
    given = contents(catalogue, strand, count if not memory else max(memory))
    if not given:
        raise typer.BadParameter(f"{catalogue} has no {strand.value}")
    figures: dict[str, Any] = {}
    for number in memory or []:
        with tempfile.TemporaryDirectory() as folder:
            began = time.monotonic()
            figures[f"peak_bytes_{number}"] = peak_memory(strand, varied(strand, given, number, words, Path(folder)))
            figures[f"seconds_{number}"] = time.monotonic() - began
        print(f"{number}: {figures[f'peak_bytes_{number}'] / 1e6:.0f} MB", file=sys.stderr, flush=True)
    if not memory:
        figures = compare(strand, given, rounds)
    if as_json:
        print(json.dumps(figures))
        return
    print(
        *(f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}" for name, value in figures.items())
    )


if __name__ == "__main__":
    typer.run(main)
