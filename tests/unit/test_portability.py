"""What other servers write differently is evened out."""

from __future__ import annotations

import pytest

from abckg.portability import normal_results
from abckg.store import RemoteStore

BOOLEAN = b'{ "type": "typed-literal", "datatype": "http://www.w3.org/2001/XMLSchema#boolean", "value": "%s" }'


@pytest.mark.parametrize(("written", "meant"), [(b"1", b"true"), (b"0", b"false"), (b"true", b"true")])
def test_booleans_are_true_and_false(written: bytes, meant: bytes) -> None:
    assert normal_results(BOOLEAN % written) == BOOLEAN % meant


def test_value_that_looks_like_a_boolean_binding_is_left_alone() -> None:
    body = b'{ "value": "\\"datatype\\": \\"http://www.w3.org/2001/XMLSchema#boolean\\", \\"value\\": \\"1\\"" }'

    assert normal_results(body) == body


def test_graphs_in_the_address_are_the_dataset_and_not_part_of_the_address() -> None:
    store = RemoteStore("http://h.example/sparql?default-graph-uri=urn:a&default-graph-uri=urn:b&named-graph-uri=urn:a")

    assert store.endpoint == "http://h.example/sparql"
    assert (store.dataset.default, store.dataset.named) == (("urn:a", "urn:b"), ("urn:a",))


@pytest.mark.parametrize("text", ["ASK FROM <urn:c> { ?s ?p ?o }", "ASK from named <urn:c> { GRAPH ?g { ?s ?p ?o } }"])
def test_query_with_a_dataset_of_its_own_keeps_it(text: str) -> None:
    store = RemoteStore("http://127.0.0.1:1/sparql?default-graph-uri=urn:a")

    assert store.dataset_of(text) is None
    assert store.dataset_of('ASK { ?from ?p "FROM <urn:c>" }') is store.dataset
