"""What the history says of a channel of words, and of one that a device never had."""

import time

from playwright.sync_api import expect


def device_of(daemon, make_board):
    """A device with one channel of numbers: its id."""
    make_board().samples([200, 201])
    return next(iter(daemon.devices()))


def test_a_channel_of_words_is_a_table_of_texts(daemon, make_board, visit):
    """Each with its time; what looks like HTML is shown as it was written."""
    device = device_of(daemon, make_board)
    now = time.time_ns() // 1000
    texts = ["window opened", "<b>window closed</b>"]
    daemon.post("/api/v1/late-values", {"device": device, "channel": "diary", "values": [
        {"timeUs": now - (2 - i) * 60_000_000, "value": text} for i, text in enumerate(texts)]})
    page = visit(url=f"{daemon.url}#/history?device={device}&channel=diary&last=3600")
    rows = page.locator("table.texts tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.locator("td")).to_have_text(texts)


def test_a_channel_that_is_not_there_is_told_as_such(daemon, make_board, visit):
    """Not an empty line without a word."""
    device = device_of(daemon, make_board)
    page = visit(
        url=f"{daemon.url}#/history?device={device}&channel=nowhere&last=3600", cut=True)
    expect(page.locator(".history")).to_contain_text("no channel nowhere")
