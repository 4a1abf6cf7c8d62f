"""The customer's own page and choice."""
