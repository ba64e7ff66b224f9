"""Word pieces: texts as codes of tokens, and what a token's vector is before any training here."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embedders.bundles import MINILM
from index.vector_index import Rows
from ranker.interactions import Floats

TABLE = "embeddings.word_embeddings.weight"
PADDING = 0


@dataclass(frozen=True, slots=True)
class WordPieces:
    """n texts: `codes` (n, length) int64 rows of `vectors` (v, dimension), padded behind with row 0, which is zero."""

    codes: Rows
    vectors: Floats


def word_pieces(texts: Sequence[str], *, length: int) -> WordPieces:
    """Return at most `length` tokens of each text by the tokenizer of the bundled MiniLM, and the vectors of these.

    Only tokens that occur have a row; its vector is the model's own word-piece embedding (Wu et al. 2016 for the
    pieces). An empty text is all padding. Raises ValueError where the model is not installed.
    """
    from safetensors import safe_open
    from tokenizers import Tokenizer

    folder = MINILM.weights()
    if not folder:
        raise ValueError(f"{MINILM.package} is not installed; cnn-content reads its tokenizer and embeddings")
    tokenizer = Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(length)
    # Half a surrogate pair, which JSON can hold, has no bytes and stops the tokenizer.
    readable = [text.encode(errors="replace").decode() for text in texts]
    found = [encoding.ids for encoding in tokenizer.encode_batch(readable, add_special_tokens=False)]
    known = np.unique(np.asarray([token for tokens in found for token in tokens], dtype=np.int64))
    codes = np.full((len(texts), length), PADDING, dtype=np.int64)
    for row, tokens in enumerate(found):
        codes[row, : len(tokens)] = 1 + np.searchsorted(known, tokens)
    with safe_open(Path(folder) / "model.safetensors", framework="numpy") as stored:
        table = np.asarray(stored.get_tensor(TABLE)[known], dtype=np.float32)
    return WordPieces(codes, np.concatenate([np.zeros((1, table.shape[1]), np.float32), table]))
