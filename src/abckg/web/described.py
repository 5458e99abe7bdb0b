"""What an address takes and gives, told beside its function: a decorator that the OpenAPI document reads.

    @blueprint.get("/search")
    @described("search", Parameter("q", "What to look for.", required=True), answers={"200": media(JSON)})
    def search() -> Response: ...

The summary is the first line of the docstring, the parameters in the path come from the rule, and every operation may
answer with problem details: what is told here is the rest.
Layer: web; imports ``formats``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import ParamSpec, TypeAlias, TypeVar

from abckg.formats import GRAPH_FORMATS, SOLUTION_FORMATS, ResultFormat

__all__ = [
    "ANSWERS",
    "FORMAT",
    "GRAPHS",
    "JSON",
    "LANGUAGE",
    "REDIRECT",
    "TEXT",
    "TIMEOUT",
    "Description",
    "Parameter",
    "Schema",
    "described",
    "description_of",
    "media",
]

Schema: TypeAlias = Mapping[str, object]
_Inputs = ParamSpec("_Inputs")
_Output = TypeVar("_Output")

JSON = "application/json"
TEXT: Schema = {"type": "string"}


@dataclass(frozen=True)
class Parameter:
    """A parameter of an operation; ``place`` is ``query``, ``header`` or ``path``."""

    name: str
    description: str
    schema: Schema = field(default_factory=lambda: TEXT)
    required: bool = False
    place: str = "query"


@dataclass(frozen=True)
class Description:
    """What one function takes and gives.

    Attributes:
        tag: The group of operations it belongs to.
        parameters: What stands in the address after the ``?``, and headers.
        answers: For each status that is no error the media types with their schemas.
        bodies: The media types of the body with their schemas; none where it reads no body.
    """

    tag: str
    parameters: tuple[Parameter, ...] = ()
    answers: Mapping[str, Mapping[str, Schema]] = field(default_factory=lambda: {"200": {}})
    bodies: Mapping[str, Schema] = field(default_factory=dict)


def media(*types: str, schema: Schema | None = None) -> dict[str, Schema]:
    """Return the media types, each with ``schema``; without one, any content fits."""
    return dict.fromkeys(types, schema or {})


def _types(formats: Iterable[ResultFormat]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(kind for form in formats for kind in (form.media_type, *form.aliases)))


GRAPHS = media(*_types(GRAPH_FORMATS))
ANSWERS = media(*_types((*SOLUTION_FORMATS, *GRAPH_FORMATS)), "text/html")
REDIRECT: Mapping[str, Mapping[str, Schema]] = {"303": {}}
FORMAT = Parameter("format", "The format by name, such as csv or turtle; without it, the Accept header chooses.")
LANGUAGE = Parameter("lang", "The language of the page.", {"type": "string", "enum": ["ja", "en"]})
TIMEOUT = Parameter(
    "timeout",
    "Seconds after which no answer is wanted any more; the limit of the server holds where it is shorter.",
    {"type": "number", "exclusiveMinimum": 0, "maximum": 1e9},
)


def described(
    tag: str,
    *parameters: Parameter,
    answers: Mapping[str, Mapping[str, Schema]] | None = None,
    bodies: Mapping[str, Schema] | None = None,
) -> Callable[[Callable[_Inputs, _Output]], Callable[_Inputs, _Output]]:
    """Return a decorator that tells what a function of an address takes and gives; see ``Description``."""
    description = Description(tag, parameters, answers or {"200": {}}, bodies or {})

    def tell(function: Callable[_Inputs, _Output]) -> Callable[_Inputs, _Output]:
        function.__dict__["description"] = description
        return function

    return tell


def description_of(function: Callable[..., object]) -> Description | None:
    """Return what was told of a function, None where nothing was."""
    found = getattr(function, "description", None)
    return found if isinstance(found, Description) else None
