#!/usr/bin/env python3
"""Counts the real lists in a folder by rules of its own, to be held against the service's.

    python3 tests/bureau/figures.py FOLDER > tests/corpus/counts/lists.csv

Nothing here is the service's: the workbook is taken apart as text, a municipality is the longest
name of the reference table with which an address begins, a size is the sum of all numbers in the
cell of beds. Written out are numbers alone: prefecture, municipality, size, fiscal year of the start,
facilities.
"""

import csv
import html
import io
import re
import sys
import unicodedata
import zipfile
from collections import Counter
from pathlib import Path

# The first year of an era, less one.
ERAS = {"平成": 1988, "令和": 2018}


def plain(text):
    text = unicodedata.normalize("NFKC", text).replace("ヶ", "ケ").replace("桧", "檜").replace("梼", "檮")
    return re.sub(r"\s", "", text)


def rows(path):
    """The rows of the first sheet, each a dictionary from column letter to text."""
    with zipfile.ZipFile(path) as book:
        shared = []
        if "xl/sharedStrings.xml" in book.namelist():
            text = book.read("xl/sharedStrings.xml").decode("utf-8")
            for item in re.findall(r"<si>(.*?)</si>|<si/>", text, re.S):
                item = re.sub(r"<rPh.*?</rPh>", "", item, flags=re.S)
                parts = re.findall(r"<t[^>]*?(?:/>|>(.*?)</t>)", item, re.S)
                shared.append(html.unescape("".join(parts)))
        sheet = book.read("xl/worksheets/sheet1.xml").decode("utf-8")
    for row in re.findall(r"<row[ >].*?</row>", sheet, re.S):
        cells = {}
        for column, attributes, inner in re.findall(
            r'<c r="([A-Z]+)\d+"([^>]*?)(?:/>|>(.*?)</c>)', row, re.S
        ):
            value = re.search(r"<v>(.*?)</v>", inner, re.S)
            if value and 't="s"' in attributes:
                cells[column] = shared[int(value[1])]
            elif value:
                cells[column] = html.unescape(value[1])
        yield cells


def places(folder):
    """Names of each prefecture's municipalities, the longest first."""
    text = (folder / "reference/municipalities_jis0402.csv").read_text(encoding="utf-8-sig")
    found = {}
    for row in csv.DictReader(io.StringIO(text)):
        if row["kind"] == "aggregate":
            continue
        code, name = row["jis6"], plain(row["city"])
        found.setdefault(code[:2], []).append((name, code))
    for all_ in found.values():
        all_.sort(key=lambda one: -len(one[0]))
    return found


def municipality(address, prefecture_name, known):
    address = plain(address).removeprefix(plain(prefecture_name))
    for name, code in known:
        if address.startswith(name):
            return code
    without_county = re.sub(r"^.{1,4}?郡", "", address)
    for name, code in known:
        if without_county.startswith(re.sub(r"^.{1,4}?郡", "", name)):
            return code
    for name, code in known:
        if name in address:
            return code
    return "unknown"


def size(cell):
    beds = sum(int(number) for number in re.findall(r"\d+", unicodedata.normalize("NFKC", cell)))
    if beds >= 20:
        return "hospital"
    return "bedded_clinic" if beds else "clinic_without_beds"


def fiscal_year(cell):
    era, year, month, _ = re.fullmatch(r"(..)(元|\d+)年(\d+)月(\d+)日", plain(cell)).groups()
    year = ERAS[era] + (1 if year == "元" else int(year))
    return year if int(month) >= 4 else year - 1


def main():
    folder = Path(sys.argv[1])
    known = places(folder)
    counts, seen = Counter(), set()
    for path in sorted(folder.glob("kanto-shinetsu/*.xlsx")) + sorted(folder.glob("other-bureaus/*.xlsx")):
        for row in rows(path):
            if row.get("D") != "医科" or row.get("O") != "情報通信":
                continue
            institution = (row["B"], row["E"])
            assert institution not in seen, "one row for each facility"
            seen.add(institution)
            code = row["B"]
            town = municipality(row["J"], row["C"], known[code])
            counts[code, town, size(row.get("M", "")), fiscal_year(row["Q"])] += 1
    print("prefecture,municipality,size,start_fiscal_year,facilities")
    for (code, town, kind, year), number in sorted(counts.items()):
        print(f"{code},{town},{kind},{year},{number}")


main()
