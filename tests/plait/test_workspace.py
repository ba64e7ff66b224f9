"""Workspace: where one may be made, whose encoders made it, and the fence that a late publisher meets."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from embedders.items import Strand
from plait import snapshot
from plait.errors import BadData, WrongCall
from plait.own_vectors import own_dimension, own_fingerprint
from plait.store import Store
from plait.workspace import COMPACTOR, Fence, OwnEncoder, Workspace


def write_nothing(folder: Path) -> None:
    (folder / "file").write_text("content", encoding="utf-8")


def test_created_over_a_folder_that_holds_only_settings(tmp_path: Path) -> None:
    (tmp_path / "plait.toml").write_text("[recommend]\nhistory = 7\n", encoding="utf-8")
    workspace = Workspace.create(tmp_path)
    assert workspace.config.recommend.history == 7
    assert (tmp_path / "plait.toml").read_text() == "[recommend]\nhistory = 7\n"
    assert Workspace.open(tmp_path).config == workspace.config


def test_settings_that_are_there_are_kept_also_beside_a_bundle(tmp_path: Path) -> None:
    written = '[encoders]\nbundle = "compact"\n[recommend]\nhistory = 7\n'
    (tmp_path / "plait.toml").write_text(written, encoding="utf-8")
    assert Workspace.create(tmp_path, bundle="compact").config.recommend.history == 7
    assert (tmp_path / "plait.toml").read_text() == written


def test_created_in_a_new_folder_with_commented_settings(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "deep" / "workspace")
    assert workspace.config.encoders.bundle == "compact"
    assert "[encoders]" in (tmp_path / "deep" / "workspace" / "plait.toml").read_text()


def test_created_again_is_opened(tmp_path: Path) -> None:
    Workspace.create(tmp_path / "workspace")
    with (tmp_path / "workspace" / "plait.toml").open("a") as stream:
        stream.write("# kept\n")
    Workspace.create(tmp_path / "workspace")
    assert "# kept" in (tmp_path / "workspace" / "plait.toml").read_text()
    Workspace.create(tmp_path / "workspace", bundle="compact")
    with pytest.raises(WrongCall, match="has the bundle compact; got --bundle other"):
        Workspace.create(tmp_path / "workspace", bundle="other")


def test_an_unknown_bundle_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(WrongCall, match="bundle 'other' is not known; expected one of clip, compact, llm"):
        Workspace.create(tmp_path / "workspace", bundle="other")
    assert not (tmp_path / "workspace").exists()


@pytest.mark.parametrize("name", ["letter.txt", "index"])
def test_a_folder_of_other_things_is_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(WrongCall, match="not a workspace and not an empty folder"):
        Workspace.create(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_file_is_no_workspace(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WrongCall, match="not a workspace"):
        Workspace.create(tmp_path / "file")
    with pytest.raises(WrongCall, match="not a workspace"):
        Workspace.open(tmp_path / "file")


def test_media_limits_are_those_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "plait.toml").write_text("[media]\nmax_bytes = 5\nmax_seconds = 2.5\n", encoding="utf-8")
    limits = Workspace.create(tmp_path).media_limits
    assert (limits.max_bytes, limits.max_pixels, limits.max_seconds) == (5, 50_000_000, 2.5)


def test_encoders_are_one_object_each_and_other_ones_are_told_apart(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path)
    assert workspace.encoder(Strand.TEXT) is workspace.encoder(Strand.TEXT)
    named = workspace.fingerprints()
    assert set(named) == {"text", "image", "audio"}
    workspace.check_encoders(named)
    workspace.check_encoders({})
    with pytest.raises(BadData, match="was built with the image encoder another"):
        workspace.check_encoders(named | {"image": "another"})


def test_own_vectors_stand_for_an_encoder_once_they_are_stored(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path)
    workspace.use_own(Strand.AUDIO, own_fingerprint(Strand.AUDIO, 5), 5)
    assert isinstance(workspace.encoder(Strand.AUDIO), OwnEncoder)
    assert not isinstance(Workspace.open(tmp_path).encoder(Strand.AUDIO), OwnEncoder)
    with workspace.store.write() as change:
        change.set_meta(workspace.own)
    encoder = Workspace.open(tmp_path).encoder(Strand.AUDIO)
    assert (encoder.dimension, encoder.fingerprint) == (5, "audio:own:5")
    with pytest.raises(WrongCall, match="audio strand holds own vectors"):
        encoder.encode(["sound.wav"])
    assert not isinstance(Workspace.open(tmp_path).encoder(Strand.TEXT), OwnEncoder)


def test_the_dimension_of_own_vectors_is_in_their_name() -> None:
    assert own_dimension(own_fingerprint(Strand.TEXT, 12)) == 12
    assert own_dimension("text:all-MiniLM-L6-v2:53aa51172d142c89:1") is None
    assert own_dimension("") is None


def publish(workspace: Workspace, fence: Fence) -> snapshot.Snapshot:
    return snapshot.publish(workspace.index_folder, write_nothing, sequence=0, encoders={}, details={}, fence=fence)


def test_one_publishes_at_a_time(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path)
    other = Workspace.open(tmp_path)
    with workspace.publishing() as fence:
        with pytest.raises(BadData, match="built or trained by another process"), other.publishing():
            pass
        assert publish(workspace, fence).number == 1
    with other.publishing() as fence:
        assert publish(other, fence).number == 2


def test_a_holder_that_lost_its_lease_publishes_nothing(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path)
    late, ahead = Store.open(tmp_path / "store.db"), Store.open(tmp_path / "store.db")
    with late.lease(COMPACTOR, seconds=1e-6) as lost:
        assert lost is not None
        # Its time is up before its first sign of life, and another takes over.
        with ahead.lease(COMPACTOR) as taken:
            assert taken is not None
            with pytest.raises(BadData, match="lost to another process; nothing was published"):
                publish(workspace, lambda: late.fence(lost))
            assert snapshot.current(workspace.index_folder) is None
            assert publish(workspace, lambda: ahead.fence(taken)).number == 1
    assert {path.name for path in workspace.index_folder.iterdir()} == {"000001", "CURRENT"}


def test_an_error_while_publishing_gives_the_lease_back(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path)
    with suppress(RuntimeError), workspace.publishing():
        raise RuntimeError
    with Workspace.open(tmp_path).publishing():
        pass


def test_the_cache_is_in_the_folder(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path)
    workspace.cache.put("f", {"a" * 64: np.ones(3, dtype=np.float32)})
    assert list(Workspace.open(tmp_path).cache.get("f", ["a" * 64])) == ["a" * 64]


def test_a_pooling_of_frames_is_a_setting(tmp_path: Path) -> None:
    from embedders.bundles import LITE0_SOUNDS
    from embedders.pooling_network import PoolingNetwork, save_pooling

    plain = Workspace.create(tmp_path).encoder(Strand.AUDIO)
    settings = tmp_path / "plait.toml"
    settings.write_text('[encoders]\nsound_pooling = "gru.safetensors"\n', encoding="utf-8")
    with pytest.raises(BadData, match=r"key encoders.sound_pooling: .*gru.safetensors is not a file"):
        Workspace.open(tmp_path).encoder(Strand.AUDIO)
    save_pooling(PoolingNetwork(LITE0_SOUNDS.dimension), tmp_path / "gru.safetensors")
    pooled = Workspace.open(tmp_path).encoder(Strand.AUDIO)
    assert pooled.dimension > plain.dimension
    assert pooled.fingerprint != plain.fingerprint
    settings.write_text(f'[encoders]\naudio = "{tmp_path}"\nsound_pooling = "gru.safetensors"\n', encoding="utf-8")
    with pytest.raises(BadData, match="key encoders.audio"):
        Workspace.open(tmp_path).encoder(Strand.AUDIO)
