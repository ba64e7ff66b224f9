"""Networks that read a sequence, place by place and never ahead. Loads torch; `ranker.sequence_reading` is the twin.

Every parameter has the name under which the twin reads it.
"""

import torch
from torch import nn
from torch.nn import functional

from ranker.sequence_dropout import Chance, Dropout
from ranker.sequence_settings import SequenceSettings

KERNEL = 3
"""Places that a convolution reads: its own and those before it, `2 ** layer` apart."""
SPREAD = 0.02
"""The standard deviation of embeddings at the start."""


class Attention(nn.Module):
    """Causal self-attention and a feed-forward layer, each on normed rows and added to what came in (pre-norm)."""

    def __init__(self, settings: SequenceSettings, chance: Chance) -> None:
        super().__init__()
        width = settings.width
        self.heads = settings.heads
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.ask, self.write = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.think, self.conclude = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.drop = Dropout(settings.dropout, chance)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Return (b, places, width) of the same."""
        users, places, width = rows.shape
        asked = self.ask(self.before(rows)).view(users, places, 3, self.heads, width // self.heads)
        query, keys, values = asked.permute(2, 0, 3, 1, 4).flatten(1, 2).unbind(0)
        # Torch's own attention takes two to four times as long to go back through in bfloat16.
        ahead = torch.full((places, places), -torch.inf).triu(1)
        odds = torch.bmm(query * query.shape[2] ** -0.5, keys.transpose(1, 2)) + ahead
        mixed = torch.bmm(odds.softmax(dim=2), values).view(users, self.heads, places, -1)
        rows = rows + self.drop(self.write(mixed.transpose(1, 2).reshape(users, places, width)))
        thought = functional.relu(self.think(self.between(rows)))
        read: torch.Tensor = rows + self.drop(self.conclude(thought))
        return read


class Transformer(nn.Module):
    """Attention layers over rows that know their place."""

    def __init__(self, settings: SequenceSettings, chance: Chance) -> None:
        super().__init__()
        self.places = nn.Parameter(torch.zeros(settings.length, settings.width))
        self.layers = nn.Sequential(*(Attention(settings, chance) for _ in range(settings.depth)))

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Return (b, places, width) of the same."""
        read: torch.Tensor = self.layers(rows + self.places[: rows.shape[1]])
        return read


class Convolution(nn.Module):
    """A causal dilated convolution on normed rows, added to what came in (as NextItNet, Yuan et al. 2019)."""

    def __init__(self, settings: SequenceSettings, chance: Chance, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.before = nn.LayerNorm(settings.width)
        self.mix = nn.Linear(KERNEL * settings.width, settings.width)
        self.conclude = nn.Linear(settings.width, settings.width)
        self.drop = Dropout(settings.dropout, chance)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Return (b, places, width) of the same."""
        normed, places = self.before(rows), rows.shape[1]
        padded = functional.pad(normed, (0, 0, (KERNEL - 1) * self.dilation, 0))
        seen = torch.cat([padded[:, step * self.dilation :][:, :places] for step in range(KERNEL)], dim=2)
        read: torch.Tensor = rows + self.drop(self.conclude(functional.relu(self.mix(seen))))
        return read


class Convolutions(nn.Module):
    """Convolutions whose reach doubles from layer to layer."""

    def __init__(self, settings: SequenceSettings, chance: Chance) -> None:
        super().__init__()
        self.layers = nn.Sequential(*(Convolution(settings, chance, 2**layer) for layer in range(settings.depth)))

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Return (b, places, width) of the same."""
        read: torch.Tensor = self.layers(rows)
        return read


class Recurrence(nn.Module):
    """A gated recurrent layer (GRU4Rec, Hidasi et al. 2016), added to what came in."""

    def __init__(self, settings: SequenceSettings, chance: Chance) -> None:
        super().__init__()
        self.before = nn.LayerNorm(settings.width)
        self.gates = nn.GRU(settings.width, settings.width, batch_first=True)
        self.drop = Dropout(settings.dropout, chance)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Return (b, places, width) of the same."""
        read: torch.Tensor = rows + self.drop(self.gates(self.before(rows))[0])
        return read


class Recurrences(nn.Module):
    """Recurrent layers one above another."""

    def __init__(self, settings: SequenceSettings, chance: Chance) -> None:
        super().__init__()
        self.layers = nn.Sequential(*(Recurrence(settings, chance) for _ in range(settings.depth)))

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Return (b, places, width) of the same."""
        read: torch.Tensor = self.layers(rows)
        return read


ENCODERS = {"transformer": Transformer, "cnn": Convolutions, "gru": Recurrences}


class SequenceNetwork(nn.Module):
    """Embeds `item_count` items, of content (items, D) where that is used, and reads sequences of them."""

    def __init__(self, settings: SequenceSettings, item_count: int, content: torch.Tensor) -> None:
        super().__init__()
        self.settings, self.content, self.chance = settings, content, Chance()
        width = settings.width
        known_by_id, known_by_content = settings.embeddings != "content", settings.embeddings != "ids"
        self.table = nn.Parameter(SPREAD * torch.randn(item_count if known_by_id else 0, width))
        self.projection = nn.Parameter(SPREAD * torch.randn(content.shape[1] if known_by_content else 0, width))
        self.start, self.hidden = (nn.Parameter(SPREAD * torch.randn(width)) for _ in range(2))
        self.liking = nn.Parameter(torch.zeros(2, width))
        self.bias = nn.Parameter(torch.zeros(item_count))
        self.drop = Dropout(settings.dropout, self.chance)
        self.encoder = ENCODERS[settings.encoder](settings, self.chance)
        self.norm = nn.LayerNorm(width)

    def embeddings(self, rows: torch.Tensor | None = None) -> torch.Tensor:
        """Return (items or rows, width) the embeddings of items; in training some are known by content alone."""
        table: torch.Tensor = self.table
        content = self.content
        if rows is not None:
            # Of rows that are looked up the gradient is summed faster than of an index.
            table = functional.embedding(rows, table) if self.settings.embeddings != "content" else table
            content = content[rows]
        if self.settings.embeddings == "ids":
            return table
        by_content = content @ self.projection
        if self.settings.embeddings == "content":
            return by_content
        if self.training and self.settings.id_dropout:
            table = table * (self.chance.kept((len(table), 1), self.settings.id_dropout) > 0)
        return table + by_content

    def forward(self, embeddings: torch.Tensor, read: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        """Return (b, places, width) what is expected after each place of `read` (b, places).

        `read` are rows of `embeddings` (r, width), START or HIDDEN; `weights` (b, places) how much each was liked.
        """
        # START is -1 and HIDDEN -2: the last rows, counted from the end.
        known = torch.cat([embeddings, self.hidden[None], self.start[None]])
        rows = functional.embedding(read.remainder(len(known)), known) * self.settings.width**0.5
        if self.settings.reads_weights:
            rows = rows + torch.stack((weights, weights.abs()), dim=2) @ self.liking
        expected: torch.Tensor = self.norm(self.encoder(self.drop(rows)))
        return expected
