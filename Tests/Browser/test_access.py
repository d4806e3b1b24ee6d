"""For everybody: axe-core, the keyboard alone, narrow screens, less motion."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def violations(page):
    """What axe-core finds, short enough to read. It is evaluated, not loaded: the policy holds."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [(each["id"], [node["html"][:120] for node in each["nodes"]][:3]) for each in found]


def unfold(page):
    """Opens everything that folds."""
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en-GB", "fr-FR"])
def test_axe_finds_nothing(visit, simulate, make_board, language, scheme):
    """Empty; with boards, everything unfolded; while a name is edited; and cut off."""
    page = visit(language, scheme=scheme, cut=True)
    expect(page.locator("#empty")).to_be_visible(timeout=10_000)
    assert violations(page) == []
    board = make_board()
    board.measure(215)
    board.result = (7, 0)
    otomate = simulate("otomate-companion")
    expect(page.locator(".plot")).to_have_count(2, timeout=20_000)
    unfold(page)
    page.locator("[data-command=led] input").fill("1")
    page.locator("[data-command=led] button").click()
    expect(page.locator("[data-command=led]")).to_have_attribute(
        "data-command-state", "refused", timeout=10_000)
    expect(page.locator("tbody tr").first).to_be_visible()
    assert violations(page) == []
    page.locator(".rename").first.click()
    otomate.end()
    expect(page.locator(".card[data-state=absent]")).to_have_count(1, timeout=10_000)
    page.route("**/api/v1/**", lambda route: route.abort())
    page.evaluate("window.dispatchEvent(new Event('pagehide'))")
    expect(page.locator("#retry")).to_be_visible()
    page.wait_for_timeout(500)  # colours have changed over
    assert violations(page) == []


def test_everything_by_keyboard_alone(visit, make_board):
    """Tab reaches each control in the order of the page, always seen; Enter and space work it."""
    board = make_board()
    board.measure(215)
    page = visit()
    expect(page.locator(".plot")).to_have_count(1, timeout=15_000)
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        focus = page.evaluate("""() => {
          const at = document.activeElement;
          if (at === document.body) return null;
          const style = getComputedStyle(at);
          const box = at.getBoundingClientRect();
          return { name: at.className || at.id || at.tagName, tag: at.tagName,
            seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
              && box.bottom > 0 && box.top < innerHeight };
        }""")
        if focus is None:
            break
        assert focus["seen"], focus
        reached.append(focus)
    names = [each["name"] for each in reached]
    assert names[0] == "skip"
    for needed in ("rename", "tile", "act"):
        assert needed in names, names
    tags = [each["tag"] for each in reached]
    assert tags.count("SUMMARY") >= 4 and "SELECT" in tags and "INPUT" in tags, tags
    tile = page.locator(".tile")
    tile.focus()
    page.keyboard.press("Space")
    expect(tile).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".quiet-note")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".plot")).to_have_count(1)
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#devices")).to_be_focused()


@pytest.mark.parametrize("language", ["en-GB", "fr-FR"])
@pytest.mark.parametrize("width", [320, 768])
def test_nothing_is_wider_than_the_screen(visit, simulate, make_board, language, width):
    """Everything unfolded, a name being edited, a long log line: no scrolling to the side."""
    make_board(model=b"W" * 32)
    simulate("otomate-companion")
    page = visit(language, width=width)
    expect(page.locator(".plot")).not_to_have_count(0, timeout=15_000)
    expect(page.locator(".card")).to_have_count(2, timeout=15_000)
    unfold(page)
    page.locator(".rename").first.click()
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    cut = page.evaluate("""() => [...document.querySelectorAll('.tile .value, .tile .meta, button')]
      .filter((each) => each.scrollWidth > each.clientWidth + 1)
      .map((each) => each.textContent)""")
    assert cut == []


def test_targets_are_large_enough_to_touch(visit, simulate):
    """24 by 24 CSS pixels at least (WCAG 2.2, 2.5.8)."""
    simulate("otomate-companion")
    page = visit(width=320)
    expect(page.locator(".tile")).to_have_count(27, timeout=15_000)
    unfold(page)
    small = page.evaluate("""() => [...document.querySelectorAll('button, input, select, summary')]
      .filter((each) => each.checkVisibility()).map((each) => [each.outerHTML.slice(0, 80),
        each.getBoundingClientRect()]).filter(([, box]) => box.width < 24 || box.height < 24)
      .map(([html]) => html)""")
    assert small == []


def test_less_motion_is_none(visit, simulate):
    """With the system's wish for less motion nothing moves or fades."""
    page = visit(reduced_motion="reduce")
    expect(page.locator("#empty")).to_be_visible(timeout=10_000)
    simulate("esp32")
    expect(page.locator(".card")).to_have_count(1, timeout=15_000)
    moving = page.evaluate("""() => [...document.querySelectorAll('*')].filter((each) => {
      const style = getComputedStyle(each);
      return style.animationName !== 'none' || parseFloat(style.transitionDuration) > 0;
    }).length""")
    assert moving == 0
