"""Cells of tables that people open in spreadsheets, which run what looks like a formula."""

import math
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Beginnings of formulas; the last four are wide letters, which some spreadsheets take alike."""
QUOTE = "'"


def guarded(cell: Any) -> Any:
    """A cell with a quote before it where a spreadsheet would run it; numbers stay as they are.

    Args:
        cell: of any type; only text is ever changed.

    Source: OWASP, CSV Injection, https://owasp.org/www-community/attacks/CSV_Injection.

    Example:
        >>> guarded("=HYPERLINK(A1)"), guarded("-0.5"), guarded("left - right")
        ("'=HYPERLINK(A1)", '-0.5', 'left - right')
    """
    if not isinstance(cell, str) or _is_number(cell):
        return cell
    return QUOTE + cell if cell.lstrip(QUOTE).startswith(FORMULA) else cell


def unguarded(cell: str) -> str:
    """The cell before `guarded`.

    Args:
        cell: as it stands in the file.

    Example:
        >>> unguarded("'=1+1"), unguarded("'quoted'")
        ('=1+1', "'quoted'")
    """
    if cell.startswith(QUOTE) and cell.lstrip(QUOTE).startswith(FORMULA):
        return cell.removeprefix(QUOTE)
    return cell


def _is_number(text: str) -> bool:
    try:
        return not math.isnan(float(text))
    except ValueError:
        return False
