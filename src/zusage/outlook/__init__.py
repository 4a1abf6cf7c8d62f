"""A plan and its book come in, what would be under another service model, book or staff goes out."""
