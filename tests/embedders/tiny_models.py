"""Models of few weights and of the real classes, made and saved in the test: nothing is fetched."""

import json
from pathlib import Path

import torch

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "red", "green", "scarf", "cup", "of", "tea"]


def tiny_clip(folder: Path, *, dimension: int = 24) -> Path:
    """Write an open_clip model with random weights; return its folder."""
    import open_clip
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    settings = {
        "embed_dim": dimension,
        "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "patch_size": 8},
        # The vocabulary is that of the tokenizer which open_clip brings along.
        "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1},
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
    (bare / "vocab.txt").write_text("\n".join(WORDS))
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=8,
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


def byte_tokenizer(folder: Path, *, first: tuple[str, ...] = (), last: tuple[str, ...] = (), left: bool = False) -> int:
    """Write a tokenizer whose tokens are bytes, between `first` and `last`; return the size of its vocabulary."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    marks = ["<s>", "<pad>", "</s>", "<unk>"]
    vocabulary = {token: place for place, token in enumerate([*marks, *sorted(pre_tokenizers.ByteLevel.alphabet())])}
    tokenizer = Tokenizer(models.BPE(vocabulary, [], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    single = " ".join([*first, "$A", *last])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=single, special_tokens=[(token, vocabulary[token]) for token in {*first, *last}]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", bos_token="<s>", unk_token="<unk>",
        padding_side="left" if left else "right", model_max_length=256,
    ).save_pretrained(folder)  # fmt: skip
    return len(vocabulary)


def tiny_llm(folder: Path, *, width: int = 32, prompts: dict[str, str] | None = None) -> Path:
    """Write a decoder of two layers, pooled at its last token, as Qwen3-Embedding is saved; return its folder."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import Qwen3Config, Qwen3ForCausalLM

    bare = folder / "bare"
    bare.mkdir(parents=True)
    size = byte_tokenizer(bare, last=("</s>",), left=True)
    torch.manual_seed(2)
    config = Qwen3Config(
        vocab_size=size, hidden_size=width, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1,
        head_dim=16, intermediate_size=16, max_position_embeddings=256, pad_token_id=1, bos_token_id=0, eos_token_id=2,
        tie_word_embeddings=True,
    )  # fmt: skip
    # Stored in bfloat16, as the real one is.
    Qwen3ForCausalLM(config).bfloat16().save_pretrained(bare)
    modules = [Transformer(str(bare), max_seq_length=256), Pooling(width, pooling_mode="lasttoken"), Normalize()]
    whole = folder / "whole"
    SentenceTransformer(modules=modules, device="cpu", prompts=prompts or {}).save(str(whole))
    return whole


def tiny_clap(folder: Path, *, dimension: int = 24, pickled: bool = False) -> Path:
    """Write a CLAP model of transformers with random weights, as .bin where `pickled`; return its folder."""
    from transformers import ClapConfig, ClapFeatureExtractor, ClapModel

    folder.mkdir(parents=True, exist_ok=True)
    size = byte_tokenizer(folder, first=("<s>",), last=("</s>",))
    text = {"vocab_size": size, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
            "intermediate_size": 16, "max_position_embeddings": 66, "projection_dim": dimension}  # fmt: skip
    audio = {"spec_size": 64, "num_mel_bins": 16, "patch_embeds_hidden_size": 8, "depths": [1, 1],
             "num_attention_heads": [1, 2], "window_size": 4, "hidden_size": 16,
             "projection_dim": dimension}  # fmt: skip
    torch.manual_seed(3)
    model = ClapModel(ClapConfig(text_config=text, audio_config=audio, projection_dim=dimension)).eval()
    model.save_pretrained(folder)
    if pickled:
        torch.save(model.state_dict(), folder / "pytorch_model.bin")
        (folder / "model.safetensors").unlink()
    ClapFeatureExtractor(
        feature_size=16, sampling_rate=8_000, hop_length=80, max_length_s=2, fft_window_size=256, frequency_min=50,
        frequency_max=4_000, truncation="rand_trunc", padding="repeatpad",
    ).save_pretrained(folder)  # fmt: skip
    return folder


def tiny_timm(folder: Path) -> Path:
    """Write timm's own test network as timm saves a model for the hub; return its folder."""
    import timm
    from timm.models._hub import save_for_hf

    torch.manual_seed(4)
    model = timm.create_model("test_resnet", pretrained=False, num_classes=5)
    folder.mkdir(parents=True, exist_ok=True)
    save_for_hf(model, str(folder), safe_serialization=True)
    return folder


def tiny_torchvision(file: Path) -> Path:
    """Write random weights of torchvision's smallest classifier, for 7 classes of one's own; return the file."""
    from torchvision.models import get_model

    torch.manual_seed(5)
    torch.save(get_model("shufflenet_v2_x0_5", weights=None, num_classes=7).state_dict(), file)
    return file


def tiny_vit(folder: Path) -> Path:
    """Write a vision transformer of transformers, width 16; return its folder."""
    from transformers import ViTConfig, ViTImageProcessor, ViTModel

    torch.manual_seed(6)
    config = ViTConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8, image_size=32, patch_size=8
    )
    ViTModel(config).save_pretrained(folder)
    ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


def tiny_hf_clip(folder: Path, *, dimension: int = 20) -> Path:
    """Write a CLIP model of transformers; return its folder."""
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel

    folder.mkdir(parents=True, exist_ok=True)
    size = byte_tokenizer(folder, first=("<s>",), last=("</s>",))
    small = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    text = {**small, "vocab_size": size, "max_position_embeddings": 32, "eos_token_id": 2, "pad_token_id": 1}
    torch.manual_seed(7)
    config = CLIPConfig(
        text_config=text, vision_config={**small, "image_size": 32, "patch_size": 8}, projection_dim=dimension
    )
    CLIPModel(config).save_pretrained(folder)
    CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


def tiny_wav2vec(folder: Path) -> Path:
    """Write a wav2vec 2 model of width 16; return its folder."""
    from transformers import Wav2Vec2Config, Wav2Vec2FeatureExtractor, Wav2Vec2Model

    torch.manual_seed(8)
    config = Wav2Vec2Config(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8, conv_dim=(8, 8),
        conv_stride=(5, 4), conv_kernel=(10, 8), num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=2,
    )  # fmt: skip
    Wav2Vec2Model(config).save_pretrained(folder)
    Wav2Vec2FeatureExtractor(sampling_rate=16_000).save_pretrained(folder)
    return folder


def in_hub_cache(cache: Path, repository: str, revision: str, folder: Path) -> Path:
    """Lay the files of `folder` out as the hub's client keeps what it fetched; return the snapshot's folder."""
    import shutil

    root = cache / f"models--{repository.replace('/', '--')}"
    snapshot = root / "snapshots" / revision
    shutil.copytree(folder, snapshot)
    (root / "refs").mkdir(exist_ok=True)
    (root / "refs" / "main").write_text(revision)
    return snapshot
