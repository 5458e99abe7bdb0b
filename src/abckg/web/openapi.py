"""The OpenAPI document: what every address takes and gives, made from the routes and the catalogue that are there.

Layer: web; imports ``queries`` and ``settings``. Specification: https://spec.openapis.org/oas/v3.1.0
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from importlib.metadata import version

from flask import Flask
from werkzeug.routing import Rule

from abckg.queries import Parameter as Variable
from abckg.queries import Query
from abckg.web.described import TEXT, Description, Parameter, Schema, description_of
from abckg.web.site import Site
from abckg.web.urls import Urls

__all__ = ["CATALOGUE_ENDPOINT", "document"]

CATALOGUE_ENDPOINT = "api.answer"
_METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")
_VARIABLE = re.compile(r"<(?:(?P<kind>\w+)(?:\([^)]*\))?:)?(?P<name>\w+)>")
_KINDS: Mapping[str, Schema] = {"int": {"type": "integer", "minimum": 0}}
_PROBLEM: Schema = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": TEXT,
        "title": TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": TEXT,
        "line": {"type": "integer", "minimum": 1},
        "column": {"type": "integer"},
    },
}
_MEANINGS = {
    "200": "The answer.",
    "201": "Made.",
    "202": "Taken.",
    "204": "Done.",
    "302": "See there.",
    "303": "See there.",
}
_PROBLEMS = {
    "4XX": "The request cannot be answered, and why.",
    "5XX": "The server cannot answer now, or the query took more than it may.",
}
_TYPES: Mapping[str, Schema] = {
    "iri": {"type": "string", "description": "An IRI, or a name such as place:jp-34."},
    "integer": {"type": "integer"},
    "string": TEXT,
}


def document(app: Flask, site: Site, host: str) -> dict[str, object]:
    """Return the document of the application at ``host`` (such as ``http://localhost:8000/``)."""
    paths: dict[str, dict[str, object]] = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if rule.endpoint == "static":
            continue
        function = app.view_functions[rule.endpoint]
        description = description_of(function) or Description(rule.endpoint.partition(".")[0])
        operation = _operation(rule, inspect.getdoc(function) or "", description)
        for method in sorted((rule.methods or set()) & set(_METHODS)):
            paths.setdefault(_path(rule), {})[method.lower()] = {**operation, "operationId": _name(rule, method)}
        if rule.endpoint == CATALOGUE_ENDPOINT:
            paths |= {
                _path(rule).replace("{slug}", query.slug): _question(query, description)
                for query in site.catalogue.values()
            }
    urls = Urls(site.settings)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ABC Knowledge Graph",
            "version": version("abckg"),
            "summary": "Japan's regional science, technology and innovation as linked open data",
            "license": {"name": "Apache-2.0 (code), CC-BY-4.0 (data)", "identifier": "Apache-2.0 AND CC-BY-4.0"},
        },
        "servers": [{"url": urls.absolute(urls.path("/"), host).rstrip("/")}],
        "paths": paths,
        "components": {"schemas": {"Problem": _PROBLEM}},
    }


def _operation(rule: Rule, text: str, description: Description) -> dict[str, object]:
    summary, _, more = text.partition("\n")
    in_path = [
        Parameter(found["name"], found["name"].replace("_", " "), _KINDS.get(found["kind"] or "", TEXT), True, "path")
        for found in _VARIABLE.finditer(rule.rule)
    ]
    return _described(summary, more.strip(), description, (*in_path, *description.parameters))


def _question(query: Query, description: Description) -> dict[str, object]:
    """Return the path of one question of the catalogue, with its own parameters."""
    own = tuple(map(_variable, query.parameters))
    operation = _described(query.summary, query.description, description, (*own, *description.parameters))
    return {"get": {**operation, "operationId": f"query_{query.slug}"}}


def _variable(variable: Variable) -> Parameter:
    schema = dict(_TYPES[variable.type])
    if variable.default is not None:
        schema["default"] = int(variable.default) if variable.type == "integer" else variable.default
    return Parameter(variable.name, variable.description, schema, variable.default is None)


def _described(summary: str, more: str, description: Description, parameters: Iterable[Parameter]) -> dict[str, object]:
    answers = {
        status: _response(_MEANINGS.get(status, "Done."), types) for status, types in description.answers.items()
    }
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}, "text/html": {}}
    operation: dict[str, object] = {
        "tags": [description.tag],
        "summary": summary,
        "parameters": [_parameter(parameter) for parameter in parameters],
        "responses": answers
        | {"304": {"description": "The entity tag of If-None-Match is the current one."}}
        | {status: {"description": text, "content": problem} for status, text in _PROBLEMS.items()},
    }
    if more:
        operation["description"] = more
    if description.bodies:
        bodies = {kind: {"schema": schema} for kind, schema in description.bodies.items()}
        operation["requestBody"] = {"required": True, "content": bodies}
    return operation


def _response(text: str, types: Mapping[str, Schema]) -> dict[str, object]:
    content = {kind: {"schema": schema} if schema else {} for kind, schema in types.items()}
    return {"description": text, "content": content} if content else {"description": text}


def _parameter(parameter: Parameter) -> dict[str, object]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "description": parameter.description,
        "required": parameter.required,
        "schema": parameter.schema,
    }


def _path(rule: Rule) -> str:
    return _VARIABLE.sub(r"{\g<name>}", rule.rule)


def _name(rule: Rule, method: str) -> str:
    place = "".join(char if char.isalnum() else "_" for char in rule.rule).strip("_")
    return f"{method.lower()}_{place}" if place else f"{method.lower()}_home"
