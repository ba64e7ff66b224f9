"""The cache: what is put comes back, from any thread and process, and after a kill."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from embedders.items import Strand
from embedders.vector_cache import CacheError, VectorCache, content_hash

WRITER = """
import sys
from pathlib import Path
import numpy as np
from embedders.vector_cache import VectorCache
cache = VectorCache(Path(sys.argv[1]))
for batch in range(int(sys.argv[3])):
    name = f"{sys.argv[2]}-{batch}"
    cache.put("f", {f"{name}-{place}": np.full(384, batch, dtype=np.float32) for place in range(20)})
    print(name, flush=True)
"""


def test_a_vector_comes_back(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / "made" / "here")
    vectors = {name: np.random.default_rng(place).random(5, dtype=np.float32) for place, name in enumerate("abc")}
    cache.put("one", vectors)
    found = cache.get("one", ["c", "a", "absent", "a"])
    assert set(found) == {"a", "c"}
    for name, vector in found.items():
        assert vector.dtype == np.float32
        np.testing.assert_array_equal(vector, vectors[name])
    cache.close()


def test_encoders_do_not_share(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path)
    cache.put("one", {"a": np.ones(2, dtype=np.float32)})
    cache.put("two", {"a": np.zeros(3, dtype=np.float32)})
    np.testing.assert_array_equal(cache.get("one", ["a"])["a"], [1, 1])
    np.testing.assert_array_equal(cache.get("two", ["a"])["a"], [0, 0, 0])
    assert cache.get("three", ["a"]) == {}
    cache.close()


def test_the_last_one_counts(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path)
    for value in (1.0, 2.0):
        cache.put("one", {"a": np.full(2, value, dtype=np.float32)})
    assert cache.get("one", ["a"])["a"].tolist() == [2.0, 2.0]
    cache.close()


def test_nothing_asked_and_nothing_put(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path)
    cache.put("one", {})
    assert cache.get("one", []) == {}
    cache.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text("abc'\"%;\0", max_size=6), arrays(np.float32, 4), max_size=8), st.text(max_size=5))
def test_any_key_and_any_number(tmp_path: Path, vectors: dict[str, np.ndarray], fingerprint: str) -> None:
    try:
        fingerprint.encode()
    except UnicodeEncodeError:
        return
    cache = VectorCache(tmp_path)
    cache.put(fingerprint, vectors)
    found = cache.get(fingerprint, list(vectors))
    assert all(found[name].tobytes() == vector.tobytes() for name, vector in vectors.items())
    cache.close()


def test_more_than_one_question_holds(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path)
    names = [str(number) for number in range(70_000)]
    cache.put("one", {name: np.asarray([number], dtype=np.float32) for number, name in enumerate(names)})
    found = cache.get("one", names[::-1])
    assert len(found) == 70_000
    assert found["69999"][0] == 69_999.0
    cache.close()


def test_what_is_no_vector_leaves_the_cache_usable(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path)
    with pytest.raises((sqlite3.Error, UnicodeEncodeError)):
        cache.put("one", {"good": np.ones(2, dtype=np.float32), "\ud800": np.ones(2, dtype=np.float32)})
    assert cache.get("one", ["good"]) == {}, "a batch is kept whole or not at all"
    cache.put("one", {"good": np.ones(2, dtype=np.float32)})
    assert set(cache.get("one", ["good"])) == {"good"}
    cache.close()


def test_threads_share_one(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path)
    failures: list[Exception] = []

    def work(number: int) -> None:
        try:
            for step in range(30):
                name = f"{number}-{step}"
                cache.put("one", {name: np.full(3, number, dtype=np.float32)})
                assert cache.get("one", [name])[name][0] == number
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    cache.close()


def test_processes_write_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    writers = [subprocess.Popen([*command, str(number), "30"], stdout=subprocess.PIPE) for number in range(4)]
    for writer in writers:
        writer.communicate()
        assert writer.returncode == 0
    cache = VectorCache(tmp_path)
    names = [f"{n}-{batch}-{place}" for n in range(4) for batch in range(30) for place in range(20)]
    assert len(cache.get("f", names)) == len(names)
    cache.close()


def test_a_killed_writer_loses_at_most_its_last_batch(tmp_path: Path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), "w", "100000"], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    told = [writer.stdout.readline().decode().strip() for _ in range(15)]
    os.kill(writer.pid, signal.SIGKILL)
    told += writer.stdout.read().decode().split("\n")[:-1]
    writer.wait()
    writer.stdout.close()
    cache = VectorCache(tmp_path)
    for name in told:
        assert len(cache.get("f", [f"{name}-{place}" for place in range(20)])) == 20
    following = f"w-{len(told)}"
    assert len(cache.get("f", [f"{following}-{place}" for place in range(20)])) in (0, 20)
    cache.put("f", {"after": np.ones(1, dtype=np.float32)})
    cache.close()


def test_the_hash_of_a_text_is_sha256() -> None:
    assert content_hash(Strand.TEXT, "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert content_hash(Strand.TEXT, "\ud800") != content_hash(Strand.TEXT, "?")


@pytest.mark.parametrize("strand", [Strand.IMAGE, Strand.AUDIO])
def test_the_hash_of_media_is_of_its_bytes(tmp_path: Path, strand: Strand) -> None:
    for name, content in (("a.png", b"abc"), ("renamed.png", b"abc"), ("other.png", b"abd")):
        (tmp_path / name).write_bytes(content)
    first, renamed, other = (content_hash(strand, str(tmp_path / f"{n}.png")) for n in ("a", "renamed", "other"))
    assert first == renamed == content_hash(Strand.TEXT, "abc")
    assert first != other


def test_what_the_file_refuses_is_one_line_that_names_it(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path)
    cache.put("one", {"a": np.ones(2, dtype=np.float32)})
    other = sqlite3.connect(tmp_path / "vectors.db")
    other.execute("DROP TABLE vectors")
    other.commit()
    for refused in (lambda: cache.get("one", ["a"]), lambda: cache.put("one", {"b": np.ones(2, dtype=np.float32)})):
        with pytest.raises(CacheError, match=r"vectors\.db: no such table: vectors"):
            refused()
    cache.close()
    other.close()
    (tmp_path / "vectors.db").write_bytes(b"not a database at all, " * 400)
    with pytest.raises(CacheError, match=r"vectors\.db: file is not a database"):
        VectorCache(tmp_path)
