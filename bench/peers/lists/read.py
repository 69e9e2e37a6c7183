"""Reads a bureau's list as an analyst would, and prints as JSON how many rows have a number and how
many seconds it took. The start of Python and its imports are not counted.

    read.py openpyxl|pandas FILE
"""

import json
import sys
import time


def with_openpyxl(path):
    import openpyxl
    import openpyxl.reader.excel

    # The bureaus' workbooks have a fill that openpyxl refuses; without the styles it reads them.
    openpyxl.reader.excel.apply_stylesheet = lambda archive, book: None
    begun = time.perf_counter()
    book = openpyxl.load_workbook(path, read_only=True)
    rows = 0
    for row in book.worksheets[0].iter_rows(min_row=5, values_only=True):
        if row[4]:
            rows += 1
    return rows, time.perf_counter() - begun


def with_pandas(path):
    import pandas

    begun = time.perf_counter()
    table = pandas.read_excel(path, engine="calamine", header=3, dtype=str)
    rows = int(table["医療機関番号"].notna().sum())
    return rows, time.perf_counter() - begun


if __name__ == "__main__":
    way, path = sys.argv[1:]
    rows, seconds = {"openpyxl": with_openpyxl, "pandas": with_pandas}[way](path)
    print(json.dumps({"rows": rows, "seconds": seconds}))
