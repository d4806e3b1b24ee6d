"""What only a person can say, asked and answered on the card."""

import json
import subprocess

import pytest
from playwright.sync_api import expect

from access import Access
from browser_node import bus_door

SAID = {
    "en-GB": {"open": "Open it", "silent": "/dev/ttyUSB2 says nothing: what is it?",
              "answer": "Leave it alone", "count": "2 questions"},
    "fr-FR": {"open": "L'ouvrir",
              "silent": "/dev/ttyUSB2 ne dit rien\u00a0: qu'est-ce que c'est\u00a0?",
              "answer": "Le laisser tranquille", "count": "2 questions"},
}


class Scene:
    """The other side of `bus_scene.py`."""

    def __init__(self, directory):
        command, self.url, self.close_door = bus_door(directory)
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        self.access = Access(json.loads(self.process.stdout.readline())["socket"])

    def order(self, words):
        """Gives one order; what is held open after it."""
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())["holds"]

    def end(self):
        """Everything is unplugged and the daemon stops in order."""
        self.process.stdin.close()
        self.close_door()
        assert self.process.wait(timeout=20) == 0


@pytest.fixture
def scene(tmp_path):
    """An emulated bus with a port that was there at start."""
    made = Scene(tmp_path / "bus")
    yield made
    made.end()


@pytest.fixture
def look(browser, scene):
    """Opens the page of the scene; what its console complains of fails the test."""
    contexts, complaints = [], []

    def open_page(language):
        contexts.append(browser.new_context(locale=language))
        contexts[-1].add_cookies(scene.access.cookies(scene.url))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text)
                if message.type in ("error", "warning") else None)
        page.goto(scene.url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.parametrize("language", SAID)
def test_questions_are_asked_and_answered_in_place(look, scene, language):
    """Present, not opened: opened by its button. Silent: answered, and the question leaves."""
    said = SAID[language]
    page = look(language)
    closed = page.locator(".card[data-state=present-not-opened]")
    expect(closed.locator("h2")).to_have_text("/dev/ttyUSB1", timeout=15_000)
    assert not scene.order("plug silent 2")["early"]
    question = page.locator("[data-question=what-is-this]")
    expect(question.locator("p").first).to_have_text(said["silent"], timeout=25_000)
    expect(page.locator("#health-questions")).to_have_text(said["count"])
    page.locator("#health-questions").focus()
    page.keyboard.press("Enter")
    expect(closed.get_by_role("button", name=said["open"])).to_be_focused()
    page.keyboard.press("Enter")
    expect(closed).to_have_count(0, timeout=10_000)
    expect(page.locator("[data-question=open]")).to_have_count(0)
    question.get_by_role("button", name=said["answer"]).click()
    expect(question).to_have_count(0, timeout=10_000)
    expect(page.locator("#health-questions")).to_be_hidden()
    assert scene.order("look") == {"early": True, "silent": False}


def test_a_port_becomes_its_device_in_its_place(look, scene):
    """A fresh board on a port: one card all the time, first the port's, then its own."""
    page = look("en-GB")
    expect(page.locator(".card")).to_have_count(1, timeout=15_000)
    scene.order("board fresh 3")
    expect(page.locator(".card[data-state=connected]")).to_have_count(1, timeout=15_000)
    expect(page.locator(".card")).to_have_count(2)
    ids = [card.get_attribute("data-device") for card in page.locator(".card").all()]
    assert ids[0].startswith("port-") and ids[1].startswith("board-"), ids
    scene.order("unplug fresh")
    expect(page.locator(f".card[data-device={ids[1]}]")).to_have_attribute(
        "data-state", "absent", timeout=10_000)
    scene.order("unplug early")
    expect(page.locator(".card")).to_have_count(1, timeout=10_000)
