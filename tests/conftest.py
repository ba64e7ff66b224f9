import pytest

from embedders import text


@pytest.fixture(autouse=True)
def _exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let texts be multiplied in float32 on every processor, so that tests can ask for exact rows."""
    monkeypatch.setattr(text, "has_bfloat16", lambda: False)
