"""Random trees of expressions and conditions, for laws that hold for all of them."""

from __future__ import annotations

from hypothesis import strategies as st

from mes.model.condition_tree import AllOf, AnyOf, Comparison, Lasting, Negation, Node
from mes.model.expression import Arithmetic, Call, Negative, Term
from mes.model.quantity import Quantity
from mes.model.reference import Reference, ReferenceKind

OPERATORS = ("<", "<=", ">", ">=", "==", "!=")

tags = st.sampled_from(["FU-301.TC_CORE", "SC_1", "A", "andrew", "for-2.not", "x_9.Y-Z.0", "min", "report", "abs-1"])
uoms = st.sampled_from(["degC", "%LEL", "vol%", "1/h", "mbar.l/s", "mg/cm2", "1", "%", "N/mm", "degC/min"])
quantities = st.builds(Quantity, st.decimals(min_value=-1000, max_value=1000, places=3), uoms)
durations = st.builds(
    Quantity, st.decimals(min_value="0.1", max_value=500, places=1), st.sampled_from(["s", "min", "h"])
)
words = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
names = words.filter(lambda name: name not in {"size", "input", "lot"})
values = words.filter(lambda name: name not in {"and", "or", "not", "for"})
quoted = st.text(st.characters(exclude_characters='"\n', exclude_categories=("Cs",)), min_size=1, max_size=12).filter(
    lambda name: name.strip() != ""
)
references = st.one_of(
    st.just(Reference(kind=ReferenceKind.SIZE)),
    st.builds(Reference, kind=st.just(ReferenceKind.FORMULA), name=names),
    st.builds(Reference, kind=st.just(ReferenceKind.INPUT), name=words),
    st.builds(Reference, kind=st.just(ReferenceKind.LOT), name=words, item=words),
    st.builds(
        Reference,
        kind=st.sampled_from([ReferenceKind.REPORT, ReferenceKind.RESULT]),
        name=quoted,
        item=values,
    ),
    st.builds(Reference, kind=st.just(ReferenceKind.ANSWER), name=quoted),
)


def calculated(inner: st.SearchStrategy[Term], operators: str = "+-*/") -> st.SearchStrategy[Term]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Arithmetic, inner, st.sampled_from(operators), inner),
        st.builds(Negative, inner),
        st.builds(Call, st.sampled_from(["min", "max"]), several),
        st.builds(Call, st.just("abs"), st.tuples(inner)),
    )


def terms(leaves: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    return st.recursive(leaves, calculated, max_leaves=5)


expressions = terms(st.one_of(quantities, references))
looked_at = terms(st.one_of(tags, references))
sides = terms(st.one_of(quantities, tags, references))
comparisons = st.one_of(
    st.builds(Comparison, looked_at, st.sampled_from(OPERATORS), sides),
    st.builds(Comparison, sides, st.sampled_from(OPERATORS), looked_at),
)


def conditions(leaves: st.SearchStrategy[Node], *, max_leaves: int = 8) -> st.SearchStrategy[Node]:
    def joined(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        return st.one_of(
            st.builds(Negation, inner),
            st.builds(Lasting, inner, durations),
            st.builds(AllOf, several),
            st.builds(AnyOf, several),
        )

    return st.recursive(leaves, joined, max_leaves=max_leaves)
