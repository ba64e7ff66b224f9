"""CLAP by transformers: sounds and texts into one space.

Wu et al., "Large-scale contrastive language-audio pretraining with feature fusion and keyword-to-caption
augmentation", 2023.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from embedders.encoder import Vectors
from embedders.loaded_model import LoadedModel, Samples
from embedders.transformers_loading import loading


@lru_cache(maxsize=2)
def load_clap(folder: str, _architecture: str, device: str, _fingerprint: str) -> LoadedModel:
    """Load a folder with a ClapModel, its feature extractor and tokenizer. Raises ValueError where that fails.

    A window is no longer than the model's own, so that no part of a sound is drawn at random.
    """
    import torch

    with loading(folder):
        from transformers import AutoTokenizer, ClapFeatureExtractor, ClapModel

        model = ClapModel.from_pretrained(folder, local_files_only=True, weights_only=True, dtype=torch.float32)
        extractor = ClapFeatureExtractor.from_pretrained(folder, local_files_only=True)
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    model.eval().requires_grad_(False).to(torch.device(device))
    rate = int(extractor.sampling_rate)
    longest = model.text_model.config.max_position_embeddings - 2

    def sounds(batch: Sequence[Samples]) -> Vectors:
        read = extractor(list(batch), sampling_rate=rate, return_tensors="pt")
        features = read["input_features"].to(device, torch.float32)
        # No window is longer than the model's; the extractor marks one at random, which a row must not depend on.
        longer = torch.zeros(len(features), 1, dtype=torch.bool, device=device)
        with torch.inference_mode():
            encoded = model.get_audio_features(input_features=features, is_longer=longer)
        return np.asarray(encoded.pooler_output.float().cpu().numpy())

    def texts(batch: Sequence[str]) -> Vectors:
        read = tokenizer(list(batch), padding=True, truncation=True, max_length=longest, return_tensors="pt")
        with torch.inference_mode():
            encoded = model.get_text_features(
                input_ids=read["input_ids"].to(device), attention_mask=read["attention_mask"].to(device)
            )
        return np.asarray(encoded.pooler_output.float().cpu().numpy())

    return LoadedModel(sounds=sounds, texts=texts, sample_rate=rate, seconds=float(extractor.max_length_s))
