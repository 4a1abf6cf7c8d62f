"""Who is in which class: criteria, cuts and places over the book at hand, and whom a change would move."""
