"""How long what is kept: rules that the firm switches on, what would go today, and what goes."""
