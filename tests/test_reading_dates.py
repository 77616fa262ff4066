"""Dates as hospitals write them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinsearch.readers import parse_datetime
from tests.support.tables import QUICK, read, table

EVENING = datetime(2024, 3, 2, 21, 40)


@pytest.mark.parametrize(
    "written",
    [
        "2-Mar-2024", "02MAR2024", "02-MAR-24", "March 2, 2024", "Mar 2 2024", "2 March 2024", "2nd of March 2024",
        "Saturday, March 2, 2024", "3/2/24", "3/2/2024", "03-02-2024", "2024/03/02", "2024-3-2", "02.03.2024",
        "2.3.24", "20240302", "20240302.0", "2024-Mar-02", "Sat 2 Mar 2024", "Mar. 2, 2024", "2024.03.02",
    ],
)  # fmt: skip
def test_a_day_is_read_in_many_spellings(written: str) -> None:
    assert parse_datetime(written) == datetime(2024, 3, 2)


@pytest.mark.parametrize(
    "written",
    [
        "3/2/2024 9:40 PM",
        "3/2/24 9:40pm", "Mar 2 2024  9:40PM", "March 2, 2024 at 9:40 p.m.", "2 March 2024 at 21:40",
        "2024-03-02 21:40:00 UTC", "2024-03-02T21:40:00+00:00", "2024-03-02T21:40:00.000Z", "2024-03-02 21.40",
        "2024-03-02 21:40:00.000000000", "2024-03-02 21:40:00 -0500", "2024-03-02 21:40:00 EST", "202403022140",
        "20240302214000", "20240302214000-0500", "20240302214000.000-0500", "20240302T214000Z", "20240302 21:40",
        "Sat Mar  2 21:40:00 2024", "Sat Mar 2 21:40:00 UTC 2024", "Sat, 02 Mar 2024 21:40:00 +0000",
        "02-MAR-24 09.40.00.000000 PM", "02MAR2024:21:40:00", "2024/03/02 21:40", "02.03.2024 21:40",
        "02.03.2024, 21:40 Uhr", "2024-03-02 21:40:00.000 +0000 UTC",
        "3/2/2024, 9:40:00 PM", "3/2/2024 21:40 PM", "1709415600", "1709415600000",
        "Sat Mar 02 2024 21:40:00 GMT-0500 (Eastern Standard Time)", "2024-03-02-21.40.00.000000",
    ],
)  # fmt: skip
def test_a_day_and_a_time_are_read_in_many_spellings(written: str) -> None:
    assert parse_datetime(written) == EVENING


@pytest.mark.parametrize(
    "written",
    [
        "", "yesterday", "2024", "March 2024", "2024-03", "31/04/2024", "2024-02-30", "3/2", "12", "1e5",
        "2024-03-02 25:00", "3/2/2024 21:40 AM", "0:10 PM", "3/2/2024 0:40 PM", "99999999999",
        "9934567890123", "20241301", "Marble 2, 2024", "2/3/4", "120/80", "3-2",
    ],
)  # fmt: skip
def test_what_is_no_date_is_not_read_as_one(written: str) -> None:
    assert parse_datetime(written) is None


def test_midnight_and_noon_are_told_apart() -> None:
    assert parse_datetime("3/2/2024 12:05 AM") == datetime(2024, 3, 2, 0, 5)
    assert parse_datetime("3/2/2024 12:05 PM") == datetime(2024, 3, 2, 12, 5)


def test_a_year_of_two_digits_is_not_in_the_future() -> None:
    assert parse_datetime("3/2/98") == datetime(1998, 3, 2)
    assert parse_datetime("3/2/45") == datetime(1945, 3, 2)


@pytest.mark.parametrize(
    ("written", "days"),
    [
        (["03/02/2024", "04/02/2024", "25/02/2024"], [datetime(2024, 2, day) for day in (3, 4, 25)]),
        (["02/03/2024", "02/04/2024", "02/25/2024"], [datetime(2024, 2, day) for day in (3, 4, 25)]),
        (["02/03/2024", "02/04/2024"], [datetime(2024, 2, day) for day in (3, 4)]),
        (["25/02/2024", "02/26/2024", "03/02/2024"], [datetime(2024, 2, 25), None, datetime(2024, 2, 3)]),
    ],
)
@pytest.mark.parametrize("form", ["csv", "txt"])
def test_the_dates_of_one_origin_are_all_read_with_the_day_first_or_all_with_the_month(
    tmp_path: Path, written: list[str], days: list[datetime | None], form: str
) -> None:
    if form == "csv":
        table(tmp_path / "a.csv", ["date", "text"], *([one, "Cough"] for one in written))
    else:
        for number, one in enumerate(written):
            (tmp_path / f"{number}.txt").write_text(f"---\ndate: {one}\n---\nCough")
    notes, faults = read(tmp_path)
    assert [note.note_datetime for note in notes] == days
    assert [fault.kind for fault in faults] == ["date"] * days.count(None)


@QUICK
@given(when=st.datetimes(datetime(1950, 1, 1), datetime(2049, 12, 31)))
def test_a_date_that_was_written_is_read_back(when: datetime) -> None:
    when = when.replace(second=0, microsecond=0)
    for form in ("%d-%b-%Y %H:%M", "%B %d, %Y %I:%M %p", "%m/%d/%Y %I:%M%p", "%d.%m.%Y %H:%M", "%Y%m%d%H%M", "%c"):
        assert parse_datetime(when.strftime(form)) == when
    assert parse_datetime(when.strftime("%d/%m/%Y"), day_first=True) == datetime(when.year, when.month, when.day)
