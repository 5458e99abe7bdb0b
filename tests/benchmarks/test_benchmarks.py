"""The generated data are the same each time, and in the terms of the ontology; the templates ask something of them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyoxigraph as ox
import pytest

from abckg.namespaces import ABC
from generate import Counts, Generator, kept, write
from tables import markdown
from templates import BOUNDED_JOINS, LOOKUPS, MIX, TEMPLATES, Parameters, mixed, text

ROOT = Path(__file__).resolve().parents[2]
SIZE = 10_000


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> Counts:
    return write(SIZE, tmp_path_factory.mktemp("data") / "small.nt")


@pytest.fixture(scope="module")
def store() -> ox.Store:
    store = ox.Store()
    store.bulk_load("".join(Generator(SIZE).lines()).encode(), format=ox.RdfFormat.N_TRIPLES)
    return store


@pytest.fixture(scope="module")
def sizes(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[ox.Store, Counts]]:
    """Two sizes in which no kind of record is at its least number."""
    folder = tmp_path_factory.mktemp("sizes")
    return [(loaded(path), counts) for path, counts in (kept(size, folder) for size in (70_000, 210_000))]


def loaded(path: Path) -> ox.Store:
    store = ox.Store()
    store.bulk_load(path=str(path), format=ox.RdfFormat.N_TRIPLES)
    return store


def matches(name: str, store: ox.Store, counts: Counts) -> int:
    """Return how much a template finds in forty answers."""
    parameters = Parameters(counts)
    answers = [store.query(text(name, parameters, "")) for _ in range(40)]
    return sum(1 for answer in answers if not isinstance(answer, ox.QueryBoolean) for _ in answer)


def digest(size: int, seed: int) -> str:
    return hashlib.sha256("".join(Generator(size, seed).lines()).encode()).hexdigest()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    assert digest(SIZE, 1) == digest(SIZE, 1) != digest(SIZE, 2)


def test_size_is_what_was_asked_for_and_no_triple_comes_twice(store: ox.Store, counts: Counts) -> None:
    assert len(store) == counts.triples
    assert abs(counts.triples - SIZE) < SIZE * 0.05


def test_terms_are_those_of_the_ontology(store: ox.Store) -> None:
    declared = {
        quad.subject.value
        for path in (ROOT / "ontology").glob("*.ttl")
        for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE)
        if isinstance(quad.subject, ox.NamedNode)
    }
    used = {term.value for quad in store for term in (quad.predicate, quad.object) if isinstance(term, ox.NamedNode)}

    assert {iri for iri in used if iri.startswith(ABC)} <= declared


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_finds_something(name: str, store: ox.Store, counts: Counts) -> None:
    parameters = Parameters(counts)

    answers = [store.query(text(name, parameters, str(turn))) for turn in range(12)]

    assert any(True for answer in answers if not isinstance(answer, ox.QueryBoolean) for _ in answer)


def test_mixed_queries_are_of_every_template_of_the_mix(counts: Counts) -> None:
    queries = mixed(counts, 80, seed=1)

    assert len(set(queries)) > 40
    assert len(queries) == 80
    assert set(MIX) <= set(TEMPLATES)


def test_data_are_written_once(tmp_path: Path) -> None:
    path, counts = kept(SIZE, tmp_path)
    path.write_text("as it was")

    assert kept(SIZE, tmp_path) == (path, counts)
    assert path.read_text() == "as it was"
    assert kept(SIZE, tmp_path, seed=2)[0] != path


@pytest.mark.parametrize("name", [*LOOKUPS, *BOUNDED_JOINS])
def test_lookup_or_bounded_join_finds_as_much_in_larger_data(name: str, sizes: list[tuple[ox.Store, Counts]]) -> None:
    small, large = (matches(name, *one) for one in sizes)

    assert 0.67 < large / small < 1.5


def test_what_begins_at_a_prefecture_finds_more_in_larger_data(sizes: list[tuple[ox.Store, Counts]]) -> None:
    small, large = (matches("not-exists", *one) for one in sizes)

    assert large > 2 * small


def test_parameters_are_at_the_same_place_in_data_of_any_size() -> None:
    small, large = (Parameters(Counts(0, 400 * n, 30 * n, 48 * n, 100 * n, 20 * n)) for n in (1, 10))
    drawn = [[int(p.network()[:-1].rpartition("/")[2]) for p in (small, large)] for _ in range(20)]

    assert all(one == other // 10 for one, other in drawn)


def test_table_has_a_ratio_for_each_peer() -> None:
    load = {"rate": 100.0, "p50": 1.0, "p99": 2.0, "errors": 0}
    ours = {"load_seconds": 2.0, "memory_loaded": 4e6, "memory_after": 5e6, "mix_1": load, "templates": {}}
    plan = {"rounds": 1, "seconds": 1}
    run = {"date": "2025-01-01", "counts": {"triples": 10}, "plan": plan, "machine": {"processors": 2}}

    table = markdown({**run, "servers": {"abckg": ours, "oxigraph": {**ours, "load_seconds": 4.0}}})

    assert "| load time | 0.50 |" in table
