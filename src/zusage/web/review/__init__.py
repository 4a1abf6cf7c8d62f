"""Review: a book and a policy come in, proposals go out; people confirm them, and only then classes change."""
