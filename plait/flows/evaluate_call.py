"""The call of an evaluation: what may be asked for together, and the command that asks for it again."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from plait.errors import WrongCall
from plait.evaluation.protocol_names import CROSS_MODAL, PROTOCOLS
from plait.flows.cross_modal import PAIR
from plait.tables import Table

SEEDS = 5
MODELS = ("plait", "popularity", "item-knn")
RUNS = "runs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What `plait evaluate` was asked for; None and "" where an option was not given.

    Raises WrongCall for an unknown protocol, numbers below 1, and for options that would be passed over.
    """

    protocol: str
    seeds: int | None = None
    models: Sequence[str] | None = None
    cuts: tuple[int, ...] = (10,)
    pair: str | None = None
    hide_by: str | None = None
    where: str = ""
    rankings: Mapping[str, Table] = field(default_factory=dict)
    save_splits: Path | None = None
    splits: Path | None = None
    ablate: bool = False
    curves: bool = False
    report: Path | None = None
    seed: int | None = None

    def __post_init__(self) -> None:
        if self.protocol not in PROTOCOLS:
            raise WrongCall(f"protocol {self.protocol!r} is not known; expected one of {', '.join(PROTOCOLS)}")
        if (self.seeds is not None and self.seeds < 1) or not self.cuts or min(self.cuts) < 1:
            raise WrongCall(f"seeds {self.seeds}, cuts {self.cuts}: expected numbers from 1")
        if len(set(self.cuts)) < len(self.cuts):
            raise WrongCall(f"cuts {','.join(map(str, self.cuts))}: expected each number once")
        if self.seed is not None and self.seed < 0:
            raise WrongCall(f"--seed {self.seed}: expected a number from 0")
        if self.is_cross_modal:
            self._check_cross_modal()
        else:
            self._check_log()

    @property
    def is_cross_modal(self) -> bool:
        """Whether a catalogue is judged and no log."""
        return self.protocol == CROSS_MODAL

    @property
    def keep(self) -> Path | None:
        """Where runs are kept."""
        return None if self.report is None else self.report / RUNS

    def command(self, seeds: int) -> str:
        """Return the command that gives these results again; `seeds` salts were judged. What is not given is left out.

        A report's folder and a folder that splits were written into change no figure.
        """
        cross = {"pair": self.pair or PAIR, "hide-by": self.hide_by} if self.is_cross_modal else {}
        options = {
            "seeds": None if self.hide_by else self.seeds or seeds,
            "seed": self.seed,
            "models": None if self.is_cross_modal else ",".join(self.models or MODELS),
            "cuts": ",".join(map(str, self.cuts)),
            "splits": self.splits,
            "ablate": self.ablate,
            "curves": self.curves,
            "rankings": ",".join(f"{name}=FILE" for name in self.rankings),
            **cross,
            "where": self.where,
        }
        words = ["plait evaluate WORKSPACE --protocol", self.protocol]
        for name, value in options.items():
            if value:
                words += [f"--{name}"] if value is True else [f"--{name}", shlex.quote(str(value))]
        return " ".join(words)

    def _check_cross_modal(self) -> None:
        if self.rankings or self.save_splits is not None or self.splits is not None or self.ablate or self.curves:
            raise WrongCall("cross-modal parts no log: it takes no rankings of users, no splits, ablations or curves")
        if self.models is not None and [name.strip() for name in self.models] != ["plait"]:
            raise WrongCall(f"--models {','.join(self.models)}: cross-modal judges plait alone")

    def _check_log(self) -> None:
        if self.pair is not None or self.hide_by is not None:
            raise WrongCall(f"--pair and --hide-by are for the protocol {CROSS_MODAL}; got --protocol {self.protocol}")
        if self.splits is not None and self.seed is not None:
            raise WrongCall("--splits holds the salts it was saved with; it takes no --seed")
