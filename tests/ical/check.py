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


def instant(when, zone):
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


def faults(component):
    """What icalendar noted of a component and those in it; it reads on and raises nothing."""
    found = [f"{component.name}: {fault}" for fault in component.errors]
    for inner in component.subcomponents:
        found += faults(inner)
    return found


def form(content):
    """What RFC 5545 asks of the bytes, whatever a reader forgives."""
    if not content.endswith(b"\r\n") or b"\n" in content.replace(b"\r\n", b""):
        yield "a line does not end with CR LF"
    for line in content.split(b"\r\n"):
        if len(line) > 75:
            yield f"a line of {len(line)} octets"
        try:
            line.decode()
        except UnicodeDecodeError:
            yield "a line broken within a character"


def events(calendar):
    return [part for part in calendar.walk() if part.name == "VEVENT"]


def written(folder):
    """Every file that we write is read without a fault, and says what it is meant to say."""
    complaints, seen = [], 0
    for path in sorted(folder.glob("*.ics")):
        seen += 1
        content = path.read_bytes()
        try:
            calendar = icalendar.Calendar.from_ical(content)
        except ValueError as error:
            complaints.append(f"{path}: {error}")
            continue
        complaints += [f"{path}: {fault}" for fault in [*faults(calendar), *form(content)]]
        zones = {str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")}
        named = {
            str(value.params["TZID"])
            for part in calendar.walk()
            for _, value in part.property_items(recursive=False)
            if "TZID" in getattr(value, "params", {})
        }
        if named - zones:
            complaints.append(f"{path}: no VTIMEZONE for {named - zones}")
        expected = json.loads(path.with_suffix(".json").read_text())
        if calendar.get("METHOD") != expected.get("method"):
            complaints.append(f"{path}: METHOD is {calendar.get('METHOD')}")
        told = [
            {
                "uid": str(event["UID"]),
                "sequence": int(event["SEQUENCE"]),
                "start": int(event.start.timestamp()),
                "end": int(event.end.timestamp()),
                "summary": str(event["SUMMARY"]),
                "status": str(event["STATUS"]),
                "class": str(event["CLASS"]),
                "conference": [conference.uri for conference in event.conferences],
            }
            for event in events(calendar)
        ]
        if told != expected["events"]:
            complaints.append(f"{path}: {told} is not {expected['events']}")
        busy = [
            [int(moment.timestamp()) for moment in (period.start, period.end)]
            for part in calendar.walk("VFREEBUSY")
            for period in listed(part.get("FREEBUSY"))
        ]
        if busy != expected.get("busy", []):
            complaints.append(f"{path}: busy {busy} is not {expected.get('busy')}")
    print(f"written: {seen} files")
    if seen < 50:
        complaints.append(f"only {seen} files that we wrote")
    return complaints


def listed(value):
    """A property that occurs once, many times or never, as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]


def joined(spans):
    out = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1][1] = max(out[-1][1], end)
        else:
            out.append([start, end])
    return out


def hours(folder):
    """Hours that we wrote, expanded as if each AVAILABLE were an event, are the engine's hours."""
    complaints, compared = [], 0
    for path in sorted(folder.glob("*.ics")):
        expected = json.loads(path.with_suffix(".json").read_text())
        calendar = icalendar.Calendar.from_ical(path.read_bytes())
        complaints += [f"{path}: {fault}" for fault in [*faults(calendar), *form(path.read_bytes())]]
        for service, open_hours in expected["open"].items():
            renamed = icalendar.Calendar()
            renamed.add("PRODID", "-//check//check//EN")
            renamed.add("VERSION", "2.0")
            for available in calendar.walk("AVAILABLE"):
                if str(available.get("X-ONSHIN-SERVICE", service)) != service:
                    continue
                event = icalendar.Event()
                for name, value in available.property_items(recursive=False):
                    if name not in ("BEGIN", "END"):
                        event.add(name, value, encode=False)
                renamed.add_component(event)
            theirs = joined(taken(renamed, ZoneInfo(expected["zone"]), expected["window"]))
            compared += len(theirs)
            if theirs != open_hours:
                mine = {tuple(span) for span in open_hours}
                other = {tuple(span) for span in theirs}
                complaints.append(
                    f"{path} {service}: only the engine: {show(mine - other)} | only theirs: {show(other - mine)}"
                )
    print(f"hours: {compared} stretches")
    if compared < 2000:
        complaints.append(f"only {compared} stretches of hours to compare")
    return complaints


def main(folder):
    complaints = busy(folder / "busy") + written(folder / "written") + hours(folder / "hours")
    for complaint in complaints[:40]:
        print(complaint, file=sys.stderr)
    if complaints:
        print(f"{len(complaints)} disagreements", file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
