"""Search by names, codes and descriptions."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tiny
from abckg.dataset import Dataset
from abckg.errors import SearchUnavailable, StoreError, UsageError
from abckg.namespaces import ABC, ID
from abckg.search.entries import Field, entries_of
from abckg.search.folding import fold
from abckg.search.grams import wanted
from abckg.search.index import build_index, index_store
from abckg.search.search import Found, Marked, Match, Search, SearchIndex
from abckg.store import EmbeddedStore

LABELS = {
    "hub/coins": ("スマートライフケア拠点", "COINS (Center of Open Innovation)"),
    "hub/x": ("広島Bio-DX産学共創拠点", "Hiroshima Bio-DX Hub"),
    "place/jp-34": ("広島県", "Hiroshima Prefecture"),
    "place/jp-28": ("兵庫県", "Hyōgo Prefecture"),
    "organization/hu": ("広島大学", "Hiroshima University"),
    "organization/phc": ("Ｐ Ｈ Ｃ 株式会社", "PHC Corporation"),
    "concept/people": ("ヒト、モノ、カネ", "People, goods & money"),
}
MORE = """
<https://w3id.org/abc-kg/id/place/jp-34> a abc:Prefecture ; abc:localGovernmentCode "340006" .
<https://w3id.org/abc-kg/id/organization/hu> a abc:University ; skos:altLabel "広大"@ja ;
  abc:locatedIn <https://w3id.org/abc-kg/id/place/jp-34> ; skos:exactMatch <https://ror.org/03t78wx29> .
hub:coins a abc:Hub ; skos:definition "体の中の病院をめざす。"@ja , "In-body hospitals."@en .
<https://w3id.org/abc-kg/id/hub/coins/item-1> abc:statementText "地域の医療と地域の産業"@ja .
<https://w3id.org/abc-kg/id/hub/coins/member-1> org:member <https://w3id.org/abc-kg/id/organization/phc> ;
  abc:nameAsPrinted "ピーエイチシー" .
<https://w3id.org/abc-kg/id/hub/x> a abc:Hub .
"""


def store(labels: dict[str, tuple[str, str]], more: str = "") -> EmbeddedStore:
    label = ox.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
    triples = [
        ox.Triple(ox.NamedNode(f"{ID}{name}"), label, ox.Literal(text, language=language))
        for name, texts in labels.items()
        for language, text in zip(("ja", "en"), texts, strict=True)
    ]
    inferred = tiny.triples("<https://w3id.org/abc-kg/id/hub/x> a abc:Collaboration .")
    return EmbeddedStore.from_dataset(Dataset((), (*triples, *tiny.triples(more)), inferred, tiny.PREFIXES))


@pytest.fixture(scope="module")
def index() -> SearchIndex:
    return SearchIndex.of(store(LABELS, MORE))


def names(found: Found) -> list[str]:
    return [hit.iri.removeprefix(ID) for hit in found.hits]


def marked(text: Marked | None) -> list[str]:
    assert text is not None
    return [text.text[begin:end] for begin, end in text.marks]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("広島", ["place/jp-34", "hub/x", "organization/hu"]),
        ("県", ["place/jp-34", "place/jp-28"]),
        ("hiroshima", ["place/jp-34", "hub/x", "organization/hu"]),
        ("HIROSHIMA uni", ["organization/hu"]),
        ("bio dx", ["hub/x"]),
        ("ｂｉｏＤＸ", []),
        ("hyogo", ["place/jp-28"]),
        ("ひと もの", ["concept/people"]),
        ("money people", ["concept/people"]),
        ('"people money"', []),
        ('"goods & money"', ["concept/people"]),
        ("共創 Hub", ["hub/x"]),
        ("DX産学 広島", ["hub/x"]),
        ("広大", ["organization/hu"]),
        ("ﾋﾟｰｴｲﾁｼｰ", ["organization/phc"]),
        ("PHC株式会社", ["organization/phc"]),
        ("340006", ["place/jp-34"]),
        ("03t78wx29", ["organization/hu"]),
        ("place:jp-28", ["place/jp-28"]),
        ("病院", ["hub/coins"]),
        ("hosp", ["hub/coins"]),
        ("ospital", []),
        ("医療 COINS", ["hub/coins"]),
        ("量子", []),
    ],
)
def test_text_finds_things_in_order(index: SearchIndex, text: str, expected: list[str]) -> None:
    found = index.search(text)

    assert names(found) == expected
    assert (found.total, found.is_counted) == (len(expected), True)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("広島県", Match.EXACT),
        ("広大", Match.EXACT),
        ("広", Match.PREFIX),
        ("島県", Match.SUBSTRING),
        ("兵 県", Match.WORDS),
    ],
)
def test_hit_says_how_it_matches(index: SearchIndex, text: str, match: Match) -> None:
    assert index.search(text).hits[0].match is match


def test_names_are_in_the_readers_language_and_marked_where_they_match(index: SearchIndex) -> None:
    (hit,) = index.search("広島 hub", language="en").hits

    assert (hit.label.text, hit.other and hit.other.text) == ("Hiroshima Bio-DX Hub", "広島Bio-DX産学共創拠点")
    assert (marked(hit.label), marked(hit.other), hit.text) == (["Hub"], ["広島"], None)
    assert index.search("広島 hub", language="ja").hits[0].label.language == "ja"


def test_text_that_is_no_name_is_shown_with_its_place(index: SearchIndex) -> None:
    (hit,) = index.search("地域").hits

    assert hit.text is not None
    assert (hit.text.field, hit.text.language, marked(hit.text)) == (Field.DESCRIPTION, "ja", ["地域", "地域"])


def test_long_text_is_cut_around_the_first_mark() -> None:
    text = Marked("あ" * 100 + "医療" + "い" * 100, "ja", Field.DESCRIPTION, ((100, 102), (190, 192)))

    excerpt = text.excerpt(50)

    assert (excerpt.text[0], excerpt.text[-1], len(excerpt.text)) == ("…", "…", 52)
    assert marked(excerpt) == ["医療"]
    assert Marked("short", "", Field.NAME).excerpt().text == "short"


@pytest.mark.parametrize(("kind", "expected"), [("Hub", 2), ("abc:Hub", 2), ("Collaboration", 1), (f"{ABC}Hub", 2)])
def test_type_narrows_also_by_inference(index: SearchIndex, kind: str, expected: int) -> None:
    iri = index.kind_named(kind, tiny.PREFIXES)

    assert index.search("拠点", kind=iri).total == expected


def test_type_that_nothing_has_is_a_mistake_with_a_guess(index: SearchIndex) -> None:
    with pytest.raises(UsageError, match="Did you mean Hub"):
        index.kind_named("Hubs", tiny.PREFIXES)
    with pytest.raises(UsageError, match="type nope"):
        index.search("拠点", kind="nope")


@pytest.mark.parametrize("text", ["", "  ", "・（）", '""', "x" * 201, " ".join("abcdefghijklmnopq")])
def test_nothing_to_search_for_and_too_much_are_mistakes(index: SearchIndex, text: str) -> None:
    with pytest.raises(UsageError):
        index.search(text)


@pytest.mark.parametrize(
    "text", ['"', "*", "NEAR(a b)", "a AND b", "name:x", "{name} : x", "'); DROP TABLE found; --", "q\0z"]
)
def test_signs_of_the_query_language_mean_nothing(index: SearchIndex, text: str) -> None:
    if fold(text):
        assert names(index.search(text)) == []


@pytest.mark.parametrize(
    "text", ["広島", "hiroshima", "bio hub", "県", "o", "DX産学 広島", "jp-3", "hub", "340", "地域", "広島県"]
)
def test_few_hits_are_placed_as_many_would_be(index: SearchIndex, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    few = index.search(text)
    monkeypatch.setattr("abckg.search.search._FEW", 0)

    assert index.search(text) == few
    assert few.hits


def test_pages_of_hits_join_up(index: SearchIndex) -> None:
    whole = names(index.search("h"))

    pages = [names(index.search("h", limit=2, offset=offset)) for offset in range(0, len(whole), 2)]

    assert [name for page in pages for name in page] == whole


def test_hits_are_counted_by_type(index: SearchIndex) -> None:
    assert index.numbers_by_kind("広島") == {f"{ABC}Hub": 1, f"{ABC}Prefecture": 1, f"{ABC}University": 1}


WORDS = st.sampled_from(
    ["広島", "大学", "Bio-DX", "オープン", "ｲﾉﾍﾞ", "Kōchi ", "R&D", " of ", "（株）", "1", "２", "社", "々", "ー"]
)
NAMES = st.lists(WORDS | st.text(alphabet="abzあアｱ漢字　 ・,", max_size=4), min_size=1, max_size=6).map("".join)


@given(st.lists(NAMES, min_size=1, max_size=5), st.data())
@settings(max_examples=150, deadline=None)
def test_every_part_of_two_characters_or_more_of_a_name_finds_it(labels: list[str], data: st.DataObject) -> None:
    index = SearchIndex.of(store({f"hub/h{n}": (label, "–") for n, label in enumerate(labels)}))
    number = data.draw(st.integers(0, len(labels) - 1))
    label = labels[number]
    begin = data.draw(st.integers(0, max(0, len(label) - 2)))
    part = label[begin : data.draw(st.integers(begin + 2, max(begin + 2, len(label))))]

    if fold(part) and fold(part) in fold(label):
        assert f"hub/h{number}" in names(index.search(part, limit=10))


@given(st.text(max_size=30))
@settings(max_examples=200, deadline=None)
def test_any_text_is_searched_or_refused(index: SearchIndex, text: str) -> None:
    try:
        found = index.search(text)
    except UsageError:
        return

    assert all(hit.label.text for hit in found.hits)


def test_every_part_of_names_of_the_graph_finds_them(built: Path, store: EmbeddedStore) -> None:
    index = SearchIndex.open(built / "search.sqlite")
    entries = list(enumerate(entries_of(store), 1))[::25]
    texts = [(number, one.text) for number, entry in entries for one in entry.texts if one.field is Field.NAME]
    parts = [(number, text[at : at + 2 + at % 5]) for number, text in texts for at in range(0, len(text) - 1, 4)]

    missed = [
        (number, part)
        for number, part in parts
        if fold(part) and number not in dict(index._numbers(wanted(part), "", 5000))
    ]

    assert len(parts) > 500
    assert missed == []


def test_index_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        index_store(store(LABELS, MORE), tmp_path / name)

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_search_follows_the_version_of_the_store(tmp_path: Path) -> None:
    served = store({"hub/old": ("旧", "old")})
    index_store(served, tmp_path / "search.sqlite")
    search = Search(served, tmp_path / "search.sqlite")
    before = search.index
    assert before.search("旧").total == 1
    assert search.index is before

    changed = store({"hub/new": ("新", "new")})
    served._store, served.version = changed._store, changed.version

    assert names(search.index.search("新")) == ["hub/new"]


def test_store_without_version_is_indexed_anew_after_a_while() -> None:
    served = store({"hub/old": ("旧", "old")})
    served.version = ""

    lasting, passing = Search(served), Search(served, seconds=-1)

    assert lasting.index is lasting.index
    assert passing.index is not passing.index


def test_file_that_is_no_index_of_this_version_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "search.sqlite"
    with pytest.raises(StoreError):
        SearchIndex.open(path)
    path.write_text("no database", encoding="utf-8")
    with pytest.raises(StoreError):
        SearchIndex.open(path)
    path.unlink()
    index_store(store({"hub/a": ("旧", "old")}), path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE about SET value = '0' WHERE name = 'format'")
    connection.close()
    with pytest.raises(StoreError, match="another version"):
        SearchIndex.open(path)
    assert Search(store(LABELS), path).index.search("広島").total == 3


def test_python_without_full_text_search_says_so() -> None:
    class Without(sqlite3.Connection):
        def executescript(self, _: object, /) -> sqlite3.Cursor:
            raise sqlite3.OperationalError("no such module: fts5")

    connection = sqlite3.connect(":memory:", factory=Without)
    with pytest.raises(SearchUnavailable, match="FTS5"):
        build_index(connection, [], "")
    connection.close()
