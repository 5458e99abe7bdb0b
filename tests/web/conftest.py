"""The application over the small graph."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

import tiny
from abckg.settings import Settings
from abckg.web.application import create_app


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    catalogue = tiny.catalogue(tmp_path_factory.mktemp("queries"))
    settings = Settings(max_query_length=2000, max_address_length=1500)
    return create_app(tiny.store(), settings, catalogue, quote=lambda passage: f"«{passage.start}»")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
