"""References: each kind writes the text it was read from, and a text that is none says what to write."""

from __future__ import annotations

import pytest

from mes.model.reference import BadReference, Reference, ReferenceKind, dollar_reference, named_reference


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        (Reference(kind=ReferenceKind.SIZE), "$size"),
        (Reference(kind=ReferenceKind.FORMULA, name="mill_time"), "$mill_time"),
        (Reference(kind=ReferenceKind.INPUT, name="Li2S"), "$input.Li2S"),
        (Reference(kind=ReferenceKind.LOT, name="Li2S", item="assay"), "$lot.Li2S.assay"),
    ],
)
def test_a_reference_after_a_dollar_writes_its_text(reference: Reference, text: str) -> None:
    assert str(reference) == text
    assert dollar_reference(text) == reference


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        (
            Reference(kind=ReferenceKind.REPORT, name="Weigh/Weigh Li2S", item="net_weight"),
            'report("Weigh/Weigh Li2S", net_weight)',
        ),
        (Reference(kind=ReferenceKind.RESULT, name="QC (2)", item="li2s_peak"), 'result("QC (2)", li2s_peak)'),
        (Reference(kind=ReferenceKind.ANSWER, name="Check thickness"), 'answer("Check thickness")'),
    ],
)
def test_a_reference_to_an_earlier_step_writes_its_text(reference: Reference, text: str) -> None:
    assert str(reference) == text
    assert named_reference(reference.kind, reference.name, reference.item) == reference


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("$size.kg", "the batch size is '$size'"),
        ("$input", "write '$input.NAME'"),
        ("$lot.Li2S", "write '$lot.INPUT.PROPERTY'"),
        ("$inptu.Li2S", "did you mean '$input.Li2S'?"),
        ("$mill.time", "a formula value is '$mill'"),
    ],
)
def test_a_text_with_words_too_few_or_too_many_is_no_reference(text: str, said: str) -> None:
    with pytest.raises(BadReference) as error:
        dollar_reference(text)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("kind", "name", "item", "said"),
    [
        (ReferenceKind.REPORT, " ", "net_weight", "names nothing"),
        (ReferenceKind.REPORT, "Weigh", "", "which value of the report?"),
        (ReferenceKind.RESULT, "QC", "", "'result(\"QC\", li2s_peak)'"),
        (ReferenceKind.ANSWER, "Check", "thickness", "write 'answer(\"Check\")'"),
    ],
)
def test_a_call_with_words_too_few_or_too_many_is_no_reference(
    kind: ReferenceKind, name: str, item: str, said: str
) -> None:
    with pytest.raises(BadReference) as error:
        named_reference(kind, name, item)
    assert said in str(error.value)
