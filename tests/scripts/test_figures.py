import json

import pytest

from scripts.figures import print_figures


def test_a_line_each_or_one_list(capsys: pytest.CaptureFixture[str]) -> None:
    figures = [{"items": 2, "ratio": 0.5}, {"items": 4, "ratio": 0.25}]
    print_figures(figures, as_json=False)
    assert capsys.readouterr().out == "items 2  ratio 0.5\nitems 4  ratio 0.25\n"
    print_figures(iter(figures), as_json=True)
    assert json.loads(capsys.readouterr().out) == figures
