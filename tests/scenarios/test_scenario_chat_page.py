"""The intake page in a real browser, through the real gate: by keyboard, on a phone, without scripts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect

from tests.scenarios.conftest import Mint
from tests.support.browser import barriers, chromium
from tests.support.served import Served, data_directory, served

pytestmark = pytest.mark.live

LINES = (
    "a personal loan",
    "Maria Lopez",
    "15k over 5 years",
    "I make 60,000 a year",
    "no other income",
    "I work for a company",
    "Acme Foods, 42 months",
    "my rent is 1,200",
    "my car payment is 400",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all pages."""
    with chromium() as running:
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that nobody used before."""
    context = browser.new_context()
    yield context
    context.close()


class PageServer(ThreadingHTTPServer):
    """Somebody's web server with one page, which holds ``tag``."""

    tag = ""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, PageServer)
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(f"<!doctype html><title>A broker</title>{self.server.tag}".encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@contextmanager
def page_server() -> Iterator[tuple[PageServer, str]]:
    """The server, and its origin."""
    with PageServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server, f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def begun(page: Page, platform: Served, token: str, language: str = "en") -> None:
    """Open the page and begin a conversation, by keyboard alone."""
    page.goto(f"{platform.worker}/intake/chat")
    page.keyboard.press("Tab")
    page.keyboard.type(token)
    page.keyboard.press("Tab")
    if language == "es":
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#log .turn")).to_have_count(1)


def said(page: Page, text: str) -> None:
    """Write a message, send it with Enter and wait for the whole answer."""
    before = page.locator("#log .assistant").count()
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page.locator("#log .assistant")).to_have_count(before + 1)
    expect(page.locator("#log")).to_have_attribute("aria-busy", "false")


def confirmed(page: Page) -> None:
    """Answer everything, and agree to what was read back."""
    for line in LINES:
        said(page, line)
    for _ in range(6):
        if page.locator("#submit").is_visible():
            return
        asked = page.locator("#log .assistant").last.inner_text()
        said(page, "yes" if "right?" in asked or "correct" in asked else "skip")


def test_a_whole_conversation_by_keyboard(platform: Served, mint: Mint, context: BrowserContext) -> None:
    """From the entrance to an application with the lender, without touching a mouse."""
    page = context.new_page()
    begun(page, platform, mint("intake"))
    confirmed(page)
    page.locator("#submit").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_contain_text("Your application is with the lender")
    assert page.locator("#text").count() == 0


@pytest.mark.parametrize("width", [1280, 320])
def test_nothing_keeps_anybody_out(platform: Served, mint: Mint, browser: Browser, width: int) -> None:
    """Axe finds nothing, on a desk and at 320 pixels, where nothing has to be scrolled sideways either."""
    context = browser.new_context(viewport={"width": width, "height": 720}, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{platform.worker}/intake/chat")
    assert barriers(page) == []
    begun(page, platform, mint("intake"))
    said(page, "I make 5k a month, and my SSN is 123-45-6789")
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_color_schemes_can_be_read(platform: Served, mint: Mint, browser: Browser, scheme: str) -> None:
    """The contrast holds in the light and in the dark."""
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light", bypass_csp=True)
    page = context.new_page()
    begun(page, platform, mint("intake"))
    assert barriers(page) == []
    context.close()


def test_without_scripts(platform: Served, mint: Mint, browser: Browser) -> None:
    """Every step is a plain form: begin, say, be answered, ask for a person."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto(f"{platform.worker}/intake/chat")
    page.fill("#token", mint("intake"))
    page.click("button[value=open]")
    page.fill("#text", "a personal loan of 15k")
    page.click("button[value=say]")
    expect(page.locator("#log .turn")).to_have_count(3)
    page.click("button[value=person]")
    expect(page.locator("#log .turn")).to_have_count(5)
    expect(page.locator("#person")).to_have_count(0)
    context.close()


def test_a_page_loaded_again_says_nothing_twice(platform: Served, mint: Mint, browser: Browser) -> None:
    """The form's message has an id: sending the form again is the same message."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{platform.worker}/intake/chat")
    page.fill("#token", mint("intake"))
    page.click("button[value=open]")
    page.fill("#text", "a personal loan of 15k")
    page.click("button[value=say]")
    page.reload()
    expect(page.locator("#log .turn")).to_have_count(3)
    context.close()


@pytest.mark.parametrize("cut_at", [0, 1, 2, 3])
def test_a_cut_connection_is_taken_up_again(
    platform: Served, mint: Mint, context: BrowserContext, cut_at: int
) -> None:
    """The stream breaks off after so many events; the page connects again, and nothing is there twice."""
    page = context.new_page()
    begun(page, platform, mint("intake"))
    cuts = iter([True])

    def cut(route: Route, request: Request) -> None:
        if request.method != "POST" or not next(cuts, False):
            route.continue_()
            return
        whole = route.fetch()
        events = whole.text().split("\n\n")[:cut_at]
        body = "".join(f"{event}\n\n" for event in events)
        route.fulfill(status=200, headers={"content-type": "text/event-stream"}, body=body)

    page.route("**/messages", cut)
    said(page, "a personal loan of 15k")
    assert page.locator("#log .person").count() == 1
    streamed = page.locator("#log .turn").all_inner_texts()
    page.unroute("**/messages")
    said(page, "Maria Lopez")
    page.locator("#person").click()
    expect(page.locator("#log .assistant")).to_have_count(4)
    assert page.locator("#log .turn").all_inner_texts()[:3] == streamed


def test_hostile_words_stay_words(platform: Served, mint: Mint, context: BrowserContext) -> None:
    """Markup in a message is shown as text, streamed and rendered; no policy is violated, no script runs."""
    page = context.new_page()
    violations: list[str] = []
    page.on("console", lambda message: violations.append(message.text) if message.type == "error" else None)
    page.on("dialog", lambda dialog: violations.append(dialog.message))
    begun(page, platform, mint("intake"))
    said(page, "<img src=x onerror=alert(1)><script>alert(2)</script>")
    assert page.locator("#log img, #log script").count() == 0
    assert violations == []


def test_an_identifier_is_not_left_on_the_screen(
    platform: Served, mint: Mint, context: BrowserContext
) -> None:
    """Once answered, the page shows the message as it is kept."""
    page = context.new_page()
    begun(page, platform, mint("intake"))
    said(page, "my social is 123-45-6789 by the way")
    mine = page.locator("#log .person").last
    expect(mine).to_have_text("Youmy social is [number put out of sight] by the way")


def embedding(gate: str, token: str) -> str:
    """What a broker puts into a page."""
    return f'<script src="{gate}/intake/embed.js" data-token="{token}"></script>'


def test_a_page_of_the_broker_embeds_it(browser: Browser) -> None:
    """One script tag puts the conversation into a frame of a page whose origin the lender allows."""
    with (
        page_server() as (server, broker),
        data_directory() as directory,
        served(directory, environment={"LENDGATE_INTAKE_FRAMES": broker}) as platform,
    ):
        server.tag = embedding(platform.worker, platform.token)
        page = browser.new_context().new_page()
        page.goto(broker)
        expect(page.frame_locator("iframe").locator("#log .turn")).to_have_count(1)
        assert platform.token not in page.frames[-1].url
        page.context.close()


def test_a_page_of_anybody_else_does_not(platform: Served, mint: Mint, browser: Browser) -> None:
    """Where the lender allows no frames, the browser shows nothing of the conversation."""
    with page_server() as (server, stranger):
        server.tag = embedding(platform.worker, mint("intake"))
        page = browser.new_context().new_page()
        with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
            page.goto(stranger)
        page.context.close()
