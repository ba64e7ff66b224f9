"""Asked ids: the ids that a call names, checked in one way for the command line and for Python."""

from collections.abc import Sequence

from plait.errors import WrongCall
from plait.tables import cell_of


def asked_ids(ids: Sequence[str], name: str) -> Sequence[str]:
    """Return ids as they are.

    Raises WrongCall, by the `name` of the argument, for one text in place of several, which would be read letter by
    letter, and for what no table can bring in: what is no text, blank, or not UTF-8. An id that nobody has is no
    wrong call here.
    """
    if isinstance(ids, str):
        raise WrongCall(f"{name} is the text {ids!r:.80}; expected a list of ids")
    for one in ids:
        if not isinstance(one, str):
            raise WrongCall(f"{name} is {one!r:.80}; expected a text")
        if not one.strip():
            raise WrongCall(f"{name} is empty; expected an id")
        try:
            cell_of(one)
        except ValueError as error:
            raise WrongCall(f"{name} {one!r:.80}: {error}") from error
    return ids


def asked_id(one: str, name: str) -> str:
    """Return one id as it is. Raises WrongCall as `asked_ids` does."""
    return asked_ids([one], name)[0]
