"""What tests of models, erasure, backup and repair share: models published again, and answers to compare."""

from pathlib import Path

from plait import snapshot
from plait.model_files import read_models, write_models
from plait.recommender import Recommender
from plait.workspace import Workspace


def publish_again(folder: Path) -> int:
    """Publish the models that answer once more, under the next number."""
    place = folder / "models"
    found = snapshot.current(place)
    assert found is not None
    models = read_models(found.path)

    def write(new: Path) -> None:
        write_models(new, models)

    details = {**found.details, "from": found.number}
    return snapshot.publish(
        place, write, sequence=found.sequence, encoders=found.encoders, details=details
    ).number  # fmt: skip


def scores(recommender: Recommender, user_ids: list[str]) -> dict[str, dict[str, float]]:
    """Return each user's score of each item."""
    rankings = recommender.recommend(user_ids, limit=30, include_seen=True)
    return {
        user_id: {item.item_id: item.score for item in ranking.items}
        for user_id, ranking in zip(user_ids, rankings, strict=True)
    }


def model_of(folder: Path) -> int | None:
    """Return the number of the models that answer."""
    return snapshot.current_number(Workspace.open(folder).models_folder)


def flip(path: Path, at: int = -10) -> None:
    """Flip all bits of one byte of a file, counted from its end where negative."""
    content = bytearray(path.read_bytes())
    content[at] ^= 0xFF
    path.write_bytes(content)
