"""A syntax error is told in the words of who made it, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from abckg.errors import TurtleSyntaxError
from abckg.turtle import parse

GOAL = """@prefix a: <http://a/> .
@prefix g: <http://g/> .
g:x
  a a:Goal ;
  a:label "日本"@ja ;
  a:p g:y ;
.
"""
FAULTS = {
    "no semicolon": ("a:Goal ;", "a:Goal", 5, "“;” or “.” is missing", "前の行の終わりに「;」か「.」"),
    "no last dot": (";\n.\n", ";\n", 7, "ends within a statement", "途中でファイルが終わって"),
    "full stop too early": ("a:Goal ;", "a:Goal .", 5, "write “;” to say more", "「;」に直して"),
    "no closing quotation mark": ('日本"', "日本，", 5, "closing quotation mark", "閉じる引用符がありません"),
    "line break in a text": ("日本", "日\n本", 5, "closing quotation mark", "閉じる引用符がありません"),
    "Japanese quotation marks": ('"日本"', "「日本」", 5, 'write "', '半角の " に直して'),
    "full-width semicolon": ("a:Goal ;", "a:Goal ；", 4, "full-width", "全角の「；」"),
    "Japanese full stop": (";\n.\n", ";\n。\n", 7, "write .", "半角の . に直して"),
    "Japanese comma": ('"日本"@ja', '"日本"@ja、"国"@ja', 5, "write ,", "半角の , に直して"),
    "full-width digit": ("g:y", "２", 6, "write 2", "半角の 2 に直して"),
    "full-width space": ("  a:p", "　a:p", 6, "full-width space", "全角の空白"),
    "statement not finished": (";\n.\n", ";\n\ng:z\n  a a:Goal ;\n.\n", 9, "end it with “.”", "前の記述が終わって"),
    "unknown prefix": ("g:y", "z:y", 6, "the prefix z: is not declared", "接頭辞 z: が宣言されて"),
    "no quotation marks": ("g:y", "yes", 6, "malformed here: yes", "yes は値になりません"),
    "no value": ("a:p g:y", "a:p", 6, "a value is missing before “;”", "「;」の前に、値"),
    "list not closed": ("g:y", "( 1 2", 6, "“)” that closes a list", "並びを閉じる「)」"),
    "bracket not closed": ("g:y ;", "[ a:q 1", 7, "the closing “]” is missing", "閉じる「]」がありません"),
    "address not closed": ("g:y", "<http://a", 6, "closing > of the address", "アドレスを閉じる >"),
    "space in an address": ("g:y", "<http://a b>", 6, "may not stand between < and >", "< > の中に「 」は置けません"),
    "address without a scheme": ("g:y", "<x>", 6, "begins with https://", "https:// などで始まる"),
    "space in a name": ("g:y", "g:あ い", 6, "cannot begin with い", "い から記述を始める"),
    "slash in a name": ("g:y", "g:a/b", 6, "write the whole address", "アドレスをすべて記して"),
    "percent sign in a name": ("g:y", "g:100%", 6, "hexadecimal", "十六進数"),
    "date without quotation marks": ("g:y", "2020-01-01", 6, '"2020-01-31"^^xsd:date', "日付は"),
    "no language": ("@ja", "@", 5, "write @ja or @en", "言語がありません"),
    "backslash": ("日本", "\\q", 5, "for a backslash write two", "二つ重ねて"),
    "prefix without a colon": ("@prefix a:", "@prefix a", 1, "@prefix name: <address> .", "@prefix 名前: <アドレス> ."),
}


@pytest.mark.parametrize(("old", "new", "line", "english", "japanese"), FAULTS.values(), ids=FAULTS)
def test_fault_is_told_with_its_remedy(old: str, new: str, line: int, english: str, japanese: str) -> None:
    with pytest.raises(TurtleSyntaxError) as found:
        parse(GOAL.replace(old, new), Path("x.ttl"))

    assert found.value.line == line
    assert english in found.value.reason
    assert japanese in found.value.japanese
    assert not re.search(r"[a-z]+ [a-z]+ [a-z]+", found.value.japanese)


def test_text_that_is_not_closed_is_told_where_it_begins() -> None:
    with pytest.raises(TurtleSyntaxError) as found:
        parse(GOAL.replace('日本"', "日本"), Path("x.ttl"))

    assert (found.value.line, found.value.column) == (5, 11)
