"""The two ways a job can be refused; the command line turns them into exit codes."""

from collections.abc import Sequence


class WrongCall(ValueError):  # noqa: N818 - the name says whose the error is
    """The call is wrong: an unknown name, a missing file, not a workspace. Exit code 2."""


class BadData(ValueError):  # noqa: N818
    """The call is right and the data is not, or the work failed. Exit code 1.

    `problems` holds one line for each row refused, the first of them in the message.
    """

    def __init__(self, message: str, problems: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)
