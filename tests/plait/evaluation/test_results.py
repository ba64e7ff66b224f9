"""Results as JSON and as rows of a table."""

import json
import math

from plait.evaluation.results import Results

SOME = {"mean": 0.1, "low": 0.05, "high": 0.15}
NOTHING = {"mean": math.nan, "low": math.nan, "high": math.nan}


def results() -> Results:
    """Return results of two models, one of which could not be judged."""
    models = {"plait": {"ndcg@10": SOME, "mrr": SOME}, "<b>&\"'": {"ndcg@10": NOTHING, "mrr": SOME}}
    return Results(
        "last-liked", 5, 42, models, {"history 1-20": models}, {"without text": {"ndcg@10": SOME, "mrr": SOME}},
        {"plait": {"seconds": 1.5}}, {"plait - popularity": {"ndcg@10": SOME, "mrr": SOME}},
    )  # fmt: skip


def test_json_has_the_keys_of_the_contract_and_is_valid() -> None:
    found = json.loads(json.dumps(results().to_json(), allow_nan=False))
    assert {"protocol", "seeds", "users", "models", "buckets", "ablations"} <= set(found)
    assert (found["protocol"], found["seeds"], found["users"]) == ("last-liked", 5, 42)
    assert found["models"]["plait"]["ndcg@10"] == SOME
    assert found["models"]["<b>&\"'"]["ndcg@10"] == {"mean": None, "low": None, "high": None}
    assert found["buckets"]["history 1-20"]["plait"]["mrr"] == SOME
    assert found["ablations"]["without text"]["mrr"] == SOME
    assert found["differences"]["plait - popularity"]["mrr"] == SOME
    assert found["details"] == {"plait": {"seconds": 1.5}}


def test_rows_are_metrics_and_columns_models() -> None:
    columns, rows = results().rows()
    assert columns == ["metric", "plait", "<b>&\"'"]
    assert rows[0] == ["ndcg@10", "0.1000 [0.0500, 0.1500]", "nan [nan, nan]"]
    assert [row[0] for row in rows] == ["ndcg@10", "mrr"]


def test_no_models_have_no_rows() -> None:
    assert Results("last-liked", 1, 0, {}).rows() == (["metric"], [])
