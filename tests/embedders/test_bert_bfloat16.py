"""BERT's layers in bfloat16 beside transformers' own in float32; on any processor that packs bfloat16 at all."""

import copy
from typing import Any

import pytest
import torch
from transformers import BertConfig, BertModel, RobertaConfig, RobertaModel

from embedders import bert_bfloat16
from embedders.bert_bfloat16 import SHORT, BertLayerBfloat16, _attended, _bias, pack_bert

SIZES: dict[str, Any] = {
    "vocab_size": 50, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64,
    "max_position_embeddings": 200,
}  # fmt: skip


def tiny(**settings: Any) -> Any:
    torch.manual_seed(5)
    return BertModel(BertConfig(**(SIZES | settings))).eval()


def packed(model: torch.nn.Module) -> Any:
    given = copy.deepcopy(model)
    if not pack_bert(given):
        pytest.skip("this torch packs no weights of bfloat16 on this processor")
    return given


@pytest.mark.parametrize("tokens", [1, 7, SHORT, SHORT + 1, 130])
@pytest.mark.parametrize("padded", [False, True])
def test_each_token_has_the_vector_of_float32(tokens: int, padded: bool) -> None:
    model = tiny()
    ids = torch.randint(0, 50, (3, tokens), generator=torch.Generator().manual_seed(tokens))
    mask = torch.ones(3, tokens, dtype=torch.int64)
    if padded:
        mask[1, (tokens + 1) // 2 :] = 0
    with torch.inference_mode():
        exact, halved = (of(ids, attention_mask=mask).last_hidden_state for of in (model, packed(model)))
    assert halved.dtype is torch.float32
    read = mask.bool()
    assert torch.nn.functional.cosine_similarity(exact[read], halved[read]).min() > 0.9995
    assert not torch.equal(exact[read], halved[read]), "nothing was multiplied in bfloat16"


def test_padding_changes_no_row() -> None:
    model = packed(tiny())
    ids = torch.arange(10)[None]
    mask = torch.ones_like(ids)
    with torch.inference_mode():
        alone = model(ids, attention_mask=mask).last_hidden_state[0]
        for beyond in (3, SHORT + 20):
            wider, wide_mask = torch.zeros(1, 10 + beyond, dtype=torch.int64), torch.zeros(1, 10 + beyond)
            wider[:, :10], wide_mask[:, :10] = ids, 1
            found = model(wider, attention_mask=wide_mask).last_hidden_state[0, :10]
            torch.testing.assert_close(found, alone, atol=2e-2, rtol=0.0)


@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("tokens", [5, SHORT, SHORT + 1, 90, 96, 100])  # 90 is made 96
def test_attention_is_the_softmax_of_the_scores(tokens: int, padded: bool) -> None:
    draw = torch.Generator().manual_seed(tokens)
    queries, keys, values = (torch.randn(2, 3, tokens, 8, generator=draw).bfloat16() for _ in range(3))
    read = torch.rand(2, 1, 1, tokens, generator=draw) > (0.3 if padded else -1.0)
    scores = queries.double() @ keys.double().transpose(2, 3)
    shares = scores.masked_fill(~read, -torch.inf).softmax(-1)
    found = _attended(queries, keys, values, _bias(read) if padded else None)
    torch.testing.assert_close(found.double(), shares @ values.double(), atol=4e-2, rtol=0.0)


def test_a_roberta_is_packed_too() -> None:
    torch.manual_seed(6)
    assert isinstance(packed(RobertaModel(RobertaConfig(**SIZES)).eval()).encoder.layer[0], BertLayerBfloat16)


@pytest.mark.parametrize("settings", [{"hidden_act": "relu"}, {"is_decoder": True}, {"attn_implementation": "eager"}])
def test_what_is_another_model_stays_as_it_is(settings: dict[str, Any]) -> None:
    model = tiny(**settings)
    layers = list(model.encoder.layer)
    assert not pack_bert(model)
    assert list(model.encoder.layer) == layers
    assert not pack_bert(torch.nn.Linear(2, 2))


@pytest.mark.parametrize("fault", ["padding is read", "nothing is activated"])
def test_layers_that_say_something_else_are_not_taken(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny()
    with torch.no_grad():
        for linear in (part for part in model.modules() if isinstance(part, torch.nn.Linear)):
            linear.weight.mul_(20.0)  # so that a layer changes what it is given
    packed(model)  # skips where nothing is packed at all
    linear_kind = bert_bfloat16._Linear
    if fault == "padding is read":
        monkeypatch.setattr(bert_bfloat16, "_bias", lambda _: None)
    else:
        monkeypatch.setattr(bert_bfloat16, "_Linear", lambda weight, bias, *_: linear_kind(weight, bias))
    assert not pack_bert(model)
    assert {type(layer).__name__ for layer in model.encoder.layer} == {"BertLayer"}


def test_a_torch_that_packs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("bf16 path needs the cpu support avx512bw, avx512vl and avx512dq")

    monkeypatch.setattr(bert_bfloat16, "_Linear", refuse)
    assert not pack_bert(tiny())
