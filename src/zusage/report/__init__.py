"""Reports: a plan comes in; a page, a workbook, tables, lines on a terminal and reasons per customer go out."""

from zusage.report.explain import explain, find_customers
from zusage.report.explained import Explanation
from zusage.report.html import write_html
from zusage.report.tables import load_result, summary, write_tables
from zusage.report.terminal import print_explanation, print_summary
from zusage.report.workbook import write_xlsx

__all__ = [
    "Explanation",
    "explain",
    "find_customers",
    "load_result",
    "print_explanation",
    "print_summary",
    "summary",
    "write_html",
    "write_tables",
    "write_xlsx",
]
