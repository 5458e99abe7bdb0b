"""The fields of a form are those that the standard library reads, sooner."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from abckg.errors import UsageError
from abckg.store import DatasetSelection
from abckg.web.fields import Fields
from abckg.web.protocol import Asked

PIECES = st.sampled_from([b"%", b"\\", b"%5C", b"%25", b"%e6%97%A5", b"+", b"x41", b"4", b"g", b"\n", b"\xe6", b"\x00"])


def expected(encoded: bytes) -> str | None:
    """Return the value that the standard library reads; None where it is not UTF-8."""
    try:
        return unquote_to_bytes(encoded.replace(b"+", b" ")).decode("utf-8")
    except UnicodeDecodeError:
        return None


@given(st.one_of(st.binary(), st.lists(PIECES).map(b"".join)).map(lambda text: text.replace(b"&", b"%26")))
@example(b"%41%4")
@example(b"\\x41%41\\")
def test_value_is_decoded_as_by_the_standard_library(encoded: bytes) -> None:
    value = expected(encoded)

    if value is None:
        with pytest.raises(UsageError, match="is not UTF-8: byte"):
            Fields(b"query=" + encoded)
    else:
        assert Fields(b"query=" + encoded).single("query") == value


def test_values_of_several_forms_stand_in_order() -> None:
    fields = Fields(b"graph=a&graph=b&&flag", b"graph=c&%66lag=1")

    assert fields.values("graph") == ("a", "b", "c")
    assert (fields.first("flag", "none"), fields.first("other", "none")) == ("", "none")
    assert ("flag" in fields, "other" in fields, fields.values("other"), fields.single("other")) == (
        True,
        False,
        (),
        None,
    )


def test_more_fields_than_anybody_sends_are_an_error() -> None:
    assert Fields(b"a&" * 200).values("a") == ("",) * 200
    with pytest.raises(UsageError, match="more than 200 fields"):
        Fields(b"a&" * 201)


def test_requests_for_other_graphs_have_other_keys() -> None:
    datasets = [((), ()), (("u:a",), ()), ((), ("u:a",)), (("u:a", "u:b"), ()), (("u:a",), ("u:b",))]

    keys = {
        Asked(query, DatasetSelection(*dataset), None, inference).key
        for query in ("ASK {}", "\0ASK {}", "u:a\0\0ASK {}")
        for dataset in datasets
        for inference in (True, False)
    }

    assert len(keys) == 3 * len(datasets) * 2
