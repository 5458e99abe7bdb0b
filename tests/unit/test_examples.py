"""Examples as they are written, and the two sides that pages show."""

from __future__ import annotations

from abckg.examples import Example, Line, read_examples

TEXT = """\
# goal

## Goal-one

```diff
 goal:example
-  a abc:Gaol ;
+  a abc:Goal ;
+  skos:prefLabel "例"@ja ;
   …
```

```diff
--- data/goal/a.txt
+++ data/goal/a.ttl
 goal:a
```

## Goal-two

```diff
-x
```
"""


def test_examples_are_read_by_the_rule_above_them() -> None:
    found = read_examples(TEXT)

    assert {rule: len(examples) for rule, examples in found.items()} == {"Goal-one": 2, "Goal-two": 1}
    assert found["Goal-one"][1] == Example((" goal:a",), "data/goal/a.txt", "data/goal/a.ttl")
    assert found["Goal-one"][1].text == ("--- data/goal/a.txt", "+++ data/goal/a.ttl", " goal:a")


def test_the_two_sides_have_their_own_lines_and_gaps_where_the_other_has_more() -> None:
    example = read_examples(TEXT)["Goal-one"][0]

    assert example.wrong == (Line("goal:example"), Line("  a abc:Gaol ;", "changed"), Line("", "gap"), Line("  …"))
    assert [line.kind for line in example.right] == ["same", "changed", "changed", "same"]


def test_dataset_without_examples_has_none() -> None:
    assert read_examples("# nothing\n") == {}
