"""Content in, vectors out: encoders, alignment and fusion of the three strands."""

from embedders.encoder import Encoder, Vectors
from embedders.items import AttributeValue, Item, Strand

__all__ = ["AttributeValue", "Encoder", "Item", "Strand", "Vectors"]
