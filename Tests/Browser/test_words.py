"""Every message is there in both languages, is used, and is all that is used."""

import json
import re

import pytest
from playwright.sync_api import expect

from browser_node import WEB
from daemon import REPOSITORY

LANGUAGES = ("en", "fr")
FILES = {language: json.loads((WEB / f"messages/{language}.json").read_text())
         for language in LANGUAGES}
SOURCES = {file.name: file.read_text() for file in [*WEB.rglob("*.js"), WEB / "index.html"]}
PLACEHOLDER = re.compile(r"\{(\w+)\}")
# Codes of the node's start: without a daemon there is no page to show them.
BEFORE_THE_PAGE = {
    "start.failed", "socket.failed", "storage.not-ours", "storage.other-node", "storage.key",
    "storage.locked", "ambiguous", "bad-body",
}


def literal_keys():
    """Keys that the page names outright."""
    keys = set()
    for text in SOURCES.values():
        keys |= set(re.findall(r"""\bt\(\s*'([^'$]+)'""", text))
        keys |= set(re.findall(r"""data-t(?:-label)?="([^"]+)\"""", text))
        for choice in re.findall(r"\bt\((\w[^;]*?)\)[,;)\]]", text):
            keys |= {key for key in re.findall(r"'([a-z][\w.-]+)'", choice) if key in FILES["en"]}
    return keys


def families():
    """Beginnings of keys that the page puts together."""
    found = set()
    for text in SOURCES.values():
        found |= set(re.findall(r"`([a-z]+(?:\.[a-z]+)*\.)\$\{", text))
    return found


def bare(key):
    """A key without the ending of its plural."""
    begun, _, ending = key.rpartition(".")
    both = {f"{begun}.one", f"{begun}.other"}
    return begun if ending in ("one", "other") and both <= set(FILES["en"]) else key


def swift(*files):
    """Sources of the daemon."""
    return "\n".join(path.read_text() for file in files for path in REPOSITORY.glob(file))


def test_both_languages_have_the_same_keys_and_values():
    """A key, or a value in a sentence, that one language lacks."""
    assert set(FILES["en"]) == set(FILES["fr"])
    for key, text in FILES["en"].items():
        assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(FILES["fr"][key])), key
    for language, messages in FILES.items():
        assert all(text.strip() == text and text for text in messages.values()), language


def test_no_key_is_missing_or_left_over():
    """What the page names is there; what is there is named."""
    present = {bare(key) for key in FILES["en"]}
    used = {bare(key) for key in literal_keys()}
    assert used - present == set()
    beginnings = tuple(families())
    assert beginnings
    assert {key for key in present - used if not key.startswith(beginnings)} == set()


def test_every_state_of_the_daemon_has_its_words():
    """States, refusals and questions as the daemon's sources name them, each with a message."""
    device = swift("Sources/Model/Views/DeviceView.swift")
    states = re.search(r"enum State.*?\n  }", device, re.S).group()
    for name, raw in re.findall(r"case (\w+)(?: = \"([\w-]+)\")?", states):
        assert f"state.{raw or name}" in FILES["en"], name
    command = swift("Sources/Model/Views/CommandView.swift")
    lives = re.search(r"enum State.*?var isFinal", command, re.S).group()
    for name in re.findall(r"^    case (\w+)$", lives, re.M):
        assert f"command.{name}" in FILES["en"], name
    reasons = re.search(r"A code for refusals.*?reason: String", command, re.S).group()
    codes = re.findall(r"`([\w-]+)`", reasons)
    assert len(codes) >= 10
    for code in codes:
        assert f"reason.{code}" in FILES["en"], code
    questions = re.findall(r'make\(\s*"([\w-]+)"', swift("Sources/Gateway/Node/Problems.swift"))
    kinds = {kind for kind in questions if kind in swift("Sources/Model/Views/StatusView.swift")}
    assert len(kinds) >= 5
    for kind in kinds:
        assert f"question.{kind}" in FILES["en"], kind


def test_every_problem_a_page_may_show_has_its_words():
    """Codes as the daemon's sources name them."""
    sources = swift("Sources/Gateway/**/*.swift", "Sources/Api/*.swift")
    # What a link to a peer failed of is told in words of its own.
    told = r'(?<!PeerFailure\()(?<!\.init\()(?<!refused\()code: "([\w.-]*\w)"'
    codes = set(re.findall(told, sources))
    codes |= set(re.findall(r'= "(config\.[\w-]+)"', sources))
    codes |= set(re.findall(r'return "(storage\.[\w-]+)"', sources))
    assert len(codes) > 30
    for code in codes - BEFORE_THE_PAGE:
        if not code.startswith("simulation."):
            assert f"problem.{code}" in FILES["en"], code


def test_every_change_that_is_told_has_its_words():
    """Codes of the audit, as the daemon's sources name them."""
    source = swift("Sources/Gateway/Access/AuditText.swift")
    codes = set(re.findall(r'(?:return|device)\s*\(\s*"([a-z][\w.-]+)"', source))
    assert len(codes) > 20, codes
    for code in codes:
        assert f"audit.{code}" in FILES["en"], code


@pytest.mark.parametrize("wanted,expected", [
    ("fr-FR", "fr"), ("en-GB", "en"), ("fr-CA", "fr"), ("de-DE", "en")])
def test_the_language_is_the_browsers(visit, wanted, expected):
    """By its list of languages, and English for those that there are no words for."""
    page = visit(wanted)
    expect(page.locator("html")).to_have_attribute("lang", expected)
    expect(page.locator("#node summary")).to_have_text(FILES[expected]["node.title"])


def test_a_language_that_was_chosen_is_remembered(visit, make_board):
    """The switch changes everything at once, values too, and the next visit begins with it."""
    board = make_board()
    page = visit("en-GB")
    board.measure(215)
    expect(page.locator(".tile .number")).to_have_text("21.5", timeout=15_000)
    switch = page.locator("[data-language=fr]")
    switch.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".tile .number")).to_have_text("21,5")
    expect(page.locator(".state-word")).to_have_text("connecté")
    expect(switch).to_have_attribute("aria-pressed", "true")
    expect(switch).to_be_focused()
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.locator(".tile .number")).to_have_text("21,5", timeout=15_000)
