"""The ranker as a whole: parts sum to the logit, likes lead, strangers and new items are answered."""

import numpy as np
import pytest

from ranker.fit import fit_ranker, untrained
from ranker.interactions import Floats, Histories, Interactions, Rows
from ranker.item_features import ItemFeatures
from ranker.rank import PART_NAMES, Ranker, RankerSettings, Scored
from tests.ranker.logs import checkerboard, history, log, parity_features, random_log, unit_rows

USERS, ITEMS = 60, 40
MET = 36
"""Items from here on are in the catalogue, but nobody has met them."""


def parity_vectors(count: int) -> Floats:
    vectors = parity_features(count).strands["text"]
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


VECTORS, FEATURES = parity_vectors(ITEMS), parity_features(ITEMS)


@pytest.fixture(scope="module")
def ranker() -> Ranker:
    met = checkerboard(USERS, MET)
    wide = log(
        *zip(met.users.tolist(), met.items.tolist(), met.times.tolist(), met.weights.tolist(), strict=True),
        users=USERS, items=ITEMS,
    )  # fmt: skip
    return fit_ranker(wide, VECTORS, FEATURES, settings=RankerSettings(factors=8)).ranker


def vectors_of(rows: Rows) -> Floats:
    return VECTORS[rows]


def scored(ranker: Ranker, histories: Histories, candidates: Rows | None = None) -> Scored:
    users = ranker.user_side(histories, ranker.items, vectors_of)
    rows = np.tile(np.arange(ITEMS), (len(histories), 1)) if candidates is None else candidates
    return ranker.score(users, ranker.items, rows, VECTORS[np.maximum(rows, 0)])


def test_parts_sum_to_the_logit(ranker: Ranker) -> None:
    found = scored(ranker, random_log(5, ITEMS, 60).histories())
    assert found.parts.shape == (5, ITEMS, len(PART_NAMES))
    assert found.parts.dtype == np.float64
    assert found.parts.sum(axis=2) == pytest.approx(found.logits, abs=1e-9)


def test_items_of_the_liked_colour_lead_whether_met_or_new(ranker: Ranker) -> None:
    for parity in (0, 1):
        logits = scored(ranker, history((parity, 1.0), (parity + 2, 1.0), (parity + 4, 1.0))).logits[0]
        same, other = np.arange(6 + parity, ITEMS, 2), np.arange(7 - parity, ITEMS, 2)
        assert logits[same[same < MET]].mean() > logits[other[other < MET]].mean()
        assert logits[same[same >= MET]].min() > logits[other[other >= MET]].max()


def test_one_new_event_changes_the_answer(ranker: Ranker) -> None:
    before = scored(ranker, history((0, 1.0), (2, 1.0))).logits[0]
    after = scored(ranker, history((0, 1.0), (2, 1.0), (9, 1.0))).logits[0]
    assert (after - before)[11:MET:2].mean() > (after - before)[4:MET:2].mean()


def test_a_stranger_gets_what_everybody_likes(ranker: Ranker) -> None:
    found = scored(ranker, history())
    for place, name in enumerate(PART_NAMES):
        if name in ("cf", "items", "content"):
            assert not found.parts[..., place].any(), name
    assert not ranker.user_side(history(), ranker.items, vectors_of).factors.any()


def test_dislikes_alone_make_nobody_a_fan(ranker: Ranker) -> None:
    found = scored(ranker, history((0, -1.0), (2, -1.0)))
    for name in ("cf", "items", "content"):
        assert not found.parts[..., PART_NAMES.index(name)].any(), name


def test_a_batch_is_its_users(ranker: Ranker) -> None:
    histories = random_log(6, ITEMS, 90, seed=3).histories()
    together = scored(ranker, histories).logits
    for user in range(6):
        alone = scored(ranker, histories.take(np.asarray([user]))).logits[0]
        assert alone == pytest.approx(together[user], abs=1e-4)


def test_shared_vectors_are_as_good_as_ones_own(ranker: Ranker) -> None:
    users = ranker.user_side(random_log(3, ITEMS, 40).histories(), ranker.items, vectors_of)
    rows = np.tile(np.arange(ITEMS), (3, 1))
    shared = ranker.score(users, ranker.items, rows, VECTORS[None]).logits
    assert shared == pytest.approx(ranker.score(users, ranker.items, rows, VECTORS[rows]).logits, abs=1e-5)


def test_padding_and_unknown_rows(ranker: Ranker) -> None:
    candidates = np.asarray([[3, -1, 5]])
    assert np.isfinite(scored(ranker, history((0, 1.0)), candidates).logits).all()
    known = scored(ranker, history((0, 1.0), (4, 1.0))).logits
    assert np.isfinite(scored(ranker, history((0, 1.0), (-1, 1.0), (4, 1.0))).logits).all()
    assert np.isfinite(known).all()


def test_reasons_are_shares_of_what_was_liked(ranker: Ranker) -> None:
    users = ranker.user_side(history((0, 1.0), (3, -1.0), (5, 1.0)), ranker.items, vectors_of)
    shares = ranker.because(users, VECTORS[np.asarray([[7, 8]])])
    assert shares.shape == (1, 2, 3)
    assert shares.sum(axis=2) == pytest.approx(np.ones((1, 2)))
    assert users.recent.items[0].tolist() == [5, 3, 0]
    assert (shares[..., 1] == 0).all()
    assert shares[0, 0, 0] > shares[0, 1, 0]  # 5 speaks for 7 more than for 8


class TestItemSide:
    def test_known_items_keep_what_was_learnt_in_any_order(self, ranker: Ranker) -> None:
        rows = np.asarray([7, 3, 3])
        side = ranker.item_side(FEATURES.take(np.empty(0, np.int64)), VECTORS[:0], rows)
        assert np.array_equal(side.factors, ranker.items.factors[rows])
        assert np.array_equal(side.places, ranker.items.places[rows])

    def test_unknown_items_are_predicted_from_content(self, ranker: Ranker) -> None:
        side = ranker.item_side(FEATURES.take(np.asarray([37])), VECTORS[[37]], np.asarray([2, -1]))
        assert side.met.tolist() == [True, False]
        assert side.places[1] == -1
        assert side.popularity[1] == 0
        assert side.cold[1] == pytest.approx(ranker.items.cold[37], abs=1e-4)
        assert not side.factors[1].any()
        assert side.rows.tolist() == [2, -1]

    def test_items_added_live_are_scored(self, ranker: Ranker) -> None:
        grown = ranker.items.extend(ranker.item_side(FEATURES.take(np.asarray([38])), VECTORS[[38]], np.asarray([-1])))
        users = ranker.user_side(history((0, 1.0)), grown, vectors_of)
        rows = np.asarray([[38, ITEMS]])
        found = ranker.score(users, grown, rows, VECTORS[[[38, 38]]]).logits[0]
        assert found[0] == pytest.approx(found[1], abs=1e-4)


def test_one_seed_one_ranker() -> None:
    interactions = checkerboard(USERS, ITEMS)
    first, again = (
        fit_ranker(interactions, VECTORS, FEATURES, settings=RankerSettings(factors=4)).ranker for _ in range(2)
    )
    assert np.array_equal(first.items.factors, again.items.factors)
    assert np.array_equal(first.combination.knots, again.combination.knots)
    assert first.combination.bias == again.combination.bias


NOTHING = ItemFeatures({}, np.zeros((ITEMS, 0), dtype=np.float32))
ODD_LOGS = {
    "one event": log((0, 0, 0.0, 1.0), items=ITEMS),
    "one user": log(*[(0, item, float(item), 1.0) for item in range(9)], items=ITEMS),
    "one item": log(*[(user, 3, 0.0, 1.0) for user in range(50)], items=ITEMS),
    "one item again and again": log(*[(user, 3, float(n), 1.0) for user in range(40) for n in range(4)], items=ITEMS),
    "huge weights": log(*[(user, user % 7 + n, float(n), 1e6) for user in range(40) for n in range(4)], items=ITEMS),
    "tiny weights": log(*[(user, user % 7 + n, float(n), 1e-9) for user in range(40) for n in range(4)], items=ITEMS),
    "one time": log(*[(user, user % 7 + n, 5e9, 1.0) for user in range(40) for n in range(4)], items=ITEMS),
    "few likings": log(
        *[(user, user % 7 + n, 0.0, float(n == 0)) for user in range(40) for n in range(4)], items=ITEMS
    ),
}


@pytest.mark.parametrize("features", [FEATURES, NOTHING], ids=["features", "no features"])
@pytest.mark.parametrize("name", ODD_LOGS)
def test_odd_logs_are_learnt_from(name: str, features: ItemFeatures) -> None:
    vectors = VECTORS if features is FEATURES else np.zeros_like(VECTORS)
    learnt = fit_ranker(ODD_LOGS[name], vectors, features, settings=RankerSettings(factors=8)).ranker
    users = learnt.user_side(ODD_LOGS[name].histories(), learnt.items, lambda rows: vectors[rows])
    rows = np.tile(np.arange(ITEMS), (len(users), 1))
    found = learnt.score(users, learnt.items, rows, vectors[None])
    assert np.isfinite(found.parts).all()
    assert np.isfinite(learnt.because(users, vectors[rows])).all()


@pytest.mark.parametrize("interactions", [log(items=ITEMS), log((0, 0, 0.0, -1.0), (0, 1, 1.0, 0.0), items=ITEMS)])
def test_no_liking_is_nothing_to_learn_from(interactions: Interactions) -> None:
    with pytest.raises(ValueError, match="hold no liking"):
        fit_ranker(interactions, VECTORS, FEATURES)


def test_tables_of_other_lengths() -> None:
    with pytest.raises(ValueError, match=r"vectors has 3 rows; expected one for each of 40 items"):
        fit_ranker(checkerboard(4, ITEMS), VECTORS[:3], FEATURES)
    with pytest.raises(ValueError, match=r"features has 5 rows"):
        fit_ranker(checkerboard(4, ITEMS), VECTORS, parity_features(5))


def test_before_training_content_and_popularity_answer() -> None:
    learnt = untrained(checkerboard(USERS, ITEMS))
    users = learnt.user_side(history((0, 1.0), (2, 1.0)), learnt.items, vectors_of)
    found = learnt.score(users, learnt.items, np.arange(ITEMS)[None], VECTORS[None])
    spoken = {name for place, name in enumerate(PART_NAMES) if found.parts[..., place].any()}
    assert spoken == {"content", "popularity", "bias"}
    assert found.logits[0, 4::2].mean() > found.logits[0, 5::2].mean()


def test_nobody_asks(ranker: Ranker) -> None:
    nobody = Histories(
        *(np.zeros(n, kind) for n, kind in [(1, np.int64), (0, np.int64), (0, float), (0, np.float32), (0, float)])
    )
    assert scored(ranker, nobody).logits.shape == (0, ITEMS)


def test_history_beyond_the_setting_is_not_looked_at(ranker: Ranker) -> None:
    users = ranker.user_side(history(*[(item % MET, 1.0) for item in range(300)]), ranker.items, vectors_of)
    assert users.recent.items.shape[1] == ranker.settings.history
    assert users.lengths.tolist() == [300]


def test_unit_rows_are_the_scale_of_content(ranker: Ranker) -> None:
    vectors = unit_rows(ITEMS, VECTORS.shape[1], seed=9)
    users = ranker.user_side(history((0, 1.0)), ranker.items, lambda rows: vectors[rows])
    assert np.linalg.norm(users.profiles.vectors, axis=1) == pytest.approx([1.0], abs=1e-5)


def test_an_ablated_ranker_scores_without_the_part() -> None:
    features = ItemFeatures({"text": VECTORS}, np.zeros((ITEMS, 0), np.float32))
    learnt = fit_ranker(
        checkerboard(USERS, ITEMS), VECTORS, features, settings=RankerSettings(factors=8), without=["cf", "cold"]
    ).ranker
    long = history(*[(item, 1.0) for item in range(0, 24, 2)])
    users = learnt.user_side(long, learnt.items, vectors_of)
    parts = learnt.score(users, learnt.items, np.arange(ITEMS)[None], VECTORS[None]).parts
    assert not parts[..., [PART_NAMES.index("cf"), PART_NAMES.index("cold")]].any()
    assert parts[..., PART_NAMES.index("items")].any()
    with pytest.raises(ValueError, match="without holds bias, magic; expected some of cf, items"):
        fit_ranker(checkerboard(USERS, ITEMS), VECTORS, features, without=["magic", "bias"])
