"""Loading models of transformers: quiet, and with errors of one line."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading(folder: str) -> Iterator[None]:
    """Keep progress bars away, and raise ValueError in one line for a model that cannot be loaded."""
    # The tokenizer's own threads cannot be forked safely and gain nothing on short texts.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        yield
    except Exception as error:  # configurations, tokenizers and weights each have errors of their own
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"model {folder} cannot be loaded: {reason:.200}") from error
