#!/usr/bin/env python3
"""Computes every figure of an export again, from its raw rows, and compares.

    tinhso figures export --out DIR --from 2026-01-01 --to 2026-12-31
    python3 docs/recompute/recompute.py DIR

Standard library of Python 3.11 only; shares no code and no table of counts with the program. Exit 0: all agree. Exit 1: each figure that
does not is printed. Exit 2: the export cannot be read. The formulas: formulas.toml in the export, docs/figures.md.
"""

import csv
import json
import sys
import tomllib
from bisect import bisect_right
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path

EPOCH = datetime(1970, 1, 1)
MINUTE = 60 * 1_000_000  # instants are whole microseconds on a Vietnamese clock


def instant(text):
    if not text:
        return None
    if not text.endswith("+07:00"):
        raise ValueError(f"{text} is no instant of this export")
    return (datetime.fromisoformat(text[:-6]) - EPOCH) // timedelta(microseconds=1)


def day_of(at):
    return str((EPOCH + timedelta(microseconds=at)).date())


def table(folder, name):
    with open(folder / name, encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def ratio(numerator, denominator, factor, unit=1):
    """numerator x factor / (denominator x unit) as a whole number, rounded half up; None over nothing."""
    if denominator <= 0:
        return None
    whole = denominator * unit
    return (2 * numerator * factor + whole) // (2 * whole)


class Calendar:
    """Worked time between two instants: the overlap with the worked stretches of each day."""

    def __init__(self, folder):
        self.starts, self.ends, self.before = [], [], [0]
        for row in table(folder, "calendar.csv"):
            midnight = instant(row["day"] + "T00:00:00.000000+07:00")
            self.starts.append(midnight + int(row["from_minute"]) * MINUTE)
            self.ends.append(midnight + int(row["to_minute"]) * MINUTE)
            self.before.append(self.before[-1] + self.ends[-1] - self.starts[-1])

    def worked_until(self, at):
        n = bisect_right(self.starts, at)
        return self.before[n] - max(0, self.ends[n - 1] - at) if n else 0

    def minutes(self, start, end):
        return max(0, self.worked_until(end) - self.worked_until(start)) // MINUTE


COUNTS = """filed self assisted officer received late_receipt decided early late late_person late_system minutes requests clean extended undue refused
stopped withdrawn open in_time soon over over_due waiting ended_due kept_due with_result with_papers owing paid""".split()


class Sums:
    __slots__ = COUNTS

    def __init__(self):
        for name in COUNTS:
            setattr(self, name, 0)


class Export:
    def __init__(self, folder):
        self.manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if (self.manifest["format"], self.manifest["formulas"]) != (2, 2):
            raise ValueError("this script knows format 2 and formulas 2; take the script of that version")
        self.first, self.last = self.manifest["from"], self.manifest["to"]
        self.now, self.soon = instant(self.manifest["now"]), instant(self.manifest["soon"])
        self.procedures = {row["procedure"]: row for row in table(folder, "procedures.csv")}
        self.calendar = Calendar(folder)
        self.stops = defaultdict(list)
        for row in table(folder, "stops.csv"):
            self.stops[row["code"]].append((instant(row["started_at"]), instant(row["ended_at"])))
        self.sums = defaultdict(Sums)
        self.used_online = set()
        for row in table(folder, "rows.csv"):
            self.count(row)

    def lines(self, row, day):
        """The lines to which a row belongs; `day` is none for what is open now, which is of no day."""
        sector = self.procedures.get(row["procedure"], {}).get("sector", "")
        yield ("total", "")
        yield ("unit", row["unit"])
        yield ("sector", sector)
        yield ("procedure", row["procedure"])
        if day:
            yield ("time", day if self.manifest["time"] == "day" else day[:7])

    def add(self, row, day, counts):
        for line in self.lines(row, day):
            sums = self.sums[line]
            for name, count in counts.items():
                if count:
                    setattr(sums, name, getattr(sums, name) + count)

    def within(self, at):
        day = day_of(at) if at is not None else None
        return day if day and self.first <= day <= self.last else None

    def count(self, row):
        filed, received, ended = (instant(row[name]) for name in ("filed_at", "received_at", "ended_at"))
        if day := self.within(filed):
            way = "officer" if row["channel"] == "post" else row["channel"]
            self.add(row, day, {"filed": 1, way: 1})
            if way == "self" and self.procedures.get(row["procedure"], {}).get("is_online") == "1":
                self.used_online.add(row["procedure"])
        if day := self.within(received):
            self.add(row, day, {"received": 1, "late_receipt": int(row["is_late_receipt"])})
        if day := self.within(ended):
            self.count_end(row, day, received, ended)
        if ended is None:
            self.count_open(row)

    def count_end(self, row, day, received, ended):
        due, stood, requests = instant(row["due_at"]), instant(row["stood_at"]), int(row["requests"])
        late = due is not None and due < stood
        ending = row["ending"]
        counts = {ending: 1} if ending in ("refused", "stopped", "withdrawn") else {}
        counts.update({"late_" + row["attributed"]: 1} if row["attributed"] else {})
        if ending == "decided":
            owes = int(row["owes"])
            counts.update(with_result=int(row["has_result"]), with_papers=int(row["has_papers"]),
                          owing=owes, paid=owes * int(row["paid_online"]))
        if ending == "decided" and due is None:
            counts.update(undue=1)
        if ending == "decided" and due is not None:
            early = not late and day_of(ended) < day_of(due)
            counts.update(decided=1, late=int(late), early=int(early), requests=requests, clean=int(requests == 0),
                          extended=int(int(row["extensions"]) > 0), minutes=self.worked(row["code"], received, stood))
        if ending in ("decided", "stopped") and due is not None:
            counts.update(ended_due=1, kept_due=int(not late and requests <= 1))
        self.add(row, day, counts)

    def worked(self, code, received, stood):
        """Working minutes from reception to the end, without the waits for the applicant that ended before."""
        if received is None:
            return 0
        waits = (self.calendar.minutes(start, end) for start, end in self.stops.get(code, ())
                 if end is not None and start >= received and end <= stood)
        return max(0, self.calendar.minutes(received, stood) - sum(waits))

    def count_open(self, row):
        until = instant(row["until_at"])
        over = until is not None and until < self.now
        self.add(row, None, dict(
            open=1, waiting=int(until is None), over=int(over), over_due=int(over and row["state"] != "submitted"),
            soon=int(until is not None and self.now <= until < self.soon),
            in_time=int(until is not None and until >= self.soon)))


def figures(s):
    """Name: numerator, denominator (none for counts), value."""
    def share(part, whole):
        return (part, whole, ratio(part, whole, 1000))

    def count(number):
        return (number, None, number)

    return {
        "filed": count(s.filed), "self-filed": share(s.self, s.filed), "assisted": share(s.assisted, s.filed),
        "on-behalf": share(s.officer, s.filed), "received": count(s.received),
        "late-receipt": share(s.late_receipt, s.received), "decided": count(s.decided),
        "on-time": share(s.decided - s.late, s.decided), "early": count(s.early),
        "on-day": count(s.decided - s.late - s.early), "late": count(s.late),
        "late-person": count(s.late_person), "late-system": count(s.late_system),
        "working-time": (s.minutes, s.decided, ratio(s.minutes, s.decided, 10, 60)),
        "requests": (s.requests, s.decided, ratio(s.requests, s.decided, 100)),
        "clean": share(s.clean, s.decided), "extended": share(s.extended, s.decided), "undue": count(s.undue),
        "refused": count(s.refused), "stopped": count(s.stopped), "withdrawn": count(s.withdrawn),
        "open": count(s.open), "open-in-time": count(s.in_time), "open-soon": count(s.soon),
        "open-over": count(s.over), "open-waiting": count(s.waiting),
    }


def set_766(export):
    """Number of the indicator: numerator, denominator, value."""
    s = export.sums[("total", "")]
    over = s.over_due if export.manifest["is_running"] else 0
    online = sum(1 for row in export.procedures.values() if row["is_online"] == "1")
    ended = s.decided + s.undue
    parts = {
        "2.1": (s.kept_due, s.ended_due + over), "3.1": (online, len(export.procedures)),
        "3.2": (len(export.used_online), online), "3.3": (s.self, s.filed), "3.6": (s.paid, s.owing),
        "4.1": (s.with_result, ended), "4.2": (s.with_papers, ended),
    }
    by_procedure = [sums for (by, _), sums in export.sums.items() if by == "procedure"]
    parts["3.5b"] = (sum(1 for one in by_procedure if one.paid), sum(1 for one in by_procedure if one.owing))
    found = {code: (part, whole, ratio(part, whole, 1000)) for code, (part, whole) in parts.items()}
    found["2.2"] = (s.minutes, s.decided, ratio(s.minutes, s.decided, 10, 60))
    return found


def points_766(folder, found):
    """Points in hundredths, where the split is known and there is a value."""
    points = {}
    with open(folder / "qd766.toml", "rb") as file:
        groups = tomllib.load(file)["group"]
    for one in (one for group in groups for one in group["indicator"]):
        part, whole, value = found.get(one["code"], (0, 0, None))
        if value is not None and not one.get("is_near") and "points" in one and "full_at" in one and whole > 0:
            top, bottom = part * 100, whole * one["full_at"]
            full = one["points"] * 100
            points[one["code"]] = full if top >= bottom else (2 * full * top + bottom) // (2 * bottom)
    return points


def main(folder):
    export = Export(folder)
    told = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    own = {}
    for (by, key), sums in export.sums.items():
        for name, value in figures(sums).items():
            if by != "time" or not name.startswith("open"):
                own[(by, key, name)] = value
    of_766 = set_766(export)
    points = points_766(folder, of_766)
    own.update({("766", code, code): value for code, value in of_766.items()})
    wrong, seen = [], set()
    for one in told:
        line = (one["by"], one["key"], one["figure"])
        says = (one["numerator"], one.get("denominator"), one.get("value"))
        seen.add(line)
        # A line without any row has no sums here: it must say nothing but zeros and "no data".
        found = own.get(line) or figures(Sums()).get(one["figure"])
        if found != says:
            wrong.append(f"{' '.join(line)}: the export says {says}, the rows give {found}")
        if one["by"] == "766" and one.get("points") != points.get(one["key"]):
            wrong.append(f"{' '.join(line)}: the export says {one.get('points')} points, the rows give {points.get(one['key'])}")
    for line, found in own.items():
        if line not in seen and any(found):
            wrong.append(f"{' '.join(line)}: the rows give {found}, the export says nothing")
    for text in wrong[:200]:
        print(text)
    print(f"{len(told)} figures told, {len(wrong)} do not agree")
    return 1 if wrong or not told else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print(__doc__)
        sys.exit(2)
    try:
        sys.exit(main(Path(sys.argv[1])))
    except (OSError, ValueError, KeyError) as error:
        print(f"the export cannot be read: {error!r}")
        sys.exit(2)
