"""Who may come in and what they may do, as administrators have it, and as the others see it."""

import urllib.error
import urllib.request

import pytest
from playwright.sync_api import expect

from access import PASSWORD
from test_access import violations
from test_sign_in import OTHER, end_sessions, enter


def fold(page, name):
    """A form that unfolds."""
    found = page.locator(f"[data-fold={name}]")
    found.evaluate("fold => { fold.open = true; }")
    return found


def status_of(daemon, secret):
    """What a program with a token is answered."""
    question = urllib.request.Request(
        f"{daemon.url}api/v1/status", headers={"Authorization": f"Bearer {secret}"})
    try:
        with urllib.request.urlopen(question, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code


def test_people_are_added_changed_and_removed(visit, browser, daemon):
    """Each change at once, said, and with the focus where it was made."""
    page = visit(url=f"{daemon.url}#/people", cut=True)
    people = page.locator("[data-user]")
    expect(people).to_have_count(1)
    expect(people).to_contain_text("administrator")
    expect(people).to_contain_text("you")
    form = fold(page, "add-user")
    form.locator("[name=user]").fill("Grace")
    form.locator("[name=password]").fill("short")
    form.locator("[name=role]").select_option("operator")
    page.keyboard.press("Enter")
    form.locator("button[type=submit]").click()
    expect(form.locator(".error:visible")).to_contain_text("too short")
    form.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    grace = page.locator("[data-user=grace]")
    expect(grace).to_contain_text("operator")
    expect(page.locator("#said")).to_have_text("grace can sign in now.")
    expect(form.locator("[name=password]")).to_have_value("")
    assert {one["name"]: one["role"] for one in daemon.get("/api/v1/users")["users"]} == {
        "admin": "admin", "grace": "operator"}
    form.locator("[name=user]").fill("GRACE")
    form.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(form.locator(".error:visible")).to_contain_text("There is a grace already")
    grace.locator("summary").click()
    grace.locator("[name=role]").select_option("viewer")
    grace.get_by_role("button", name="Set the role").click()
    expect(grace.locator(".role")).to_have_text("viewer")
    expect(grace.locator("summary")).to_be_focused()
    grace.locator("summary").click()
    grace.locator("[name=password]").fill(OTHER)
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("another password")
    other = visit(role=None, cut=True)
    enter(other, "grace", PASSWORD)
    expect(other.locator("#door .error:visible")).to_contain_text("another password")
    enter(other, "grace", OTHER)
    expect(other.locator("#account .who")).to_have_text("grace")
    page.bring_to_front()
    grace.locator("summary").click()
    grace.get_by_role("button", name="Remove").click()
    dialog = page.locator("dialog")
    expect(dialog).to_contain_text("Remove grace?")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(grace).to_have_count(1)
    grace.get_by_role("button", name="Remove").click()
    dialog.get_by_role("button", name="Remove").click()
    expect(grace).to_have_count(0)
    expect(other.locator("#door")).to_be_visible(timeout=20_000)


def test_the_last_administrator_stays(visit, daemon):
    """Neither removed nor made less over the network, and it is said why."""
    page = visit(url=f"{daemon.url}#/people", cut=True)
    own = page.locator("[data-user=admin]")
    own.locator("summary").click()
    own.locator("[name=role]").select_option("viewer")
    own.get_by_role("button", name="Set the role").click()
    expect(own.locator(".error:visible")).to_contain_text("the only administrator")
    own.get_by_role("button", name="Remove").click()
    page.locator("dialog").get_by_role("button", name="Remove").click()
    expect(own.locator(".error:visible")).to_have_count(2)
    assert daemon.get("/api/v1/users")["users"][0]["role"] == "admin"


def test_a_token_is_shown_once_and_revoked(visit, daemon):
    """Made, copied, used; gone from the page when it is left; refused once it is revoked."""
    page = visit(url=f"{daemon.url}#/people", cut=True)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    form = fold(page, "add-token")
    form.locator("[value=read]").uncheck()
    form.locator("[name=name]").fill("station")
    page.keyboard.press("Enter")
    expect(form.locator(".error:visible")).to_contain_text("at least one")
    form.locator("[value=read]").check()
    form.locator("[name=name]").press("Enter")
    shown = page.locator("[data-secret] input")
    expect(shown).to_be_focused()
    secret = shown.input_value()
    assert status_of(daemon, secret) == 200
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("[data-secret] .said")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == secret
    page.goto(f"{daemon.url}#/changes")
    expect(page.locator("[data-what='token.created']")).to_contain_text("station: read")
    page.goto(f"{daemon.url}#/people")
    token = page.locator("[data-token]")
    expect(token).to_contain_text("station")
    expect(page.locator("[data-secret]")).to_have_count(0)
    assert secret not in page.content()
    token.get_by_role("button", name="Revoke").click()
    page.locator("dialog").get_by_role("button", name="Revoke").click()
    expect(token).to_have_count(0)
    assert status_of(daemon, secret) == 401


def test_who_changed_what_is_told_newest_first(visit, daemon, make_board):
    """By people and by this machine, in words, page by page."""
    make_board().measure(215)
    daemon.access.user()
    page = visit(cut=True)
    card = page.locator(".card")
    expect(page.locator(".tile .number")).to_have_text("21.5", timeout=15_000)
    card.locator(".rename").click()
    page.keyboard.type("Boiler")
    page.keyboard.press("Enter")
    expect(card.locator("h2")).to_have_text("Boiler")
    page.goto(f"{daemon.url}#/changes")
    first = page.locator(".changes li").first
    expect(first).to_contain_text("Boiler")
    expect(first.locator("b")).to_have_text("admin")
    added = page.locator("[data-what='user.added']")
    expect(added).to_contain_text("Added admin as administrator")
    expect(added).to_contain_text("on the node")


def test_ones_own_password(visit, daemon):
    """The present one is asked for; other windows of the same person are out."""
    page = visit(url=f"{daemon.url}#/password", cut=True)
    elsewhere = visit(role=None, cut=True)
    enter(elsewhere, "admin")
    expect(elsewhere.locator("#account .who")).to_have_text("admin")
    page.bring_to_front()
    old, new = page.locator("[name=old]"), page.locator("[name=new]")
    assert old.get_attribute("autocomplete") == "current-password"
    assert new.get_attribute("autocomplete") == "new-password"
    old.fill("not this one")
    new.fill(OTHER)
    page.keyboard.press("Enter")
    expect(page.locator(".sheet .error:visible")).to_contain_text("not your present password")
    old.fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".done")).to_be_visible()
    expect(old).to_have_value("")
    elsewhere.bring_to_front()
    expect(elsewhere.locator("#door")).to_be_visible(timeout=20_000)
    enter(elsewhere, "admin", OTHER)
    expect(elsewhere.locator("#door")).to_be_hidden()
    expect(page.locator("#door")).to_be_hidden()


def test_a_viewer_sees_everything_and_no_controls(visit, daemon, make_board):
    """Commands with how they went, but no button, no name to change, no people."""
    make_board().measure(215)
    page = visit(role="viewer", cut=True)
    expect(page.locator(".tile .number")).to_have_text("21.5", timeout=15_000)
    expect(page.locator("[data-command=led]")).to_be_visible()
    for control in (".rename", "[data-command] button", "[data-command] input"):
        expect(page.locator(control).first).to_be_hidden()
    expect(page.locator(".commands-may")).to_be_visible()
    page.locator("#account-button").click()
    # One's own password, and what is to be seen: nothing there changes anything for a viewer.
    targets = [link.get_attribute("href") for link in page.locator("#account-menu a:visible").all()]
    assert targets == ["#/password", "#/alarms", "#/site", "#/conflicts"]
    page.goto(f"{daemon.url}#/people")
    expect(page.locator("#panel .why")).to_contain_text("Your role does not allow this")
    page.goto(f"{daemon.url}#/history?last=3600")
    page.locator("[data-fold=notes] > summary").click()
    expect(page.locator("[data-fold=notes] form")).to_be_hidden()


def test_a_role_that_changes_while_the_page_is_open(visit, daemon, make_board):
    """Less: the next order is refused with the reason, and its button goes."""
    make_board().measure(215)
    page = visit(role="operator", cut=True)
    order = page.locator("[data-command=led]")
    expect(order.locator("button")).to_be_visible(timeout=15_000)
    assert daemon.request("PUT", "/api/v1/users/operator", {"role": "viewer"})[0] == 200
    order.locator("input").fill("1")
    order.locator("button").click()
    expect(order.locator(".error")).to_contain_text("Your role does not allow this")
    expect(order.locator("button")).to_be_hidden()
    expect(page.locator("#said")).to_contain_text("viewer")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en-GB", "fr-FR"])
def test_axe_finds_nothing_in_any_view(visit, daemon, language, scheme):
    """The first start, the way in with an error, the menu, and every view unfolded; at 320 px too,
    where nothing is wider than the screen and every target large enough."""
    page = visit(language, scheme=scheme, width=320, role=None, cut=True)
    expect(page.locator("#door [name=code]")).to_be_visible()
    sound(page)
    daemon.access.user("admin")
    page.reload()
    enter(page, "admin", "wrong")
    expect(page.locator("#door .error:visible")).to_be_visible()
    sound(page)
    enter(page, "admin")
    page.locator("#account-button").click()
    sound(page)
    for name in ("w" * 64, "grace"):
        daemon.access.user("viewer", name)
    daemon.access.token("read", name="W" * 64)
    for view in ("people", "changes", "password"):
        page.goto(f"{daemon.url}#/{view}")
        expect(page.locator("#panel h2")).to_be_visible()
        if view == "people":
            expect(page.locator("[data-user]")).to_have_count(3)
            expect(page.locator("[data-token]")).to_have_count(1)
            page.evaluate("document.querySelectorAll('#panel details').forEach("
                          "(each) => { each.open = true; })")
        sound(page)
    page.goto(f"{daemon.url}#/people")
    page.locator("[data-user=grace] summary").click()
    page.locator("[data-user=grace] .plain.grave").click()
    sound(page)


def sound(page):
    """For everybody, on a narrow screen."""
    page.wait_for_timeout(300)  # colours have changed over
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    small = page.evaluate("""() => [...document.querySelectorAll('button, input, select, summary')]
      .filter((each) => each.checkVisibility()).map((each) => [each.outerHTML.slice(0, 80),
        each.getBoundingClientRect()]).filter(([, box]) => box.width < 24 || box.height < 24)
      .map(([html]) => html)""")
    assert small == []


def test_nobody_is_shown_anything(visit, daemon, make_board):
    """Whatever address is asked for: the page of somebody who is not in holds no device."""
    daemon.access.user()
    make_board().measure(215)
    for view in ("", "#/people", "#/changes", "#/history?last=60"):
        page = visit(role=None, url=f"{daemon.url}{view}")
        expect(page.locator("#door")).to_be_visible()
        assert page.locator(".card").count() == 0
        assert "tester" not in page.content()


def test_sessions_outlive_a_restart(visit, daemon):
    """kill -9: nobody is sent to the door, and what is changed after it is taken."""
    page = visit(url=f"{daemon.url}#/people", cut=True)
    expect(page.locator("[data-user]")).to_have_count(1)
    daemon.kill()
    expect(page.locator("#health-live")).to_have_attribute("data-health", "lost", timeout=10_000)
    daemon.start()
    expect(page.locator("#health-live")).to_have_attribute("data-health", "live", timeout=10_000)
    form = fold(page, "add-user")
    form.locator("[name=user]").fill("grace")
    form.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("[data-user=grace]")).to_be_visible()
    expect(page.locator("#door")).to_be_hidden()
    end_sessions(daemon)
    expect(page.locator("#door")).to_be_visible(timeout=20_000)
