"""The book: files come in, are read and shown, and become the tidy rows that every figure rests on."""
