"""Ways to force the candidate search that large catalogues use on a small one."""

import pytest

from plait.flows import candidates, nearest


def shrink_candidate_search(patch: pytest.MonkeyPatch) -> None:
    """Let no catalogue be small enough to score all of it, and each source give few candidates.

    Call it before the workspace is opened.
    """
    for module in (nearest, candidates):
        patch.setattr(module, "EXACT_ROWS", 0)
        patch.setattr(module, "CANDIDATES", 2)
        patch.setattr(module, "WIDENING", 1)
    patch.setattr(candidates, "POPULAR", 0)
    patch.setattr(candidates, "RECENT", 1)
