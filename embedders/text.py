"""TextEncoder: words to a vector by any model of the sentence-transformers family."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embedders.bfloat16 import has_bfloat16, multiply_in_bfloat16
from embedders.device import resolve
from embedders.encoder import Vectors
from embedders.free_memory import give_back
from embedders.spaces import unit
from embedders.spec_encoder import SpecEncoder
from embedders.transformers_loading import loading

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH_TOKENS = 1_024
"""Of a batch, padding included: larger ones leave the processor's cache. Measured beside batches of 32 texts sorted by
characters, texts of a sentence gain little, titles and long descriptions 1.2 to 1.4 times the speed."""
MOST_TEXTS = 128
SORTED = 1_024
"""Texts that are sorted at once: what their tokens take does not grow with the number of texts."""
USUAL_TOKENS = 512
"""Tokens at most where a model does not say its own bound."""


class TextEncoder(SpecEncoder):
    """Encodes texts with a sentence-transformers or transformers model (BERT to LLM embedders).

    Pooling is what the model's folder says (a plain decoder is pooled at its last token); a decoder pads on the left.
    """

    @cached_property
    def _loaded(self) -> "SentenceTransformer":
        folder = self.spec.require(allow_download=self._allow_download)
        return load_sentence_transformer(folder, resolve(self._device))

    def most_tokens(self) -> int:
        """Tokens of a text that the model as loaded reads beside the longer prompt; 0 where it has no bound."""
        bound = self._loaded.max_seq_length
        if not bound:
            return 0
        prompts = [prompt for prompt in (self.spec.document_prompt, self.spec.query_prompt) if prompt]
        # A prompt that leaves less than half of it is cut: windows of a few tokens would say nothing.
        return max(1, int(bound) // 2, int(bound) - max(self.tokens(prompts), default=0))

    def tokens(self, contents: Sequence[str]) -> list[int]:
        """Return how many tokens each text has, uncut, with the marks that the tokenizer sets around it."""
        with self._tokenizing:
            return token_counts(self._loaded, readable(contents), cut=False)

    def encode(self, contents: Sequence[str]) -> Vectors:
        """Encode texts of items to (n, dimension) unit rows; long texts are cut at the model's own bound.

        Raises ValueError where the model gives vectors of another dimension than it was said to.
        """
        return self._encode(contents, self.spec.document_prompt)

    def _encode(self, contents: Sequence[str], prompt: str) -> Vectors:
        if not contents:
            return np.zeros((0, self.dimension), dtype=np.float32)
        vectors = np.empty((len(contents), self.dimension), dtype=np.float32)
        for start in range(0, len(contents), SORTED):
            vectors[start : start + SORTED] = self._sorted(contents[start : start + SORTED], prompt)
            give_back()
        return vectors

    def _sorted(self, contents: Sequence[str], prompt: str) -> Vectors:
        """Encode texts in batches of like length, however many there are."""
        texts = readable(contents)
        with self._tokenizing:
            # The library tokenizes and encodes in one call.
            model = self._loaded
            # A single text is a batch, whatever its tokens.
            batches = batches_of(token_counts(model, texts) if len(texts) > 1 else [1])
            encoded = np.concatenate([_encoded(model, [texts[place] for place in batch], prompt) for batch in batches])
        encoded[np.concatenate(batches)] = encoded.copy()
        if self.spec.truncated and encoded.shape[1] > self.dimension:
            return unit(encoded[:, : self.dimension])
        if encoded.shape[1] != self.dimension:
            raise ValueError(f"dimension is {self.dimension}, but {self.spec.model} gives {encoded.shape[1]}")
        return encoded


class InstructedTextEncoder(TextEncoder):
    """A TextEncoder that reads a query behind another prompt than an item's text."""

    def encode_queries(self, contents: Sequence[str]) -> Vectors:
        """Encode queries to (n, dimension) unit rows."""
        return self._encode(contents, self.spec.query_prompt)


def _encoded(model: "SentenceTransformer", texts: list[str], prompt: str) -> Vectors:
    return np.asarray(
        model.encode(
            texts, prompt=prompt, batch_size=len(texts), normalize_embeddings=True, show_progress_bar=False,
            convert_to_numpy=True,
        ),
        dtype=np.float32,
    )  # fmt: skip


def token_counts(model: "SentenceTransformer", texts: Sequence[str], *, cut: bool = True) -> list[int]:
    """Return how many tokens each text has, `cut` at what the model reads.

    About so many, where its tokenizer is none of transformers.
    """
    from transformers import PreTrainedTokenizerBase

    most = model.max_seq_length or USUAL_TOKENS
    if not texts:
        return []
    if not isinstance(model.tokenizer, PreTrainedTokenizerBase):
        counts = [2 + len(text) // 4 for text in texts]
        return [min(most, count) for count in counts] if cut else counts
    bound = {"truncation": True, "max_length": most} if cut else {"truncation": False, "verbose": False}
    tokens = model.tokenizer(list(texts), return_attention_mask=False, return_token_type_ids=False, **bound)
    return [len(ids) for ids in tokens["input_ids"]]


def batches_of(counts: Sequence[int]) -> list[NDArray[np.int64]]:
    """Return the places of texts with so many tokens in batches, those of like length together, the longest first.

    A batch costs as much as its longest text times its size: at most BATCH_TOKENS, but for a single text.
    """
    order = np.argsort(-np.asarray(counts, dtype=np.int64), kind="stable")
    batches, start = [], 0
    while start < len(order):
        size = min(MOST_TEXTS, max(1, BATCH_TOKENS // max(1, counts[order[start]])))
        batches.append(order[start : start + size])
        start += size
    return batches


def readable(contents: Sequence[str]) -> list[str]:
    """Return texts that every tokenizer takes: half a surrogate pair, which JSON can hold, has no bytes."""
    return [text.encode(errors="replace").decode() for text in contents]


def load_sentence_transformer(folder: str, device: str) -> "SentenceTransformer":
    """Load a model from its folder; no connection is tried, no code of the model's own is run."""
    from sentence_transformers import SentenceTransformer

    with loading(folder):
        # In float32, whatever is stored: of bfloat16 throughout a row would depend on the batch it is in.
        model = SentenceTransformer(
            folder, device=device, local_files_only=True, trust_remote_code=False, model_kwargs={"dtype": "float32"}
        )
    if device == "cpu" and has_bfloat16():
        from embedders.bert_bfloat16 import pack_bert

        for module in list(model.modules()):
            pack_bert(module)
        multiply_in_bfloat16(model)  # whatever is left, of a BERT or of another model
    return model
