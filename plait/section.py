"""Section: what every section of plait.toml is: frozen, without unknown keys, and without numbers that are none."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$")]


class Section(BaseModel):
    """A section, or a table in one."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
