"""Telling: notes for lists that the rules have cut short."""

from collections.abc import Iterator

from index.vector_index import Mask, Rows
from plait.moment import Moment
from plait.rules.in_force import InForce
from plait.rules.left_out import LeftOut
from plait.selection import Selection


def told(
    moment: Moment, rules: InForce, selection: Selection, out: LeftOut, rows: Rows, eligible: int, fresh: Mask | None
) -> Iterator[str]:
    """Iterate over notes on a list of `rows` (p,), -1 behind its end, chosen from so many `eligible` items."""
    shown = rows[rows >= 0]
    if len(shown) < selection.depth:
        yield from _too_few(moment, rules, selection, out, len(shown))
    if rules.caps and len(shown) < min(selection.depth, eligible):
        caps = ", ".join(f"{name}={limit}" for name, limit in rules.caps)
        yield f"at most so many items a value, {caps}, leaves {len(shown)} of the {selection.depth} items asked for"
    if fresh is not None and selection.depth >= rules.fresh.of:
        young = int(fresh[shown[: rules.fresh.of]].sum())
        if young < rules.fresh.items:
            yield f"{young} of the {rules.fresh.items} fresh items wanted among the first {rules.fresh.of}"


def _too_few(moment: Moment, rules: InForce, selection: Selection, out: LeftOut, length: int) -> Iterator[str]:
    """Say which rule left how many; nothing where it was only what the call itself asked for, and what was seen."""
    asked_for = moment.eligible(selection)
    before = moment.index.alive if asked_for is None else asked_for
    after = before if not rules.require else before & moment.live.rules.passing(moment, rules.require)
    taken = out.counts(after)
    parts = [f"{count} {reason}" for reason, count in taken.items()]
    if rules.require:
        parts.insert(0, f"require leaves {int(after.sum())} of {int(before.sum())}")
    if rules.require or taken.keys() - {"seen"}:
        yield f"{length} of the {selection.depth} items asked for are left: {', '.join(parts)}"
