"""Models: which there are, and which answers."""

from plait.service.schemas.form import Answered


class ModelAnswer(Answered):
    """A trained model; a broken one says why it cannot answer, and little else."""

    number: int
    current: bool
    promoted: bool
    problem: str


class ModelsAnswer(Answered):
    """The models by number."""

    models: list[ModelAnswer]


class Moved(Answered):
    """Which model answers now, and which did before."""

    model: int
    before: int | None
    notes: list[str]
