"""Letters to customers: templates and plain data of a customer come in, letters as data, PDF and plain text go out.

`letter_fields` says what is to be said, `fill` puts it into a template, `compose` makes the letter, `letters_pdf`
prints many at once. Nothing here looks at the clock, at a database, or decides who is written to.
"""

from __future__ import annotations

from zusage.report.letters.address import Address, postal_lines, salutation_line
from zusage.report.letters.addressees import address_list
from zusage.report.letters.compose import compose, own_page
from zusage.report.letters.fields import Cause, Delivered, Statement, letter_fields
from zusage.report.letters.letter import PLACE, Block, Contact, Letter, OwnPage, Sender, Slip, readable
from zusage.report.letters.plain import letter_text
from zusage.report.letters.printing import Printed, letter_pages, letter_pdf, letters_pdf, print_letters
from zusage.report.letters.template import Template, fields_of, fill, read_template, read_templates

__all__ = [
    "PLACE", "Address", "Block", "Cause", "Contact", "Delivered", "Letter", "OwnPage", "Printed", "Sender",
    "Slip", "Statement", "Template", "address_list", "compose", "fields_of", "fill", "letter_fields", "letter_pages",
    "letter_pdf", "letter_text", "letters_pdf", "own_page", "postal_lines", "print_letters", "read_template",
    "read_templates", "readable", "salutation_line",
]  # fmt: skip
