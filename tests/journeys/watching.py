"""What must never happen in a browser, whatever the page."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError


class Watch:
    """Notes the faults of all pages of a context: requests to another host, errors of scripts, and what the console reports as an error."""

    def __init__(self, context: BrowserContext) -> None:
        self.faults: list[str] = []
        self.pages: set[str] = set()
        context.on("request", self._asked)
        context.on("response", self._answered)
        context.on("console", self._said)
        context.on("weberror", self._failed)

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.hostname != "127.0.0.1" and address.scheme not in ("data", "blob"):
            self.faults.append(f"request to {address.hostname}")

    def _answered(self, response: Response) -> None:
        if response.request.is_navigation_request():
            self.pages.add(response.url.split("#")[0])
        elif response.status >= 400:
            self.faults.append(f"{response.url} answers {response.status}")

    def _said(self, message: ConsoleMessage) -> None:
        """A breach of the content security policy is an error of the console. So is a page of status 4xx, which the tests look at for themselves."""
        is_page_status = message.text.startswith("Failed to load resource") and message.location["url"].split("#")[0] in self.pages
        if message.type == "error" and not is_page_status:
            self.faults.append(f"{message.location['url']}: {message.text}")

    def _failed(self, error: WebError) -> None:
        self.faults.append(str(error.error))
