"""Why a file is not well-formed Turtle, and what to do, in the words of who writes it.

The parser speaks of productions of the grammar; curators look for a quotation mark that is missing.
Layer: imports nothing of the package.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["begin", "in_words", "undeclared"]

_WIDE = re.compile(r"[\uff01-\uff5e\u3000、。]")
"""Signs, digits and letters as Japanese input writes them; letters may stand in names, and are looked at last."""
_HALF = {"\u3000": " ", "、": ",", "。": "."}
_QUOTES = re.compile(r"[“”‘’「」『』＂]")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_UNDECLARED = re.compile(r"The prefix (.*?):? has not been declared")
_UNCLOSED = "Line jumps are not allowed in string literals", "Unexpected end of file"


@dataclass(frozen=True)
class _Words:
    """What to say where the parser's reason fits ``pattern``; its groups are put in."""

    pattern: re.Pattern[str]
    english: str
    japanese: str


_WORDS = tuple(
    _Words(re.compile(pattern, re.DOTALL), english, japanese)
    for pattern, english, japanese in (
        (
            _UNDECLARED.pattern,
            "the prefix {0}: is not declared; abckg fmt declares it where it stands in ontology/prefixes.ttl; else "
            "correct its spelling",
            "接頭辞 {0}: が宣言されていません。ontology/prefixes.ttl にあるものなら abckg fmt が宣言を加えます。"
            "なければ綴りを直してください",
        ),
        (
            r"A dot is expected at the end of statements",
            "“;” or “.” is missing at the end of the line before",
            "前の行の終わりに「;」か「.」がありません",
        ),
        (
            r"^a is not a valid (?:RDF object|predicate)",
            "the statement before is not finished: end it with “.” on a line of its own",
            "前の記述が終わっていません。その最後の行に「.」だけを記してください",
        ),
        (
            r"^([;,.\])]|)\s*is not a valid RDF object",
            "a value is missing before “{0}”, or the “)” that closes a list",
            "「{0}」の前に、値か、並びを閉じる「)」がありません",
        ),
        (
            r"^(.*) is not a valid RDF object",
            'a value is malformed here: {0}; write text as "…"@ja, a name as prefix:name',
            '{0} は値になりません。文字列は "…"@ja、名前は 接頭辞:名前 の形で記してください',
        ),
        (
            r"^(.*) is not a valid predicate",
            "{0} cannot be a property; where the line before ends with “.”, write “;” to say more of the same thing",
            "{0} は属性になりません。前の行が「.」で終わっているなら、続きを記すために「;」に直してください",
        ),
        (
            r"^(-\d.*) is not a valid subject",
            'write a date as "2020-01-31"^^xsd:date',
            '日付は "2020-01-31"^^xsd:date の形で記してください',
        ),
        (
            r"^(.*) is not a valid subject",
            "a statement cannot begin with {0}; look for a space, a “.” or a quotation mark too many before it",
            "{0} から記述を始めることはできません。その前に余分な空白、「.」、引用符がないか確かめてください",
        ),
        (
            r"A language code should",
            "the language is missing: write @ja or @en right behind the closing quotation mark",
            "言語がありません。閉じる引用符のすぐ後に @ja か @en と記してください",
        ),
        (r"lists should end with a '(.)'", "the closing “{0}” is missing", "閉じる「{0}」がありません"),
        (
            r"Unexpected escape character '(.*)'",
            "{0} means nothing in a text; for a backslash write two",
            "文字列の中の {0} には意味がありません。バックスラッシュそのものは二つ重ねて記します",
        ),
        (
            r"The PREFIX keyword should",
            "write @prefix name: <address> . with a colon behind the name",
            "名前の後にコロンを付けて「@prefix 名前: <アドレス> .」と記してください",
        ),
        (
            r"Invalid IRI code point '(.)'",
            "“{0}” may not stand between < and >; look for a closing > or a quotation mark that is missing",
            "< > の中に「{0}」は置けません。閉じる > や引用符が抜けていないか確かめてください",
        ),
        (
            r"No scheme found",
            "an address between < and > begins with https:// or the like; write a record as prefix:name",
            "< > の中には https:// などで始まるアドレスを記します。記録は 接頭辞:名前 の形で指してください",
        ),
        (
            r"'(.)' is not allowed at the beginning of a prefix name",
            "“{0}” may not stand in a short name; write the whole address between < and >",
            "短い名前に「{0}」は使えません。< > の中にアドレスをすべて記してください",
        ),
        (
            r"escapes in IRIs should be %",
            "two hexadecimal digits must follow % in a name",
            "名前の中の % の後には、十六進数が2桁要ります",
        ),
        (
            r"^Unexpected end$",
            "the file ends within a statement; end it with “.”",
            "記述の途中でファイルが終わっています。最後に「.」を置いてください",
        ),
    )
)


def begin(reason: str, line: str, column: int) -> int:
    """Return the column where a fault begins; the parser names the end of a text that is not closed."""
    if _UNCLOSED[0] not in reason:
        return column
    return _QUOTED.sub(lambda text: " " * len(text[0]), line).find('"') + 1 or column


def undeclared(reason: str) -> str | None:
    """Return the prefix that the parser finds undeclared, None where that is not the fault."""
    match = _UNDECLARED.search(reason)
    return match[1] if match else None


def in_words(reason: str, line: str, column: int) -> tuple[str, str]:
    """Return what is wrong and what to do, in English and in Japanese.

    Args:
        reason: what the parser says.
        line: the line where the fault begins.
        column: its column there, from 1.
    """
    reason = re.sub(r"^Parser error (?:at|between) .*?: ", "", reason)
    if any(sign in reason for sign in _UNCLOSED):
        if line[column - 1 : column] == "<":
            return "the closing > of the address is missing", "アドレスを閉じる > がありません"
        return "the closing quotation mark of the text is missing", "文字列を閉じる引用符がありません"
    code = _QUOTED.sub('""', line).partition("#")[0]
    quote, wide = _QUOTES.search(code), _WIDE.search(code)
    if quote:
        return f'{quote[0]} is no quotation mark here; write "', f'引用符が {quote[0]} です。半角の " に直してください'
    if wide:
        return _wide(wide[0])
    for words in _WORDS:
        match = words.pattern.search(reason)
        if match:
            return words.english.format(*match.groups()), words.japanese.format(*match.groups())
    return reason, f"Turtleとして読めません（{reason}）"


def _wide(sign: str) -> tuple[str, str]:
    half = _HALF.get(sign) or chr(ord(sign) - 0xFEE0)
    if half == " ":
        return "there is a full-width space; write it half-width", "全角の空白があります。半角に直してください"
    return (
        f"“{sign}” is a full-width character; write {half}",
        f"全角の「{sign}」があります。半角の {half} に直してください",
    )
