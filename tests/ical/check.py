"""Judges our iCalendar with other people's code: icalendar and recurring_ical_events.

    check.py FOLDER

FOLDER is what the tests of tests/it/ical.rs left: `busy` (calendars, and the times that we found
taken in them), `written` (calendars that we wrote) and `hours` (clinic hours that we wrote, and
the open hours of the engine). Ends with 1 and a list where the two disagree.
"""

import json
import sys
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events


def instant(when, zone, gap=False):
    """Seconds since 1970; days and times without a zone are the clinic's."""
    if not isinstance(when, datetime):
        when = datetime.combine(when, time())
    if when.tzinfo is None:
        when = when.replace(tzinfo=zone)
    return int(when.timestamp())


def taken(calendar, zone, window):
    """The times that the events of a calendar take within a window, as ours are counted."""
    start, end = (datetime.fromtimestamp(at, timezone.utc) for at in window)
    # Whole days and times without a zone are elsewhere by up to a day; cut afterwards.
    reach = timedelta(days=3)
    found = recurring_ical_events.of(calendar).between(start - reach, end + reach)
    spans = set()
    for event in found:
        if event.get("STATUS") == "CANCELLED" or event.get("TRANSP") == "TRANSPARENT":
            continue
        span = (instant(event.start, zone), instant(event.end, zone))
        if span[0] < span[1] and span[0] < window[1] and window[0] < span[1]:
            spans.add(span)
    return spans


def show(spans):
    text = [" - ".join(str(datetime.fromtimestamp(at, timezone.utc)) for at in span) for span in sorted(spans)]
    return "; ".join(text[:6])


def busy(folder):
    complaints, compared, times = [], 0, 0
    for path in sorted(folder.glob("*.ics")):
        ours = json.loads(path.with_suffix(".json").read_text())
        zone = ZoneInfo(ours["zone"])
        calendar = icalendar.Calendar.from_ical(path.read_bytes())
        theirs = taken(calendar, zone, ours["window"])
        mine = {tuple(span) for span in ours["taken"]}
        compared += 1
        times += len(theirs)
        if mine != theirs:
            complaints.append(f"{path}: only ours: {show(mine - theirs)} | only theirs: {show(theirs - mine)}")
    print(f"busy times: {compared} calendars, {times} times")
    if compared < 200 or times < 2000:
        complaints.append(f"only {compared} calendars with {times} times to compare")
    return complaints


def main(folder):
    complaints = busy(folder / "busy")
    for complaint in complaints[:40]:
        print(complaint, file=sys.stderr)
    if complaints:
        print(f"{len(complaints)} disagreements", file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
