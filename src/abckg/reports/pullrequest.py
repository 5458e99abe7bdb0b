"""One comment on a pull request at GitHub, written anew with each run.

The comment carries a mark by which the next run finds it again. Layer: imports ``errors``.
Specification: https://docs.github.com/rest/issues/comments
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from abckg.errors import RemoteRefused, UsageError

__all__ = ["PullRequest", "pull_request_of"]

_MARK = "<!-- abckg diff -->"
_PAGE = 100
_PAGES = 20
_SECONDS = 30
_READ_ONLY = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


@dataclass(frozen=True)
class PullRequest:
    """A pull request and what may comment on it.

    Attributes:
        api: the address of the REST API.
        repository: owner and name.
        number: the number of the pull request.
        token: what may comment; shown nowhere.
    """

    api: str
    repository: str
    number: int
    token: str

    def comment(self, text: str) -> str:
        """Write the comment, over that of an earlier run, and return its address.

        Raises:
            RemoteRefused: the server does not answer, or the token may not comment.
        """
        body = f"{_MARK}\n{text}"
        earlier = self._earlier()
        if earlier is not None:
            return str(self._ask("PATCH", f"issues/comments/{earlier}", {"body": body})["html_url"])
        return str(self._ask("POST", f"issues/{self.number}/comments", {"body": body})["html_url"])

    def _earlier(self) -> int | None:
        for page in range(1, _PAGES + 1):
            comments = self._ask("GET", f"issues/{self.number}/comments?per_page={_PAGE}&page={page}")
            for comment in comments:
                if str(comment.get("body", "")).startswith(_MARK):
                    return int(comment["id"])
            if len(comments) < _PAGE:
                return None
        return None

    def _ask(self, method: str, path: str, body: Mapping[str, str] | None = None) -> Any:
        request = Request(  # noqa: S310 - the address of the CI system itself
            f"{self.api}/repos/{self.repository}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode("utf-8"),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        try:
            with urlopen(request, timeout=_SECONDS) as response:  # noqa: S310
                return json.load(response)
        except HTTPError as fault:
            reason = "may not comment (permissions: pull-requests: write)" if fault.code in _READ_ONLY else "failed"
            raise RemoteRefused(f"{self.api} answered {fault.code}: the token {reason}") from fault
        except (URLError, TimeoutError, ValueError) as fault:
            raise RemoteRefused(f"{self.api} does not answer: {fault}") from fault


def pull_request_of(environment: Mapping[str, str]) -> PullRequest:
    """Return the pull request that a GitHub workflow runs for; UsageError where it runs for none."""
    try:
        event = json.loads(Path(environment["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
        return PullRequest(
            environment.get("GITHUB_API_URL", "https://api.github.com"),
            environment["GITHUB_REPOSITORY"],
            int(event["pull_request"]["number"]),
            environment["GITHUB_TOKEN"],
        )
    except (KeyError, OSError, ValueError) as fault:
        raise UsageError(
            f"--comment works in a GitHub workflow for a pull request, with GITHUB_TOKEN: {fault}"
        ) from None
