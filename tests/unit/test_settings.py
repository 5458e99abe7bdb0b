"""The table of settings."""

from __future__ import annotations

import pytest

from abckg.errors import UsageError
from abckg.settings import Settings


def test_environment_overrides_the_defaults() -> None:
    settings = Settings.from_environment({"ABCKG_PORT": "8080", "ABCKG_PREFIX": "abc/", "ABCKG_TIMEOUT": "2.5"})

    assert (settings.port, settings.prefix, settings.timeout, settings.host) == (8080, "/abc", 2.5, "127.0.0.1")


def test_number_that_is_none_is_an_error_that_names_the_setting() -> None:
    with pytest.raises(UsageError, match="ABCKG_PORT"):
        Settings.from_environment({"ABCKG_PORT": "many"})


def test_every_setting_says_what_it_does() -> None:
    assert all(help_ for _, _, help_ in Settings.table())
