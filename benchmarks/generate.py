"""Writes made-up data in the terms of this ontology: ``generate.py TRIPLES FILE.nt [--seed N]``.

The same number and seed give the same bytes on every machine. What is written is what a build serves: records,
their parts and their evidence as in ``data/``, and the types, place chains and memberships that the reasoner would
infer from them (a part of the closure: see ``README.md``). Beside the file, ``FILE.json`` says how many of what there
are; the query templates take their parameters from it. The prefectures are real, everything else is invented.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = [
    "CHAIN",
    "ENGLISH",
    "FIELDS",
    "ID",
    "INDICATORS",
    "PREFECTURES",
    "YEARS",
    "Counts",
    "Generator",
    "kept",
    "write",
]

ID = "https://w3id.org/abc-kg/id/"
YEARS = range(1995, 2025)
INDICATORS = ("participants", "patents", "startups", "budget", "joint-research", "exports", "employment", "papers")


def _words(*lines: str) -> list[str]:
    return " ".join(lines).split()


_ABC = "https://w3id.org/abc-kg/ontology#"
_ORG = "http://www.w3.org/ns/org#"
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
PREFECTURES = _words(
    "北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県",
    "東京都 神奈川県 新潟県 富山県 石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県",
    "滋賀県 京都府 大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 山口県 徳島県",
    "香川県 愛媛県 高知県 福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県",
)
FIELDS = _words("量子 水素 海洋 宇宙 医療 農業 素材 情報 環境 再生 知能 食品 光 電池 創薬 防災 観光 林業 半導体 発酵")
ENGLISH = _words(
    "Quantum Hydrogen Marine Space Medical Agricultural Materials Information Environmental Regenerative Intelligent",
    "Food Photonics Battery Pharma Resilience Tourism Forestry Semiconductor Fermentation",
)
_SECTORS = ("industry", "academia", "government", "finance")
_ROLES = ("coordinator", "core-institution", "leader", "member", "supporter")
_KINDS = ("Company", "Company", "Company", "University", "ResearchInstitute", "FinancialInstitution")
_NETWORKS = ("Hub", "Hub", "CouncilNetwork", "Cluster")
_STATEMENTS = ("Challenge", "Expectation", "Lesson", "Principle")
_SUPERCLASSES = {
    "Company": ("Organization", "Actor"),
    "University": ("AcademicInstitution", "Organization", "Actor"),
    "ResearchInstitute": ("Organization", "Actor"),
    "FinancialInstitution": ("Organization", "Actor"),
    "Hub": ("Collaboration",),
    "CouncilNetwork": ("Collaboration",),
    "Cluster": ("Collaboration",),
    "City": ("Municipality", "AdministrativeArea", "Place"),
    "Prefecture": ("AdministrativeArea", "Place"),
    "Programme": ("PolicyInstrument",),
    "ProgrammePhase": ("Programme", "PolicyInstrument"),
    "Challenge": ("PolicyStatement",),
    "Expectation": ("PolicyStatement",),
    "Lesson": ("PolicyStatement",),
    "Principle": ("PolicyStatement",),
}
CHAIN = 12  # programmes that succeed one another before a new line of programmes begins
_CONSTANT, _PER_ORGANIZATION = 1200, 126  # triples, as measured; the other sizes follow from the organizations


@dataclass(frozen=True)
class Counts:
    """How many records of each kind there are, numbered from 0; and the triples that were written."""

    triples: int
    organizations: int
    networks: int
    programmes: int
    cities: int
    documents: int


class Generator:
    """Yields the lines of N-Triples of a dataset of about ``triples`` triples.

    Args:
        triples: How many triples are wanted; what comes out differs by less than 3 percent.
        seed: Chooses among the datasets of that size.
    """

    def __init__(self, triples: int, seed: int = 1) -> None:
        self.organizations = max(20, (triples - _CONSTANT) // _PER_ORGANIZATION)
        self.networks = max(4, self.organizations // 40)
        self.programmes = max(CHAIN, self.organizations // 40)
        self.cities = max(47, min(1700, self.organizations // 5))
        self.documents = max(5, self.organizations // 20)
        self._random = random.Random(seed)
        self._passages = 0

    def counts(self, triples: int) -> Counts:
        """Return the numbers of records, with the number of triples that were written."""
        return Counts(triples, self.organizations, self.networks, self.programmes, self.cities, self.documents)

    def lines(self) -> Iterator[str]:
        """Yield every triple once, one a line."""
        yield from self._places()
        for number in range(self.documents):
            yield from self._document(number)
        for number in range(self.programmes):
            yield from self._programme(number)
        for number in range(self.networks):
            yield from self._network(number)
        for number in range(self.organizations):
            yield from self._organization(number)

    def _places(self) -> Iterator[str]:
        japan = _record("place", "jp")
        yield from _types(japan, "Country")
        yield from _labels(japan, "日本", "Japan")
        for number, name in enumerate(PREFECTURES, 1):
            prefecture = _record("place", f"jp-{number:02}")
            yield from _types(prefecture, "Prefecture")
            yield from _labels(prefecture, name, f"Prefecture {number}")
            yield _link(prefecture, "containedInPlace", japan)
        for number in range(self.cities):
            city = self._city(number)
            yield from _types(city, "City")
            yield from _labels(city, f"{PREFECTURES[number % 47]}第{number}市", f"City {number}")
            # The prefecture is stated, Japan follows: containment is transitive.
            yield _link(city, "containedInPlace", _prefecture(number))
            yield _link(city, "containedInPlace", japan)

    def _document(self, number: int) -> Iterator[str]:
        document = _record("document", str(number))
        yield from _types(document, "Document")
        yield from _labels(document, f"報告書第{number}号", f"Report {number}")
        yield _value(document, "onDate", f"{1995 + number % 30}-{number % 12 + 1:02}-{number % 28 + 1:02}", "date")
        yield _link(document, "issuedBy", self._any("organization", self.organizations))

    def _programme(self, number: int) -> Iterator[str]:
        programme = _record("programme", str(number))
        field = self._random.randrange(20)
        yield from _types(programme, "Programme")
        yield from _labels(programme, f"{FIELDS[field]}拠点形成事業{number}", f"{ENGLISH[field]} Programme {number}")
        yield _value(programme, "inYear", str(self._random.choice(YEARS)), "integer")
        place = number % CHAIN
        if place:
            yield _link(programme, "hasDirectPredecessor", _record("programme", str(number - 1)))
        for earlier in range(number - place, number):  # hasSuccessor is transitive
            yield _link(_record("programme", str(earlier)), "hasSuccessor", programme)
        for phase in (1, 2):
            part = _record("programme", f"{number}-phase-{phase}")
            yield from _types(part, "ProgrammePhase")
            yield from _labels(part, f"{FIELDS[field]}事業{number}（第{phase}期）", f"Phase {phase} of {number}")
            yield _link(part, "phaseOf", programme)
            yield _link(part, "subInstrumentOf", programme)

    def _network(self, number: int) -> Iterator[str]:
        network, award = _record("hub", str(number)), _record("award", str(number))
        field, programme = self._random.randrange(20), self._any("programme", self.programmes)
        yield from _types(network, self._random.choice(_NETWORKS))
        name = f"{FIELDS[field]}{self._random.choice(FIELDS)}共創拠点{number}"
        yield from _labels(network, name, f"{ENGLISH[field]} Hub {number}")
        yield from self._located(network, self._random.randrange(self.cities))
        yield _link(network, "fundedUnder", programme)
        yield _link(network, "hasAward", award)
        yield from _types(award, "Award")
        yield from _labels(award, f"{name}の採択", f"Adoption of Hub {number}")
        yield _link(award, "adoptedCollaboration", network)
        yield _link(award, "underProgramme", programme)
        yield _link(award, "awardedArea", _prefecture(self._random.randrange(47)))
        yield _value(award, "inYear", str(self._random.choice(YEARS)), "integer")
        yield from self._evidence(award)

    def _organization(self, number: int) -> Iterator[str]:
        organization = _record("organization", str(number))
        kind, field = self._random.choice(_KINDS), self._random.randrange(20)
        yield from _types(organization, kind)
        suffix = "大学" if kind == "University" else "株式会社" if kind == "Company" else "機構"
        name = f"{self._random.choice(PREFECTURES)}{FIELDS[field]}{suffix}{number}"
        yield from _labels(organization, name, f"{ENGLISH[field]} {kind} {number}")
        yield from self._located(organization, self._random.randrange(self.cities))
        yield from self._evidence(organization)
        for part in range(2):
            yield from self._membership(organization, part)
        for part in range(4):
            yield from self._observation(organization, part)
        yield from self._statement(organization, number)

    def _membership(self, organization: str, part: int) -> Iterator[str]:
        membership = f"{organization[:-1]}/member-{part}>"
        # Popularity is skewed: the square puts a quarter of the members into the first sixteenth of the networks.
        network = _record("hub", str(int(self._random.random() ** 2 * self.networks)))
        yield from _types(membership, "Membership")
        yield f"{membership} <{_ORG}member> {organization} .\n"
        yield f"{membership} <{_ORG}organization> {network} .\n"
        yield _link(membership, "inSector", _record("sector", self._random.choice(_SECTORS)))
        yield f"{membership} <{_ORG}role> {_record('role', self._random.choice(_ROLES))} .\n"
        yield _value(membership, "inYear", str(self._random.choice(YEARS)), "integer")
        if part == 0:
            yield f"{organization} <{_ORG}memberOf> {network} .\n"
            yield f"{network} <{_ORG}hasMember> {organization} .\n"
        yield from self._evidence(membership)

    def _observation(self, organization: str, part: int) -> Iterator[str]:
        observation = f"{organization[:-1]}/figure-{part}>"
        subject = organization if part % 2 else self._city(self._random.randrange(self.cities))
        number = f"{self._random.random() * 10 ** self._random.randrange(1, 7):.2f}"
        yield from _types(observation, "Observation")
        yield _link(observation, "observedSubject", subject)
        yield _link(observation, "hasIndicator", _record("indicator", self._random.choice(INDICATORS)))
        yield _value(observation, "inYear", str(self._random.choice(YEARS)), "integer")
        yield _value(observation, "numericValue", number, "decimal")
        yield _value(observation, "valueAsWritten", f"約{number}件")
        yield from self._evidence(observation)

    def _statement(self, organization: str, number: int) -> Iterator[str]:
        statement = _record("statement", str(number))
        one, two = self._random.choice(FIELDS), self._random.choice(FIELDS)
        yield from _types(statement, self._random.choice(_STATEMENTS))
        yield from _labels(statement, f"{one}と{two}の連携{number}", f"Statement {number}")
        text = f"{one}分野では、{two}の担い手と地域の企業が{number}年度までに共同の場を設ける必要がある。"
        yield f'{statement} <{_ABC}statementText> "{text}"@ja .\n'
        yield _link(statement, "concernsActor", organization)
        yield from self._evidence(statement)

    def _evidence(self, subject: str) -> Iterator[str]:
        number, start = self._passages, self._random.randrange(90_000)
        self._passages += 1
        passage = f"{subject[:-1]}/s{number}>"
        document = self._any("document", self.documents)
        yield _link(subject, "evidencedBy", passage)
        yield _link(subject, "documentedIn", document)
        yield _link(subject, "assertionStatus", _record("status", "stated"))
        yield from _types(passage, "Passage")
        yield _link(passage, "passageOf", document)
        yield _value(passage, "startOffset", str(start), "integer")
        yield _value(passage, "endOffset", str(start + self._random.randrange(5, 120)), "integer")
        yield _value(passage, "sectionPath", f"第{number % 9 + 1}章 > 第{number % 5 + 1}節")
        yield _value(passage, "sha256", hashlib.sha256(str(number).encode()).hexdigest())

    def _located(self, subject: str, city: int) -> Iterator[str]:
        # The city is stated, the prefecture and Japan follow.
        for place in (self._city(city), _prefecture(city), _record("place", "jp")):
            yield _link(subject, "locatedIn", place)

    def _city(self, number: int) -> str:
        return _record("place", f"city-{number}")

    def _any(self, kind: str, number: int) -> str:
        return _record(kind, str(self._random.randrange(number)))


def _record(kind: str, slug: str) -> str:
    return f"<{ID}{kind}/{slug}>"


def _prefecture(number: int) -> str:
    return _record("place", f"jp-{number % 47 + 1:02}")


def _types(subject: str, name: str) -> Iterator[str]:
    for kind in (name, *_SUPERCLASSES.get(name, ())):
        yield f"{subject} <{_RDF}type> <{_ABC}{kind}> .\n"


def _labels(subject: str, japanese: str, english: str) -> Iterator[str]:
    yield f'{subject} <{_SKOS}prefLabel> "{japanese}"@ja .\n'
    yield f'{subject} <{_SKOS}prefLabel> "{english}"@en .\n'


def _link(subject: str, name: str, value: str) -> str:
    return f"{subject} <{_ABC}{name}> {value} .\n"


def _value(subject: str, name: str, value: str, datatype: str = "") -> str:
    return f'{subject} <{_ABC}{name}> "{value}"' + (f"^^<{_XSD}{datatype}> .\n" if datatype else " .\n")


def write(triples: int, path: Path, seed: int = 1) -> Counts:
    """Write a dataset to ``path`` and its numbers beside it; return the numbers."""
    generator = Generator(triples, seed)
    written = 0
    with path.open("w", encoding="utf-8", buffering=1 << 20) as stream:
        for line in generator.lines():
            stream.write(line)
            written += 1
    counts = generator.counts(written)
    path.with_suffix(".json").write_text(json.dumps(asdict(counts)), encoding="utf-8")
    return counts


def kept(triples: int, folder: Path, seed: int = 1) -> tuple[Path, Counts]:
    """Return the file of a dataset in ``folder`` and its numbers; write it where it is not there yet.

    The name has a hash of this module: another generator writes another file.
    """
    mark = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    path = folder / f"{triples}-{seed}-{mark}.nt"
    numbers = path.with_suffix(".json")
    if not numbers.exists():  # it is written last
        folder.mkdir(parents=True, exist_ok=True)
        write(triples, path, seed)
    return path, Counts(**json.loads(numbers.read_text(encoding="utf-8")))


if __name__ == "__main__":
    _parser = argparse.ArgumentParser(description=__doc__)
    _parser.add_argument("triples", type=int)
    _parser.add_argument("file", type=Path)
    _parser.add_argument("--seed", type=int, default=1)
    _arguments = _parser.parse_args()
    write(_arguments.triples, _arguments.file, _arguments.seed)
