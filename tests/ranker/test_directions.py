"""Directions: against a full decomposition, and a user's taste without an item against fitting it again."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from ranker.directions import PRIOR_EVENTS, Directions, find_directions


def random_contacts(users: int = 30, items: int = 24, *, seed: int = 0) -> csr_matrix:
    rng = np.random.default_rng(seed)
    return csr_matrix((rng.random((users, items)) * (rng.random((users, items)) < 0.4)).astype(np.float32))


def standardised(contacts: csr_matrix) -> np.ndarray:
    dense = contacts.toarray().astype(np.float64)
    return np.asarray((dense - dense.mean(axis=0)) / np.sqrt(PRIOR_EVENTS + (dense > 0).sum(axis=0)))


@pytest.mark.parametrize("most", [3, 20])
def test_directions_are_the_strongest_of_a_full_decomposition(most: int) -> None:
    contacts = random_contacts()
    found = find_directions(contacts, most)
    wanted = min(most, 24 // 4)
    _, values, vectors = np.linalg.svd(standardised(contacts), full_matrices=False)
    assert found.values == pytest.approx(values[:wanted], abs=1e-5)
    assert np.abs((found.vectors * vectors[:wanted].T).sum(axis=0)) == pytest.approx(np.ones(wanted), abs=1e-4)


def test_tastes_of_users_are_orthonormal() -> None:
    contacts = random_contacts()
    found = find_directions(contacts, 4)
    tastes = (contacts.toarray() - found.mean) @ found.loadings
    assert tastes.T @ tastes == pytest.approx(np.eye(4), abs=1e-5)


def test_an_item_left_out_is_a_fit_without_it() -> None:
    contacts = random_contacts()
    found = find_directions(contacts, 4)
    told = np.random.default_rng(1).normal(size=(24, 4)).astype(np.float32)
    scores = found.left_out(contacts, told)
    done = standardised(contacts)
    for user, item in ((0, 0), (7, 3), (29, 23)):
        others = np.arange(24) != item
        fitted = np.linalg.lstsq(found.vectors[others], done[user, others], rcond=None)[0]
        assert scores[user, item] == pytest.approx(float(fitted / found.values @ told[item]), abs=1e-5)


def test_one_item_and_one_user_are_finite() -> None:
    found = find_directions(csr_matrix(np.ones((1, 1), np.float32)), 50)
    assert isinstance(found, Directions)
    assert np.isfinite(found.loadings).all()
    assert np.isfinite(found.left_out(csr_matrix(np.ones((1, 1), np.float32)), found.items)).all()


def test_a_taste_without_an_item_is_a_fit_without_it() -> None:
    contacts = random_contacts()
    found = find_directions(contacts, 4)
    users, places = np.asarray([0, 7, 7]), np.asarray([5, 3, 20])
    tastes = found.tastes_without(contacts[users], places)
    for row, (user, place) in enumerate(zip(users.tolist(), places.tolist(), strict=True)):
        others = np.arange(24) != place
        fitted = np.linalg.lstsq(found.vectors[others], standardised(contacts)[user, others], rcond=None)[0]
        assert tastes[row] == pytest.approx(fitted / found.values, abs=1e-5)
