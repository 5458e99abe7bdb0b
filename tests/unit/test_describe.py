"""What is said of one thing."""

from __future__ import annotations

import tiny
from abckg.describe import describe, labels_of, owner_of

COINS = f"{tiny.BASE}id/hub/coins"
TOHOKU = f"{tiny.BASE}id/organization/tohoku"


def test_record_comes_with_its_parts_and_their_evidence() -> None:
    description = describe(tiny.store(), COINS)

    assert description is not None
    assert {part.removeprefix(f"{COINS}/") for part in description.parts} == {
        "fact-led-by",
        "member-tohoku",
        "s0-10-20",
    }
    passage = description.passages[f"{COINS}/s0-10-20"]
    assert (passage.document, passage.section, passage.start, passage.end) == (
        f"{tiny.BASE}id/document/s0",
        "第1章",
        10,
        20,
    )


def test_what_was_inferred_is_told_from_what_is_stated() -> None:
    description = describe(tiny.store(), COINS)

    assert description is not None
    classes = {
        (str(one.object).rpartition("#")[2], one.inferred)
        for one in description.by_subject[COINS]
        if one.predicate.value.endswith("#type")
    }
    assert classes == {("Hub>", False), ("Collaboration>", True)}


def test_statements_that_point_at_it_are_found() -> None:
    description = describe(tiny.store(), TOHOKU)

    assert description is not None
    assert {one.predicate.value.replace("#", "/").rpartition("/")[2] for one in description.incoming} == {
        "ledBy",
        "member",
        "object",
    }


def test_thing_of_which_nothing_is_said_is_none() -> None:
    assert describe(tiny.store(), f"{tiny.BASE}id/hub/none") is None


def test_labels_come_by_language() -> None:
    assert labels_of(tiny.store(), [COINS, "http://e.example/"]) == {
        COINS: {"ja": "スマートライフケア拠点", "en": "COINS"}
    }


def test_owner_of_a_part_is_its_record() -> None:
    assert owner_of(f"{COINS}/member-tohoku") == COINS
    assert owner_of(COINS) is None
    assert owner_of("http://e.example/a/b/c") is None
