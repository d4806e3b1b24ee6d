"""The parts of the history that need no daemon: addresses, the zone's calendar, lines and gaps."""

import json

import pytest
from playwright.sync_api import expect

PARTS = "(name) => import(new URL(`web/history/${name}.js`, document.baseURI))"


def call(page, module, body, *arguments):
    """Runs a function body with a module of the history as `m` and the arguments as `a`."""
    return page.evaluate(
        f"async ([name, a]) => {{ const m = await ({PARTS})(name); {body} }}",
        [module, list(arguments)])


@pytest.fixture
def page(visit):
    """The page, of which only modules are used."""
    return visit()


@pytest.mark.parametrize("address", [
    "#/history",
    "#/history?device=b-1&channel=t&channel=rh&device=b-2&channel=t&last=86400",
    "#/history?device=b-1&channel=t&from=2026-03-01T00%3A00%3A00Z&to=2026-03-02T00%3A00%3A00.500Z"
    "&zone=Europe%2FParis&window=1d&weekdays=1%2C2&daytime=09%3A00-19%3A00&limit=0%3A-2.5",
])
def test_an_address_says_all_of_a_view(page, address):
    """What is read from an address gives the same address again."""
    assert call(page, "state", "return m.format(m.parse(a[0]));", address) == address


@pytest.mark.parametrize("address", [
    "#/history?channel=t", "#/history?device=", "#/history?device=a&channel=&from=x&to=y",
    "#/history?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z", "#/history?last=-5",
    "#/history?last=NaN", "#/history?zone=Mars/Olympus&window=3y&weekdays=8&daytime=25:00-1",
    "#/history?limit=0:5&limit=x&limit=1:1e999", "#/history?from=1e300&to=1e301",
    "#/history?%E0%A4%A", "#/history?last=1e309",
])
def test_what_makes_no_sense_in_an_address_is_left_out(page, address):
    """Nothing of it comes back, and nothing fails."""
    assert call(page, "state", "return m.format(m.parse(a[0]));", address) == "#/history"


def test_a_range_is_neither_too_short_nor_too_long(page):
    """Its middle stays."""
    short, long = call(page, "state", """
      return [m.clampRange(1000, 1000.5), m.clampRange(-1e15, 1e15)];""")
    assert short == [0.25, 2000.25]
    assert sum(long) == 0 and long[1] - long[0] == 200 * 365 * 86_400_000


def test_one_address_has_so_many_channels_and_no_more(page):
    """Twelve, each once."""
    channels = "&".join(f"channel=c{i % 40}" for i in range(80))
    found = call(page, "state", "return m.parse(a[0]).series;", f"#/history?device=d&{channels}")
    assert [one["channel"] for one in found] == [f"c{i}" for i in range(12)]


def test_a_zone_is_counted_by_its_own_clocks(page):
    """Paris before and after its clocks jump; Kathmandu, a quarter of an hour off."""
    found = call(page, "zones", """
      const at = (text) => Date.parse(text);
      return [m.offsetMs('Europe/Paris', at('2026-03-29T00:59:59Z')),
        m.offsetMs('Europe/Paris', at('2026-03-29T01:00:00Z')),
        m.offsetMs('Asia/Kathmandu', at('2026-01-01T00:00:00Z')),
        new Date(m.instant('Europe/Paris', { year: 2026, month: 7, day: 1 })).toISOString(),
        new Date(m.instant('Europe/Paris', { year: 2026, month: 3, day: 29, hour: 2, minute: 30 }))
          .toISOString(),
        m.civil('Europe/Paris', at('2026-12-31T23:30:00Z')).year];""")
    assert found == [3_600_000, 7_200_000, 20_700_000, "2026-06-30T22:00:00.000Z",
                     "2026-03-29T01:30:00.000Z", 2027]


@pytest.mark.parametrize("start,end,step,expected", [
    # The hour that is missing in March, and the one that comes twice in October.
    ("2026-03-28T23:00:00Z", "2026-03-29T05:00:00Z", ("hour", 1),
     ["2026-03-28T23:00:00.000Z", "2026-03-29T00:00:00.000Z", "2026-03-29T01:00:00.000Z",
      "2026-03-29T02:00:00.000Z", "2026-03-29T03:00:00.000Z", "2026-03-29T04:00:00.000Z",
      "2026-03-29T05:00:00.000Z"]),
    ("2026-10-23T00:00:00Z", "2026-10-27T00:00:00Z", ("day", 1),
     ["2026-10-23T22:00:00.000Z", "2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z",
      "2026-10-26T23:00:00.000Z"]),
    ("2026-01-01T00:00:00Z", "2026-04-15T00:00:00Z", ("month", 1),
     ["2026-01-31T23:00:00.000Z", "2026-02-28T23:00:00.000Z", "2026-03-31T22:00:00.000Z"]),
    ("2026-11-18T00:00:00Z", "2026-12-01T00:00:00Z", ("week", 1),
     ["2026-11-22T23:00:00.000Z", "2026-11-29T23:00:00.000Z"]),
    ("2026-11-18T10:00:07Z", "2026-11-18T10:00:31Z", ("second", 10),
     ["2026-11-18T10:00:10.000Z", "2026-11-18T10:00:20.000Z", "2026-11-18T10:00:30.000Z"]),
])
def test_marks_of_the_axis_are_whole_in_the_zone(page, start, end, step, expected):
    """Hours, days, weeks and months of Paris, over both jumps of its clocks."""
    found = call(page, "ticks", """
      return m.instants('Europe/Paris', Date.parse(a[0]), Date.parse(a[1]),
        { unit: a[2], count: a[3] }).map((ms) => new Date(ms).toISOString());""",
                 start, end, *step)
    assert found == expected


def test_marks_are_never_too_many_nor_too_near(page):
    """From two seconds to two centuries, on a narrow and a wide chart."""
    found = call(page, "ticks", """
      const all = [];
      for (let span = 2000; span < 6.3e12; span *= 1.7) {
        for (const width of [180, 1300]) {
          const step = m.stepFor(span, width, 84);
          all.push(m.instants('Europe/Paris', 1.7e12 - span / 2, 1.7e12 + span / 2, step).length
            / width);
        }
      }
      return all;""")
    assert max(found) <= 2 / 84 and len(found) > 60


LINES = """
  const columns = (times, count = times.map(() => 1)) => ({
    time_us: times.map((s) => s * 1e6), min: times.map((s) => s - 1),
    max: times.map((s) => s + 1), avg: times, count });
"""


def test_a_gap_in_a_line_stays_a_gap(page):
    """Among readings, and among slots; a steady line is not broken, another line does not mend."""
    found = call(page, "traces", LINES + """
      const seconds = [0, 1, 2, 3, 4.2, 5, 30, 31];
      const raw = new m.Trace(columns(seconds), 40_000, 100);
      const slots = new m.Trace(columns([0, 10, 20, 50, 60], [9, 10, 11, 9, 10]), 60_000, 6);
      const steady = new m.Trace(columns([0, 10, 20, 30, 40]), 40_000, 100);
      const rows = m.rows([raw, slots, steady]);
      const broken = (i) => rows.filter((row) => row[i] && Number.isNaN(row[i][1]))
        .map((row) => Math.round(row[0]));
      return [broken(1), broken(2), broken(3)];""")
    assert found == [[30_000], [50_000], []]


def test_a_band_keeps_the_extremes_of_a_slot(page):
    """What the daemon says of a slot is what is drawn."""
    found = call(page, "traces", LINES + """
      const slots = new m.Trace(columns([0, 10, 20], [9, 10, 11]), 30_000, 3);
      return [m.rows([slots])[1], slots.extremes(5_000, 15_000), slots.extremes(11_000, 12_000)];
    """)
    assert found == [[10_000, [9, 10, 11]], {"low": 9, "high": 11}, None]


@pytest.mark.parametrize("low, high, expected", [
    (0, 12.5, ["0", "12.5"]), (1e9, 1.2e9, ["1B", "1.2B"]), (-3e12, 5e12, ["\u22123T", "5T"]),
    (1_000_000, 1_000_010, ["1M", "1.00001M"]), (1e20, 3e20, ["1E20", "3E20"]),
    (123_456_000, 123_457_000, ["123.456M", "123.457M"]),
])
def test_numbers_of_an_axis_are_short_and_tell_its_marks_apart(page, low, high, expected):
    """Thousands as they are, millions in short, with the digits that differ."""
    found = call(page, "plot", "return [a[0], a[1]].map((n) => m.axisFigure(n, a));", low, high)
    assert found == expected


def test_a_slot_less_sure_than_it_is_drawn_is_known(page):
    """Against the length of a slot, single readings too; live ones are sure."""
    found = call(page, "traces", LINES + """
      const of = (counts, bounds) => {
        const line = new m.Trace({ ...columns([0, 10, 20, 30], counts), bounds_us: bounds },
          40_000, 4);
        line.append(40_000, 5);
        const { boundMs, isUnknown, spans } = line.doubts(0, 50_000);
        return [boundMs, isUnknown, spans.map(({ fromMs, toMs }) => [fromMs, toMs])];
      };
      const slots = [9, 9, 9, 9];
      const ones = [1, 1, 1, 1];
      return [of(slots, [0, 9e6, 1e7, 5]), of(slots, [0, 1.1e7, 1.2e7, 5]),
        of(ones, [9e6, 2e7, 0, 0]), of(slots, [null, 0, 0, null]), of(slots, undefined)];""")
    assert found == [
        [10_000, False, []], [12_000, False, [[10_000, 30_000]]],
        [20_000, False, [[10_000, 20_000]]], [0, True, [[0, 10_000], [30_000, 40_000]]],
        [0, False, []]]


def test_live_readings_continue_a_line_and_are_bounded(page):
    """In order only; joined to what is on disk; the oldest live ones go first."""
    found = call(page, "traces", LINES + """
      const line = new m.Trace(columns([0, 1, 2]), 2_000, 100);
      const taken = [line.append(20_000, 5), line.append(19_000, 5), line.append(20_000, 6)];
      const isBroken = m.rows([line]).some((row) => Number.isNaN(row[1][1]));
      for (let i = 0; i < m.LIVE_MAX + 500; i += 1) line.append(30_000 + i, i);
      return [taken, isBroken, line.times.length - line.stored, line.times[2], m.LIVE_MAX];""")
    taken, is_broken, live, last_stored, most = found
    assert taken == [True, False, False] and not is_broken
    assert live == most and last_stored == 2_000


def test_hours_left_out_are_shaded(page):
    """Nights of working days and whole weekends in Paris; over midnight too; none when too many."""
    found = call(page, "calendar", """
      const zone = 'Europe/Paris';
      const range = ['2026-11-20', '2026-11-22'].map((day) => Date.parse(`${day}T00:00+01:00`));
      const text = (spans) => spans.map((span) => span.map((ms) =>
        new Date(ms + 3_600_000).toISOString().slice(5, 16)));
      return [text(m.leftOut({ weekdays: '1,2,3,4,5', daytime: '09:00-19:00', zone }, ...range)),
        text(m.leftOut({ weekdays: '', daytime: '22:00-06:00', zone }, ...range)),
        m.leftOut({ weekdays: '', daytime: '', zone }, ...range),
        m.leftOut({ weekdays: '1', daytime: '', zone }, 0, 365 * 86_400_000)];""")
    assert json.loads(json.dumps(found)) == [
        [["11-20T00:00", "11-20T09:00"], ["11-20T19:00", "11-21T00:00"],
         ["11-21T00:00", "11-22T00:00"]],
        [["11-20T06:00", "11-20T22:00"], ["11-21T06:00", "11-21T22:00"]], [], []]


def test_without_a_channel_there_is_no_empty_table(visit, daemon):
    """Only the words that say what to do."""
    opened = visit(url=f"{daemon.url}#/history", cut=True)
    expect(opened.get_by_text("Choose a channel above.")).to_be_visible()
    expect(opened.locator("section.rows")).to_be_hidden()
