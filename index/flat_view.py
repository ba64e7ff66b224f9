"""A FAISS flat index over vectors that lie elsewhere, such as a memory map, without copying them."""

from typing import Any

import faiss
import numpy as np

from index.vector_index import Vectors


def flat_view(vectors: Vectors) -> faiss.IndexFlatIP:
    """Return an inner-product index that reads `vectors` (n, dimension) in place.

    `vectors` must be C-contiguous float32 and must live as long as the index: the caller keeps both.
    """
    count, dimension = vectors.shape
    flat = faiss.IndexFlatIP(dimension)
    if count:
        codes: Any = faiss.MaybeOwnedVectorUInt8()
        pointer = faiss.swig_ptr(np.asarray(vectors).reshape(-1).view(np.uint8))
        codes.is_owned = False
        codes.view_data = codes.c_ptr = pointer
        codes.view_size = codes.c_size = vectors.nbytes
        flat.codes = codes
        flat.ntotal = count
    return flat
