"""The index finds what a look at every entry would find."""

from hypothesis import given
from hypothesis import strategies as st

from inventory_service.lookup.text_index import TextIndex, Texts

keys = st.text(alphabet="abé中 \U0001f600", max_size=4)
entries = st.lists(st.tuples(keys, st.integers(0, 5)), max_size=40)


@given(entries, keys)
def test_exact_and_prefix_equal_a_look_at_every_entry(pairs, wanted):
    index = TextIndex(pairs)
    assert index.exact(wanted) == sorted({number for key, number in pairs if key == wanted})
    expected = [number for key, number in sorted(set(pairs)) if key.startswith(wanted)]
    assert sorted(index.prefix(wanted).tolist()) == sorted(expected)
    assert len(index) == len(set(pairs))


@given(st.lists(st.one_of(keys, st.just("twice"))))
def test_texts_are_told_as_they_were_given(given_texts):
    texts = Texts(given_texts)
    assert [texts[number] for number in range(len(texts))] == given_texts
