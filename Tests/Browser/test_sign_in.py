"""The door of the page: the first start, signing in and out, and sessions that end meanwhile."""

import json

import pytest
from playwright.sync_api import expect

from access import PASSWORD
from browser_node import WEB

WORDS = {language: json.loads((WEB / f"messages/{language[:2]}.json").read_text())
         for language in ("en-GB", "fr-FR")}
OTHER = "another horse and staple"
#: A status is asked for every 5 s; a feed whose session has ended closes within 15 s.
ENDS_MS = 20_000


def enter(page, user, password=PASSWORD):
    """Signs in, as far as that goes."""
    page.locator("#door [name=user]").fill(user)
    page.locator("#door [name=password]").fill(password)
    page.keyboard.press("Enter")


def refusal(page, name):
    """What stands beside a field, which must say itself that it is wrong."""
    field = page.locator(f"form:visible [name={name}]")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    told = [page.locator(f"#{one}") for one in field.get_attribute("aria-describedby").split()]
    return next(one for one in told if "error" in one.get_attribute("class")).inner_text()


@pytest.mark.parametrize("language", WORDS)
def test_the_first_start_is_claimed(visit, daemon, language):
    """By the code alone, with each error beside its field; afterwards one is in, and stays in."""
    words = WORDS[language]
    page = visit(language, role=None, cut=True)
    code = page.locator("#door [name=code]")
    expect(code).to_be_focused()
    expect(page.locator("#door h2")).to_have_text(words["claim.title"])
    assert page.title() == f"{words['claim.title']} · Bivouac"
    expect(page.locator("#live")).to_be_hidden()
    page.keyboard.press("Enter")
    assert refusal(page, "code") == words["field.empty"]
    code.fill("00000-00000")
    page.locator("#door [name=user]").fill("Ada")
    page.locator("#door [name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#door .error:visible")).to_have_text(words["problem.claim.wrong"])
    refusal(page, "code")
    # As people write it: in small letters, with a space or nothing between.
    shown = daemon.get("/api/v1/status")["access"]["claimCode"]
    code.fill(shown.lower().replace("-", " "))
    page.locator("#door [name=password]").fill("short")
    page.keyboard.press("Enter")
    expect(page.locator("#door .error:visible")).to_have_text(
        words["problem.password.refused.short"])
    refusal(page, "password")
    page.locator("#door [name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#account .who")).to_have_text("ada")
    expect(page.locator("#empty")).to_be_visible()
    assert "claimCode" not in daemon.get("/api/v1/status")["access"]
    page.reload()
    expect(page.locator("#account .who")).to_have_text("ada")
    expect(page.locator("#door")).to_be_hidden()


def test_who_comes_late_to_the_first_start_signs_in(visit, daemon):
    """While the form stood open somebody else made the administrator."""
    page = visit(role=None, cut=True)
    code = page.locator("#door [name=code]")
    code.fill(daemon.get("/api/v1/status")["access"]["claimCode"])
    daemon.access.user()
    enter(page, "ada")
    expect(code).to_have_count(0)
    expect(page.locator("#door h2")).to_have_text("Sign in")
    expect(page.locator("#door .why")).to_contain_text("made meanwhile")
    expect(page.locator("#door [name=user]")).to_have_value("ada")
    enter(page, "admin")
    expect(page.locator("#account .who")).to_have_text("admin")


@pytest.mark.parametrize("language", WORDS)
def test_signing_in_and_out_by_keyboard_alone(visit, daemon, make_board, language):
    """A wrong password is said beside it; after the way out nothing is left to go back to."""
    words = WORDS[language]
    daemon.access.user()
    make_board().measure(215)
    page = visit(language, role=None, cut=True)
    expect(page.locator("#door [name=user]")).to_be_focused()
    page.keyboard.type("ADMIN")
    page.keyboard.press("Tab")
    page.keyboard.type("not this one")
    page.keyboard.press("Enter")
    expect(page.locator("#door .error:visible")).to_have_text(words["problem.login.wrong"])
    refusal(page, "password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator("#door [name=password]")).to_have_attribute("type", "text")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".card")).to_have_count(1, timeout=15_000)
    assert page.evaluate("sessionStorage.length") == 0
    account = page.locator("#account-button")
    account.focus()
    page.keyboard.press("Enter")
    expect(account).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#account-menu")).to_be_hidden()
    expect(account).to_be_focused()
    page.keyboard.press("Enter")
    for _ in page.locator("#account-menu a:visible").all():
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("#sign-out")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#door h2")).to_have_text(words["door.title"])
    expect(page.locator("#account")).to_be_hidden()
    assert page.locator(".card").count() == 0
    page.go_back()
    expect(page.locator(".card")).to_have_count(0)


def test_what_is_typed_outlives_another_language(visit, daemon):
    daemon.access.user()
    page = visit(role=None)
    page.locator("#door [name=user]").fill("admin")
    page.locator("#door [name=password]").fill(PASSWORD)
    page.locator("[data-language=fr]").click()
    expect(page.locator("#door h2")).to_have_text(WORDS["fr-FR"]["door.title"])
    expect(page.locator("#door [name=user]")).to_have_value("admin")
    page.locator("#door .act").click()
    expect(page.locator("#account .who")).to_have_text("admin")


def test_too_many_attempts_say_how_long_to_wait(visit, daemon):
    daemon.access.user()
    page = visit(role=None, cut=True)
    for attempt in range(20):  # the wait grows past what any attempt takes
        with page.expect_response("**/api/v1/session") as answered:
            enter(page, "admin", f"wrong number {attempt}")
        if answered.value.status == 429:
            break
        expect(page.locator("#door form")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator("#door .error:visible")).to_contain_text("Too many attempts failed")
    assert answered.value.json()["parameters"]["seconds"] in page.locator(
        "#door .error:visible").inner_text()


def end_sessions(daemon, user="admin"):
    """Ends every session of somebody: another password does."""
    status, _ = daemon.request("PUT", f"/api/v1/users/{user}", {"password": OTHER})
    assert status == 200


def test_an_ended_session_goes_on_where_one_was(visit, daemon, make_board):
    """The door stands in place of the view, with the name; then the same view is there again."""
    board = make_board()
    board.measure(215)
    page = visit(cut=True)
    expect(page.locator(".tile .number")).to_have_text("21.5", timeout=15_000)
    page.locator("[data-command=led] input").fill("7")
    page.evaluate("window.sameRun = true")
    end_sessions(daemon)
    expect(page.locator("#door")).to_be_visible(timeout=ENDS_MS)
    expect(page.locator("#door .why")).to_contain_text("Your session has ended")
    expect(page.locator("#door [name=user]")).to_have_value("admin")
    expect(page.locator("#door [name=password]")).to_be_focused()
    expect(page.locator(".tile")).to_be_hidden()
    board.measure(333)
    page.keyboard.type(OTHER)
    page.keyboard.press("Enter")
    expect(page.locator("#door")).to_be_hidden()
    expect(page.locator(".tile .number")).to_have_text("33.3", timeout=15_000)
    expect(page.locator("[data-command=led] input")).to_have_value("7")
    expect(page.locator("[data-command=led] input")).to_be_focused()
    expect(page.locator("#health-live")).to_have_attribute("data-health", "live")
    assert page.evaluate("window.sameRun")


def test_another_person_begins_with_an_empty_page(visit, daemon, make_board):
    """Nothing of what somebody else left open is shown to whoever signs in next."""
    make_board().measure(215)
    daemon.access.user("viewer")
    page = visit(cut=True)
    expect(page.locator(".card")).to_have_count(1, timeout=15_000)
    page.evaluate("window.sameRun = true")
    end_sessions(daemon)
    expect(page.locator("#door")).to_be_visible(timeout=ENDS_MS)
    enter(page, "viewer")
    expect(page.locator("#account .who")).to_have_text("viewer")
    expect(page.locator(".card")).to_have_count(1, timeout=15_000)
    assert page.evaluate("window.sameRun === undefined")


def test_the_door_asks_for_nothing(visit, daemon):
    """While nobody is in, no feed is tried again and no status asked for."""
    page = visit(cut=True)
    expect(page.locator("#empty")).to_be_visible(timeout=15_000)
    end_sessions(daemon)
    expect(page.locator("#door")).to_be_visible(timeout=ENDS_MS)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(7_000)  # longer than from one status, or one attempt, to the next
    assert asked == []


def test_a_request_that_is_refused_shows_the_door(visit, daemon):
    """Also where the feed does not tell: a proxy may hold that open."""
    daemon.access.user()
    page = visit(role=None, cut=True)
    page.route("**/api/v1/events", lambda route: route.fulfill(
        status=200, content_type="text/event-stream", body=": still here\n\n"))
    enter(page, "admin")
    expect(page.locator("#empty")).to_be_visible(timeout=15_000)
    end_sessions(daemon)
    expect(page.locator("#door")).to_be_visible(timeout=ENDS_MS)


def test_a_session_renewed_in_another_window_is_taken_up(visit, make_board):
    """The cookie is another one, and with it the value that goes with each change."""
    make_board().measure(215)
    page = visit(cut=True)
    expect(page.locator(".tile .number")).to_have_text("21.5", timeout=15_000)
    other = page.context.new_page()
    other.goto(page.url)
    other.locator("#account-button").click()
    other.locator("#sign-out").click()
    enter(other, "admin")
    expect(other.locator("#account .who")).to_have_text("admin")
    if page.locator("#door").is_visible():  # it looked in between
        enter(page, "admin")
    page.locator("[data-command=led] input").fill("1")
    page.locator("[data-command=led] button").click()
    expect(page.locator("[data-command=led]")).to_have_attribute(
        "data-command-state", "acked", timeout=10_000)


def test_a_history_that_was_linked_to_comes_after_the_door(visit, daemon):
    """The address is kept while one signs in."""
    daemon.access.user()
    address = f"{daemon.url}#/history?last=3600"
    page = visit(role=None, url=address)
    expect(page.locator("#door")).to_be_visible()
    enter(page, "admin")
    expect(page.locator("#history h2")).to_be_visible()
    assert page.url == address
