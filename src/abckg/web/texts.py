"""The words of the pages, in one table: a key, the Japanese, the English.

Layer: web; imports nothing of the package.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LANGUAGES", "TABLE", "TAGS", "WELL_KNOWN", "Texts"]

LANGUAGES = ("ja", "en")

TABLE: dict[str, tuple[str, str]] = {
    # the frame of every page
    "site": ("ＡＢＣ知識グラフ", "ABC Knowledge Graph"),
    "skip": ("本文へ", "Skip to content"),
    "navigation": ("主なページ", "Main pages"),
    "home": ("ホーム", "Home"),
    "queries": ("問いの一覧", "Questions"),
    "records": ("記録", "Records"),
    "ontology": ("オントロジー", "Ontology"),
    "sparql": ("SPARQL", "SPARQL"),
    "language": ("言語", "Language"),
    "version": ("版", "Version"),
    "licence": ("データの利用条件：CC BY 4.0", "Data licence: CC BY 4.0"),
    # the home page
    "home.title": ("地域の科学技術イノベーションを、問えるかたちに", "Regional innovation in Japan, made answerable"),
    "home.lede": (
        "1995年以降、府省、大学、高専、企業、金融機関、自治体は、事業を重ねながらクラスター、拠点、ネットワークを築いてきた。"
        "本サイトは、白書と政策資料に散らばるその記録を、主体とつながりと価値の知識グラフとしてまとめたものである。"
        "どの事実にも、拠りどころとなる文書の箇所を添えている。",
        "Since 1995 ministries, universities, KOSEN, companies, banks and local governments have built clusters, hubs "
        "and networks under programme after programme. What white papers and policy documents say of them is brought "
        "together here as a knowledge graph of actors, their ties and the values they create; each fact names the "
        "passage it rests on.",
    ),
    "home.abc": (
        "地域を、境界をもつ区域ではなく、中心となる主体が引っ張る人的ネットワークの場"
        "（ＡＢＣ：Actors-Based Community）として捉える。",
        "A region is seen here not as an area with a boundary but as an Actors-Based Community (ABC): "
        "the network that forms around the actors who drive it.",
    ),
    "home.examples": ("まず試す問い", "Questions to begin with"),
    "home.examples.lede": (
        "押すとその場で実行され、答えが表で示される。問い合わせ文は答えの下で書き換えることができる。",
        "Each button runs the query and shows the answer as a table; the query can be changed there.",
    ),
    "home.all_queries": ("すべての問い（{0}件）", "All {0} questions"),
    "home.figures": ("収録の規模", "What it holds"),
    "home.browse": ("記録の種類から見る", "Browse by kind of record"),
    "home.machines": ("プログラムから使う", "For programs"),
    "home.machines.lede": (
        "SPARQL 1.1 の問い合わせは {0} で受け付ける。記録のIRIは Accept ヘッダーに応じて Turtle、N-Triples、JSON-LD、"
        "RDF/XML、HTML を返す。",
        "SPARQL 1.1 queries are answered at {0}. The IRIs of records give Turtle, N-Triples, JSON-LD, RDF/XML or HTML, "
        "as the Accept header asks.",
    ),
    "figure.triples": ("トリプル", "triples"),
    "figure.inferred": ("うち推論", "of them inferred"),
    "figure.records": ("記録", "records"),
    "figure.documents": ("文書", "documents"),
    "figure.passages": ("引用箇所", "passages"),
    "figure.queries": ("問い", "questions"),
    "figure.classes": ("クラス", "classes"),
    "figure.properties": ("プロパティ", "properties"),
    # queries and answers
    "query.run": ("実行", "Run"),
    "query.run.of": ("実行：{0}", "Run: {0}"),
    "query.text": ("問い合わせ文（SPARQL）", "Query (SPARQL)"),
    "query.edit": ("この問い合わせを書き換える", "Change this query"),
    "query.parameters": ("条件", "Conditions"),
    "query.parameter.iri": ("IRI又は place:jp-34 のような短い名前", "An IRI, or a short name such as place:jp-34"),
    "query.parameter.integer": ("整数", "A whole number"),
    "query.parameter.string": ("文字列", "Text"),
    "query.catalogue.lede": (
        "グラフに尋ねることのできる{0}件の問い。押すと実行される。",
        "{0} questions that the graph answers; press one to run it.",
    ),
    "query.other": ("その他", "Other"),
    "query.none": ("問いはまだ収録されていない。", "There are no questions in the catalogue yet."),
    "answer": ("答え", "Answer"),
    "answer.rows": ("{0}行", "{0} rows"),
    "answer.row": ("1行", "1 row"),
    "answer.none": ("該当なし", "No rows"),
    "answer.cut": (
        "最初の{0}行を示した。すべての行は下の形式で取得できる。",
        "The first {0} rows are shown; the formats below hold all of them.",
    ),
    "answer.triples": ("{0}トリプル", "{0} triples"),
    "answer.triples.cut": (
        "最初の{0}トリプルを示した。すべては下の形式で取得できる。",
        "The first {0} triples are shown; the formats below hold all of them.",
    ),
    "answer.true": ("はい（true）", "Yes (true)"),
    "answer.false": ("いいえ（false）", "No (false)"),
    "answer.formats": ("この答えを取得", "Get this answer as"),
    "sparql.title": ("SPARQLで問い合わせる", "Ask in SPARQL"),
    "sparql.lede": (
        "SPARQL 1.1 の SELECT、ASK、CONSTRUCT、DESCRIBE に答える。このページでは、更新と SERVICE は受け付けない。",
        "Answers SELECT, ASK, CONSTRUCT and DESCRIBE of SPARQL 1.1; updates and SERVICE are refused on this page.",
    ),
    "sparql.inference": ("推論された記述を含める", "Include what was inferred"),
    "sparql.yes": ("含める", "Yes"),
    "sparql.no": ("含めない", "No"),
    # search
    "search": ("検索", "Search"),
    "search.label": ("名称、別名、コード、説明を検索", "Search names, other names, codes and descriptions"),
    "search.placeholder": ("機関、拠点、事業、用語…", "Organisations, hubs, programmes, terms …"),
    "search.suggestions": ("候補{}件", "{} suggestions"),
    "search.lede": (
        "機関、拠点、ネットワーク、事業、技術、用語を、名称、別名、コード、説明から探す。日本語でも英語でも探すことができる。",
        "Finds organisations, hubs, networks, programmes, technologies and terms by name, other name, code or "
        "description, in Japanese or English.",
    ),
    "search.tip.words": (
        "空白で区切った語は、すべてを含むものが見つかる（バイオ 拠点）。",
        "Words separated by spaces must all be there: bio hub.",
    ),
    "search.tip.phrase": (
        'ひと続きの語句は引用符で囲む（"open innovation"）。',
        'A phrase stands in quotation marks: "open innovation".',
    ),
    "search.tip.spelling": (
        "全角と半角、大文字と小文字、ひらがなとカタカナは区別しない。漢字一文字でも、語の途中でも見つかる。",
        "Upper and lower case, accents, full and half width, hiragana and katakana make no difference; "
        "any part of a name will do.",
    ),
    "search.tip.codes": (
        "全国地方公共団体コード、ROR、Wikidataの番号でも探せる（340006）。",
        "Codes of local governments and the numbers of ROR and Wikidata work too: 340006.",
    ),
    "search.try": ("例：", "For example:"),
    "search.types": ("種類で絞る", "Narrow by kind"),
    "search.all": ("すべて", "All"),
    "search.count": ("{0}件", "{0} found"),
    "search.count.more": ("{0}件以上", "More than {0} found"),
    "search.none": ("「{0}」は見つからなかった", "Nothing found for “{0}”"),
    "search.first": ("最初のページへ", "Go to the first page"),
    "search.without.type": ("種類で絞らずに検索する", "Search in all kinds"),
    "search.fewer": (
        "語を減らすか短くし、漢字やつづりを確かめる。",
        "Try fewer or shorter words, and check the spelling.",
    ),
    "search.documents": (
        "検索の対象は記録の名称と説明であり、文書の本文ではない。",
        "Names and descriptions of records are searched, not the texts of the documents.",
    ),
    "search.field.alias": ("別名", "Also called"),
    "search.field.code": ("コード", "Code"),
    "search.api": ("この結果を取得", "Get these results as"),
    # the report of the checks
    "validation": ("検査結果", "Validation report"),
    "validation.lede": (
        "公開しているグラフを、SHACLの形（shapes）と規則によって検査した結果。",
        "What the SHACL shapes and the rules say of the graph that is served.",
    ),
    "validation.valid": ("違反はない", "No violation"),
    "validation.invalid": ("違反がある", "There are violations"),
    "validation.violation": ("違反", "Violations"),
    "validation.warning": ("警告", "Warnings"),
    "validation.info": ("参考", "Notes"),
    "validation.severity": ("程度", "Severity"),
    "validation.record": ("記録とプロパティ", "Record and property"),
    "validation.message": ("内容", "What to do"),
    "validation.rule": ("規則", "Rule"),
    "validation.formats": ("この報告を取得", "Get this report as"),
    # the rules
    "rules": ("検査の規則", "Rules"),
    "rules.lede": (
        "abckg validate が報告する規則。指摘の末尾の名前で引く。",
        "What abckg validate may report, by the name at the end of a finding.",
    ),
    "rules.examples": (
        "例では✕が誤り、✓が正しい書き方で、違う行に印が付いている。「…」は省略を示す。",
        "In the examples ✕ is wrong and ✓ is right; the lines that differ are marked, and … is left out.",
    ),
    "rules.checks": ("検査", "Checks"),
    "rules.files": ("シェイプのファイル", "Files of the shapes"),
    "rules.violation": ("違反", "error"),
    "rules.warning": ("警告", "warning"),
    "rules.info": ("参考", "note"),
    "rules.wrong": ("誤り", "wrong"),
    "rules.right": ("正しい書き方", "right"),
    # records
    "records.lede": ("種類ごとの記録。", "Records by kind."),
    "records.of": ("{0}の一覧", "{0}: all records"),
    "records.count": ("{0}件", "{0} records"),
    "records.none": ("この種類の記録はない。", "There are no records of this kind."),
    "records.class": ("種類", "Kind"),
    "records.number": ("件数", "Number"),
    "records.inferred": ("推論による", "inferred"),
    "page.next": ("次へ", "Next"),
    "page.previous": ("前へ", "Previous"),
    "page.of": ("{0} / {1} ページ", "Page {0} of {1}"),
    "record.formats": ("この記録のデータ", "This record as data"),
    "record.stated": ("記述", "Statements"),
    "record.inferred": ("推論された記述", "Inferred statements"),
    "record.inferred.lede": (
        "オントロジーの公理から導いたもので、文書に書かれたものではない。",
        "These follow from the axioms of the ontology; no document states them as such.",
    ),
    "record.evidence": ("根拠", "Evidence"),
    "record.evidence.lede": (
        "文書の該当箇所。位置は原文ファイルの先頭からの文字数による。",
        "Where the documents say so; positions count the characters of the source file from its start.",
    ),
    "record.document": ("文書", "Document"),
    "record.section": ("章・節", "Section"),
    "record.offsets": ("文字位置", "Characters"),
    "record.quotation": ("引用", "Quotation"),
    "record.backlinks": ("この記録を参照するもの", "What refers to this"),
    "record.all": ("全{0}件を表示", "Show all {0}"),
    "record.fewer": ("絞って表示", "Show fewer"),
    "record.property": ("プロパティ", "Property"),
    "record.value": ("値", "Value"),
    "record.contents": ("このページの内容", "On this page"),
    "record.also": ("英語名", "Japanese name"),
    # the ontology
    "ontology.classes": ("クラス", "Classes"),
    "ontology.properties": ("プロパティ", "Properties"),
    "ontology.borrowed": ("他の語彙の語", "Terms of other vocabularies"),
    "ontology.borrowed.lede": (
        "定義はそれぞれの語彙にある。ここではＡＢＣの語との関係を示す。",
        "They are defined elsewhere; shown here is how they relate to the terms of this ontology.",
    ),
    "ontology.hierarchy": ("クラスの階層", "Class hierarchy"),
    "ontology.formats": ("オントロジーのデータ", "The ontology as data"),
    "ontology.parents.class": ("上位クラス", "Subclass of"),
    "ontology.parents.property": ("上位プロパティ", "Subproperty of"),
    "ontology.children.class": ("下位クラス", "Superclass of"),
    "ontology.children.property": ("下位プロパティ", "Superproperty of"),
    "ontology.domain": ("主語", "Used on"),
    "ontology.range": ("値", "Values"),
    "ontology.inverse": ("逆", "Inverse"),
    "ontology.chain": ("連鎖", "Follows from"),
    "ontology.equivalent": ("定義", "Defined as"),
    "ontology.disjoint": ("互いに素", "Disjoint with"),
    "ontology.characteristics": ("性質", "Characteristics"),
    "ontology.example": ("例", "Example"),
    "ontology.source": ("出典", "Source"),
    "ontology.match": ("対応", "Compare"),
    "ontology.evidence": ("根拠の要否", "Evidence"),
    "ontology.evidence.yes": ("この関係を述べるには文書の箇所が要る", "Each such statement names its passage"),
    "ontology.own_page": ("記録を見る", "See the records"),
    # errors
    "error": ("表示できません", "This cannot be shown"),
    "error.400": ("要求に誤りがあります", "There is a fault in the request"),
    "error.403": ("受け付けない要求です", "This request is refused"),
    "error.404": ("見つかりません", "Not found"),
    "error.405": ("この方法では使えません", "This method is not allowed"),
    "error.406": ("ご希望の形式では提供していません", "Not available in that format"),
    "error.413": ("要求が大きすぎます", "The request is too large"),
    "error.414": ("アドレスが長すぎます", "The address is too long"),
    "error.415": ("この形式の要求は読めません", "The request has a format that is not understood"),
    "error.500": ("サーバーで誤りが発生しました", "Something went wrong on the server"),
    "error.504": ("時間内に答えられませんでした", "The answer took too long"),
    "error.503": ("ただいま答えられません", "No answer can be given at the moment"),
    "error.position": ("{0}行目の{1}文字目", "Line {0}, column {1}"),
    "error.back": ("ホームへ戻る", "Back to the home page"),
}

# Names of the tags of the catalogue; a tag without one stands as it is.
TAGS: dict[str, tuple[str, str]] = {
    "case": ("事例", "Cases"),
    "concept": ("概念", "Concepts"),
    "document": ("文書", "Documents"),
    "evidence": ("根拠", "Evidence"),
    "figure": ("数値", "Figures"),
    "gap": ("書かれていないこと", "What is not stated"),
    "hub": ("拠点", "Hubs"),
    "lineage": ("系譜", "Lineage"),
    "member": ("構成員", "Members"),
    "network": ("ネットワーク", "Networks"),
    "organization": ("機関", "Organisations"),
    "place": ("場所", "Places"),
    "programme": ("事業", "Programmes"),
    "statement": ("言明", "Statements"),
    "technology": ("技術", "Technologies"),
    "theme": ("論点", "Themes"),
    "time": ("時期", "Time"),
    "value": ("価値", "Values"),
}

_SKOS = "http://www.w3.org/2004/02/skos/core#"
_DCTERMS = "http://purl.org/dc/terms/"
_SCHEMA = "https://schema.org/"

# Names of terms that the graph uses and does not explain: those of other vocabularies.
WELL_KNOWN: dict[str, dict[str, str]] = {
    iri: {"ja": ja, "en": en}
    for iri, ja, en in (
        ("http://www.w3.org/1999/02/22-rdf-syntax-ns#type", "種類", "type"),
        ("http://www.w3.org/1999/02/22-rdf-syntax-ns#subject", "主語", "subject"),
        ("http://www.w3.org/1999/02/22-rdf-syntax-ns#predicate", "述語", "predicate"),
        ("http://www.w3.org/1999/02/22-rdf-syntax-ns#object", "目的語", "object"),
        (f"{_SKOS}prefLabel", "名称", "name"),
        (f"{_SKOS}altLabel", "別表記", "also written"),
        (f"{_SKOS}hiddenLabel", "誤記", "misprinted as"),
        (f"{_SKOS}definition", "定義", "definition"),
        (f"{_SKOS}editorialNote", "編者注", "editorial note"),
        (f"{_SKOS}exactMatch", "同一のもの", "same thing elsewhere"),
        (f"{_SKOS}closeMatch", "近いもの", "close match"),
        (f"{_SKOS}broader", "上位概念", "broader"),
        (f"{_SKOS}narrower", "下位概念", "narrower"),
        (f"{_SKOS}related", "関連", "related"),
        (f"{_SKOS}inScheme", "属する体系", "in scheme"),
        (f"{_SKOS}topConceptOf", "最上位概念とする体系", "top concept of"),
        ("http://www.w3.org/2002/07/owl#Class", "クラス", "class"),
        ("http://www.w3.org/2002/07/owl#ObjectProperty", "プロパティ（つながり）", "property (link)"),
        ("http://www.w3.org/2002/07/owl#DatatypeProperty", "プロパティ（値）", "property (value)"),
        ("http://www.w3.org/2002/07/owl#AnnotationProperty", "プロパティ（注記）", "property (note)"),
        (f"{_SKOS}Concept", "概念", "concept"),
        (f"{_SKOS}ConceptScheme", "概念体系", "concept scheme"),
        (f"{_DCTERMS}source", "出典", "source"),
        (f"{_DCTERMS}subject", "主題", "subject"),
        (f"{_SCHEMA}latitude", "緯度", "latitude"),
        (f"{_SCHEMA}longitude", "経度", "longitude"),
    )
}


@dataclass(frozen=True)
class Texts:
    """The words in one language; a key that is not in the table is a KeyError."""

    language: str

    def __call__(self, key: str, *values: object) -> str:
        """Return the words for ``key``, with ``values`` in their places."""
        text = TABLE[key][LANGUAGES.index(self.language)]
        return text.format(*(self._written(value) for value in values)) if values else text

    def pick(self, ja: str, en: str) -> str:
        """Return the one of two texts that is in the language, or the other where it is empty."""
        return (ja or en) if self.language == "ja" else (en or ja)

    def tag(self, tag: str) -> str:
        """Return the name of a tag of the catalogue."""
        return TAGS[tag][LANGUAGES.index(self.language)] if tag in TAGS else tag

    def status(self, code: int) -> str:
        """Return the heading for an HTTP status."""
        key = f"error.{code}"
        return self(key if key in TABLE else "error")

    def _written(self, value: object) -> str:
        return f"{value:,}" if isinstance(value, int) else str(value)
