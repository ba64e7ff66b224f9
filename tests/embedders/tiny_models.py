"""Models of a few thousand weights, made in the test: nothing is fetched."""

import json
from pathlib import Path

import torch


def tiny_clip(folder: Path) -> Path:
    """Write an open_clip model with random weights and vectors of 24; return its folder."""
    import open_clip
    from safetensors.torch import save_file

    settings = {
        "embed_dim": 24,
        "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "patch_size": 8},
        "text_cfg": {"context_length": 8, "vocab_size": 64, "width": 16, "heads": 2, "layers": 1},
    }
    torch.manual_seed(0)
    model = open_clip.CLIP(**settings)
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": settings, "preprocess_cfg": {}}))
    save_file(
        {name: tensor.contiguous() for name, tensor in model.state_dict().items()},
        folder / "open_clip_model.safetensors",
    )
    return folder


def tiny_bert(folder: Path, *, pooling: str = "mean", dense: int | None = None) -> Path:
    """Write a sentence-transformers model of width 16 with random weights; return its folder."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    bare = folder / "bare"
    bare.mkdir()
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "red", "green", "scarf", "cup", "of", "tea"]
    (bare / "vocab.txt").write_text("\n".join(words))
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8,
        max_position_embeddings=12,
    )  # fmt: skip
    BertModel(config).save_pretrained(bare)
    BertTokenizer(str(bare / "vocab.txt")).save_pretrained(bare)
    modules = [Transformer(str(bare), max_seq_length=12), Pooling(16, pooling_mode=pooling)]
    if dense is not None:
        modules.append(Dense(16, dense))
    whole = folder / "whole"
    SentenceTransformer(modules=modules, device="cpu").save(str(whole))
    return whole
