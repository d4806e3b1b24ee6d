"""Orders from the page: their state in place, the board's word beside it, refusals in words."""

import pytest
from playwright.sync_api import expect


def test_a_command_is_seen_through_without_a_reload(visit, simulate):
    """Asked by keyboard alone, done, and beside it what the board reports of itself."""
    simulate("otomate-companion")
    page = visit()
    page.locator("summary", has_text="Commands").click(timeout=15_000)
    form = page.locator("[data-command=d1]")
    expect(form.locator(".asked")).to_have_text("Never sent.")
    expect(form.locator(".reported")).to_have_text("Board reports: 0", timeout=10_000)
    page.evaluate("window.sameRun = true")
    form.locator("button").focus()
    page.keyboard.press("Enter")
    expect(form).to_have_attribute("data-command-state", "acked", timeout=10_000)
    expect(form.locator(".asked")).to_contain_text("Asked: d1 1: done")
    expect(form.locator(".reported")).to_have_text("Board reports: 1", timeout=10_000)
    expect(page.locator("#said")).to_contain_text("d1 1: done")
    assert page.evaluate("window.sameRun")


@pytest.mark.parametrize("language,words", [
    ("en-GB", ["led 1: refused, the device runs another one", "led 1: failed, answer 9",
               "Give a value first."]),
    ("fr-FR", ["led 1\u00a0: refusée, l'appareil en exécute une autre",
               "led 1\u00a0: échouée, réponse 9", "Donnez d'abord une valeur."]),
])
def test_what_does_not_work_is_said_in_words(visit, make_board, language, words):
    """Refused by the board, failed on it, and not sent at all."""
    board = make_board()
    page = visit(language)
    form = page.locator("[data-command=led]")
    form.locator("button").click(timeout=15_000)
    expect(form.locator(".error")).to_have_text(words[2])
    expect(form.locator("input")).to_be_focused()
    for result, said, state in (((7, 0), words[0], "refused"), ((2, 9), words[1], "failed")):
        board.result = result
        form.locator("input").fill("1")
        form.locator("button").click()
        expect(form).to_have_attribute("data-command-state", state, timeout=10_000)
        expect(form.locator(".asked")).to_contain_text(said)
    expect(form.locator(".error")).to_be_hidden()


def test_what_the_daemon_refuses_is_said_at_the_command(visit, make_board):
    """A word where a number belongs: the daemon's refusal, in the reader's language."""
    make_board()
    page = visit("fr-FR", cut=True)
    form = page.locator("[data-command=led]")
    form.locator("input").fill("beaucoup", timeout=15_000)
    form.locator("button").click()
    expect(form.locator(".error")).to_have_text("«\u00a0n\u00a0» ne convient pas.")
    expect(form).not_to_have_attribute("data-command-state", "queued")


def test_a_name_is_given_in_place_and_taken_away(visit, daemon, make_board):
    """Kept by the daemon, seen by another tab, and the id is shown again without it."""
    make_board()
    page = visit()
    other = visit("fr-FR")
    card = page.locator(".card")
    device = card.get_attribute("data-device", timeout=15_000)
    card.locator(".rename").click()
    expect(card.get_by_label("Name of the device")).to_be_focused()
    page.keyboard.type("Greenhouse 1")
    page.keyboard.press("Enter")
    expect(card.locator("h2")).to_have_text("Greenhouse 1")
    expect(card.locator(".rename")).to_be_focused()
    expect(card.locator(".about")).to_contain_text(device)
    expect(other.locator(".card h2")).to_have_text("Greenhouse 1")
    assert daemon.devices()[device]["name"] == "Greenhouse 1"
    card.locator(".rename").click()
    page.keyboard.press("Escape")
    expect(card.locator("h2")).to_have_text("Greenhouse 1")
    card.locator(".rename").click()
    card.get_by_label("Name of the device").fill("")
    page.keyboard.press("Enter")
    expect(card.locator("h2")).to_have_text(device)
