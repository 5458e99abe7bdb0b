"""What changed between two states: folders or revisions, told record by record."""

from __future__ import annotations

import gzip
import subprocess
from pathlib import Path

import pyoxigraph as ox
import pytest

from abckg.build import build
from abckg.difference import Change, change_sets, compare, markdown, opened, sparql_update, text
from abckg.errors import SourceError, UsageError
from abckg.namespaces import load_prefixes
from abckg.sources import read
from small import GOAL, put, write_small

FILE = "data/goal/tidy-region.ttl"


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return write_small(tmp_path / "small")


def git(folder: Path, *arguments: str) -> None:
    names = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    subprocess.run(["git", "-C", str(folder), *names, *arguments], check=True, capture_output=True)


def test_the_same_state_has_no_change(dataset: Path) -> None:
    assert compare(read(dataset), read(dataset)) == []
    assert markdown([], load_prefixes(dataset)) == "No record changed.\n"


def test_changed_new_and_gone_records_are_told_apart(dataset: Path, tmp_path: Path) -> None:
    other = write_small(tmp_path / "other")
    put(other, FILE, GOAL.replace("Tidy region", "Neat region"))
    put(other, "data/goal/new.ttl", GOAL.replace("tidy-region", "new"))
    (other / "data/programme/alpha.ttl").unlink()

    changes = compare(read(dataset), read(other))

    assert [(c.subject.rsplit("/id/")[1], c.kind) for c in changes] == [
        ("goal/new", "added"),
        ("goal/tidy-region", "changed"),
        ("programme/alpha", "removed"),
    ]


def test_a_changed_value_is_one_line_removed_and_one_added(dataset: Path, tmp_path: Path) -> None:
    other = write_small(tmp_path / "other")
    put(other, FILE, GOAL.replace("Tidy region", "Neat region"))
    changes = compare(read(dataset), read(other))

    assert text(changes, load_prefixes(dataset)) == (
        "changed: goal:tidy-region  Neat region\n"
        '  - goal:tidy-region skos:prefLabel "Tidy region"@en\n'
        '  + goal:tidy-region skos:prefLabel "Neat region"@en\n'
    )
    assert '+ goal:tidy-region skos:prefLabel "Neat region"@en' in markdown(changes, load_prefixes(dataset))
    assert text(changes, load_prefixes(dataset), "ja").startswith("変更: goal:tidy-region  整った地域\n")
    assert markdown(changes, load_prefixes(dataset), "ja").startswith("1件の記録に変更があります。\n\n### 変更: ")


def test_a_revision_is_read_from_git(dataset: Path) -> None:
    git(dataset, "init", "-q")
    git(dataset, "add", ".")
    git(dataset, "commit", "-qm", "first")
    put(dataset, FILE, GOAL.replace("Tidy region", "Neat region"))

    with opened("HEAD", dataset) as old, opened(str(dataset), dataset) as new:
        assert [change.kind for change in compare(old, new)] == ["changed"]


def test_unknown_state_is_named(dataset: Path) -> None:
    with (
        pytest.raises(UsageError, match="nowhere: neither a folder, a dump nor a git revision"),
        opened("nowhere", dataset),
    ):
        pass


def changed(dataset: Path, tmp_path: Path) -> tuple[Path, list[Change]]:
    other = write_small(tmp_path / "other")
    put(other, FILE, GOAL.replace("Tidy region", 'Neat \\"region\\"'))
    (other / "data/programme/alpha.ttl").unlink()
    return other, compare(read(dataset), read(other))


def test_change_sets_hold_each_statement_that_was_added_or_removed(dataset: Path, tmp_path: Path) -> None:
    _, changes = changed(dataset, tmp_path)

    store = ox.Store()
    store.load(change_sets(changes, load_prefixes(dataset)), format=ox.RdfFormat.TURTLE)

    rows = store.query("""
        PREFIX cs: <http://purl.org/vocab/changeset/schema#>
        PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
        SELECT ?record ?how ?s ?p ?o WHERE {
          ?set a cs:ChangeSet ; cs:subjectOfChange ?record ; ?how ?statement .
          ?statement rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o .
        }""")
    assert isinstance(rows, ox.QuerySolutions)
    told = {(str(r["record"]), str(r["how"])[-9:-1], ox.Triple(r["s"], r["p"], r["o"])) for r in rows}
    assert told == {
        *((f"<{c.subject}>", "addition", t) for c in changes for t in c.added),
        *((f"<{c.subject}>", "#removal", t) for c in changes for t in c.removed),
    }


def test_the_update_turns_the_old_state_into_the_new_one(dataset: Path, tmp_path: Path) -> None:
    other, changes = changed(dataset, tmp_path)
    store = ox.Store()
    store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in read(dataset).triples("data"))

    store.update(sparql_update(changes))

    assert {quad.triple for quad in store} == set(read(other).triples("data"))
    assert sparql_update([]) == ""


def test_a_release_is_compared_by_its_dump(dataset: Path, tmp_path: Path) -> None:
    other, changes = changed(dataset, tmp_path)
    build(dataset, tmp_path / "old")
    build(other, tmp_path / "new")
    plain = tmp_path / "new.nq"
    plain.write_bytes(gzip.decompress((tmp_path / "new/dumps/abc-kg.nq.gz").read_bytes()))

    with opened(str(tmp_path / "old"), dataset) as old, opened(str(plain), dataset) as new:
        assert compare(old, new) == changes


def test_a_malformed_dump_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.nq").write_text("nothing", encoding="utf-8")
    (tmp_path / "x.csv").write_text("nothing", encoding="utf-8")

    with pytest.raises(SourceError, match="cannot be read"), opened(str(tmp_path / "x.nq"), tmp_path):
        pass
    with pytest.raises(UsageError, match="a dump is named"), opened(str(tmp_path / "x.csv"), tmp_path):
        pass


def test_a_long_comment_is_cut_and_says_so_and_text_cannot_leave_its_frame(dataset: Path) -> None:
    word = ox.Literal("`" * 4 + "x" * 40_000)
    triple = ox.Triple(ox.NamedNode("https://example.org/a"), ox.NamedNode("https://example.org/p"), word)
    changes = [Change(f"https://example.org/{n}", "[a](b) @all", "added", (triple,), ()) for n in range(3)]

    told = markdown(changes, load_prefixes(dataset))

    assert len(told) < 65_536
    assert "… and 2 more" in told
    assert "`````diff" in told
    assert "\\[a\\](b) \\@all" in told
