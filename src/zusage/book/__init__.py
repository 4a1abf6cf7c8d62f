"""The files a firm really has come in, the tidy tables of a book come out (see tables.py for the tables).

>>> from zusage.book import read_book
>>> book = read_book(Path("my folder"))                      # doctest: +SKIP
>>> [(file.file, file.kind, file.rows) for file in book.files]   # doctest: +SKIP
[('commission.csv', 'yields', 812), ('customers.xlsx', 'customers', 240)]

A folder is read whole and each file is recognised by its headers. What headers cannot tell stands in a mapping.yaml,
which `propose_mapping` and `write_mapping` prepare. `with_class_column` gives the user's own list back with one more
column. Mistakes are raised as ground.reasons.Refused, all at once.
"""

from zusage.book.classcolumn import with_class_column
from zusage.book.proposal import ColumnProposal, FileProposal, propose_mapping, write_mapping
from zusage.book.read import Progress, read_book
from zusage.book.result import Book, FileTotals, Reject

__all__ = [
    "Book",
    "ColumnProposal",
    "FileProposal",
    "FileTotals",
    "Progress",
    "Reject",
    "propose_mapping",
    "read_book",
    "with_class_column",
    "write_mapping",
]
