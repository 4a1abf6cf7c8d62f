"""A first service model in ten questions: cards with what each answer costs in hours for this book."""
