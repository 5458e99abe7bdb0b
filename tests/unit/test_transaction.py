"""What a write means for a graph whose default graph is the union of ontology, data and what follows."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

import tiny
from abckg.dataset import DATA_GRAPH, ONTOLOGY_GRAPH, Dataset
from abckg.errors import AbckgError, MalformedGraph, QueryError, QueryRefused, WriteError, WriteRefused
from abckg.namespaces import INFERRED_GRAPH
from abckg.store import DatasetSelection
from abckg.writing.gate import Gate
from abckg.writing.judge import Judge
from abckg.writing.transaction import Body, Change, GraphWrite, Update, apply, consequences, graph_of

BASE = "http://base.example/"
ONTOLOGY = tiny.triples(
    "abc:Hub rdfs:subClassOf abc:Collaboration . abc:Collaboration a owl:Class . abc:Hub a owl:Class, owl:Class ; "
    "owl:disjointWith abc:Document . abc:Document a owl:Class ."
)
SHAPES = tiny.triples(
    "abc:HubShape a sh:NodeShape ; sh:targetClass abc:Hub ; sh:property abc:HubLabel ."
    ' abc:HubLabel sh:path rdfs:label ; sh:minCount 1 ; sh:message "Name it."@en, "名前を付ける。"@ja .'
)
DATA = tiny.triples('hub:coins a abc:Hub ; rdfs:label "COINS" .')
INFERRED = tiny.triples("hub:coins a abc:Collaboration .")
COINS = f"<{tiny.BASE}id/hub/coins>"
ABC = f"{tiny.BASE}ontology#"


class World:
    """The tiny dataset in memory, as the writer keeps it, with one graph of another name."""

    def __init__(self) -> None:
        dataset = Dataset(ONTOLOGY, DATA, INFERRED, tiny.PREFIXES)
        other = ox.Quad(ox.NamedNode("s:s"), ox.NamedNode("p:p"), ox.Literal("o"), ox.NamedNode("urn:other"))
        self.quads = {quad for quad in (*dataset.quads(), other) if graph_of(quad)}
        self.store = ox.Store()
        self.store.extend(self.quads)
        self.judge = Judge(Gate(ONTOLOGY, (), SHAPES), self.quads)

    def write(self, write: Update | GraphWrite) -> Change:
        names = {graph_of(quad) for quad in self.quads}
        apply(write, self.store)
        return consequences(self.quads, names, self.store, self.judge)

    def update(self, text: str, using: DatasetSelection | None = None) -> Change:
        return self.write(Update(text, BASE, using or DatasetSelection()))


@pytest.fixture
def world() -> World:
    return World()


def short(quads: frozenset[ox.Quad]) -> set[tuple[str, str]]:
    """Return object and graph of each quad by their last parts."""
    return {
        (str(quad.object).strip('<">').rpartition("#")[2].rpartition("/")[2], graph_of(quad).rpartition("/")[2])
        for quad in quads
    }


def test_insert_into_the_default_graph_states_it_and_what_follows_is_added(world: World) -> None:
    change = world.update(f'INSERT DATA {{ <h:h> a <{ABC}Hub> ; <http://www.w3.org/2000/01/rdf-schema#label> "H" }}')

    everywhere = {("Hub", "data"), ("Hub", ""), ("H", "data"), ("H", "")}
    assert short(change.added) == everywhere | {("Collaboration", "inferred"), ("Collaboration", "")}
    assert not change.removed
    assert not change.violations


def test_delete_of_what_was_stated_takes_along_what_followed(world: World) -> None:
    change = world.update(f"DELETE WHERE {{ {COINS} a <{ABC}Hub> }}")

    assert short(change.removed) == {(name, graph) for name in ("Hub",) for graph in ("data", "")} | {
        ("Collaboration", "inferred"),
        ("Collaboration", ""),
    }


def test_delete_of_what_follows_changes_nothing(world: World) -> None:
    assert not world.update(f"DELETE DATA {{ {COINS} a <{ABC}Collaboration> }}")


def test_statement_that_also_follows_stays_in_the_default_graph_when_it_is_no_longer_stated(world: World) -> None:
    stated = world.update(f"INSERT DATA {{ {COINS} a <{ABC}Collaboration> }}")

    assert short(stated.added) == {("Collaboration", "data")}
    assert short(stated.removed) == {("Collaboration", "inferred")}


def test_pattern_sees_the_union_and_later_operations_what_earlier_ones_wrote(world: World) -> None:
    change = world.update(
        f"INSERT {{ ?s <p:seen> 1 }} WHERE {{ ?s a <{ABC}Collaboration> }} ; "
        f"INSERT {{ GRAPH <urn:new> {{ ?s <p:twice> 2 }} }} WHERE {{ GRAPH <{DATA_GRAPH}> {{ ?s <p:seen> 1 }} }}"
    )

    assert {quad.predicate.value for quad in change.added} == {"p:seen", "p:twice"}


@pytest.mark.parametrize(
    "text",
    [
        f"INSERT DATA {{ GRAPH <{ONTOLOGY_GRAPH}> {{ <s:s> <p:p> 1 }} }}",
        f"DELETE {{ GRAPH ?g {{ ?s ?p ?o }} }} WHERE {{ GRAPH ?g {{ ?s ?p ?o FILTER(?g = <{INFERRED_GRAPH}>) }} }}",
        f"DROP GRAPH <{INFERRED_GRAPH}>",
        f"COPY <urn:other> TO <{ONTOLOGY_GRAPH}>",
        f"MOVE <{ONTOLOGY_GRAPH}> TO <urn:mine>",
    ],
    ids=["insert", "delete", "drop", "copy", "move"],
)
def test_ontology_and_what_follows_cannot_be_written(world: World, text: str) -> None:
    with pytest.raises(WriteRefused):
        world.update(text)


def test_clear_all_leaves_the_ontology(world: World) -> None:
    change = world.update("CLEAR ALL")

    assert {graph_of(quad) for quad in change.removed} == {"", DATA_GRAPH, INFERRED_GRAPH, "urn:other"}
    assert not any(quad.triple in ONTOLOGY for quad in change.removed)


def test_drop_named_leaves_the_data_and_drops_the_rest(world: World) -> None:
    change = world.update("DROP NAMED")

    assert {graph_of(quad) for quad in change.removed} == {"urn:other"}
    assert change.dropped == {"urn:other"}


@pytest.mark.parametrize(
    ("text", "graphs"),
    [
        ("ADD <urn:other> TO DEFAULT", {DATA_GRAPH, ""}),
        ("MOVE <urn:other> TO <urn:new>", {"urn:other", "urn:new"}),
        (f"COPY DEFAULT TO <{DATA_GRAPH}>", set()),
        ("CREATE GRAPH <urn:new>", {"urn:new"}),
        ("CLEAR SILENT GRAPH <urn:none> ; CREATE SILENT GRAPH <urn:other>", set()),
        ("COPY SILENT <urn:none> TO <urn:other>", set()),
    ],
)
def test_operation_on_graphs_changes_its_graphs(world: World, text: str, graphs: set[str]) -> None:
    assert world.update(text).graphs == graphs


def test_copy_of_the_default_graph_has_all_that_a_query_sees(world: World) -> None:
    change = world.update("COPY DEFAULT TO <urn:new>")

    assert {quad.triple for quad in change.added} == {*ONTOLOGY, *DATA, *INFERRED}


@pytest.mark.parametrize(
    "text",
    ["DROP GRAPH <urn:none>", "CREATE GRAPH <urn:other>", "ADD <urn:none> TO DEFAULT", "CLEAR GRAPH <urn:none>"],
)
def test_graph_that_is_missing_or_there_already_is_an_error(world: World, text: str) -> None:
    with pytest.raises(WriteError):
        world.update(text)


def test_graphs_of_the_request_are_those_of_patterns(world: World) -> None:
    chosen = DatasetSelection(("urn:other",), (DATA_GRAPH,))

    change = world.update("INSERT { GRAPH <urn:new> { ?s ?p ?o } } WHERE { ?s ?p ?o }", chosen)

    assert {quad.subject.value for quad in change.added if isinstance(quad.subject, ox.NamedNode)} == {"s:s"}
    for text in ("DELETE { ?s ?p ?o } USING <urn:other> WHERE { ?s ?p ?o }", "WITH <g:g> DELETE { ?s ?p ?o } WHERE {}"):
        with pytest.raises(QueryError, match="USING or WITH"):
            world.update(text, chosen)


def test_result_that_violates_the_shapes_is_told_with_both_languages(world: World) -> None:
    (violation,) = world.update(f"INSERT DATA {{ <h:h> a <{ABC}Hub> }}").violations

    assert (violation.focus, violation.messages) == (ox.NamedNode("h:h"), {"en": "Name it.", "ja": "名前を付ける。"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"INSERT DATA {{ {COINS} a <{ABC}Document> }}", WriteError),
        ("INSERT DATA { <s:s> <http://www.w3.org/2002/07/owl#inverseOf> <o:o> }", WriteError),
        ("INSERT DATA { <s:s> <p:p> <<( <a:a> <b:b> 1 )>> }", QueryError),
        (f"INSERT {{ <s:s> <p:p> 1 }} WHERE {{ {'{' * 70}{'}' * 70} }}", QueryRefused),
    ],
    ids=["contradicts", "axiom", "triple-term", "nested"],
)
def test_write_that_cannot_be_held_is_refused(world: World, text: str, expected: type[AbckgError]) -> None:
    with pytest.raises(expected):
        world.update(text)


def test_graph_is_put_added_to_and_removed(world: World) -> None:
    body = Body("text/turtle", "http://g.example/", b"<a> <p:p> [] .")

    put = world.write(GraphWrite("urn:other", (body,), replaces=True))

    assert (len(put.added), len(put.removed)) == (1, 1)
    assert {quad.subject.value for quad in put.added if isinstance(quad.subject, ox.NamedNode)} == {
        "http://g.example/a"
    }
    assert World().write(GraphWrite("urn:other", (body,))).removed == frozenset()
    assert World().write(GraphWrite("urn:other", removes=True)).dropped == {"urn:other"}


@pytest.mark.parametrize(
    ("media_type", "content", "place"),
    [
        ("text/turtle", b"<a:a> <b:b>\n <c:c", (2, 2)),
        ("application/n-triples", b"<a:a> <b:b> 1 .", (1, 13)),
        ("application/ld+json", b'{"@id":\n', (2, 1)),
        ("application/n-quads", b"<a:a> <b:b> <c:c> <urn:another> .", (None, None)),
        ("application/ld+json", b'{"@context": "http://127.0.0.1:1/c", "@id": "a:a"}', (None, None)),
    ],
    ids=["turtle", "n-triples", "json-ld", "other-graph", "remote-context"],
)
def test_malformed_graph_is_told_with_its_place(
    world: World, media_type: str, content: bytes, place: tuple[int | None, int | None]
) -> None:
    with pytest.raises(MalformedGraph) as caught:
        world.write(GraphWrite("urn:g", (Body(media_type, BASE, content),)))

    assert (caught.value.line, caught.value.column) == place
