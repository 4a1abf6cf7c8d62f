"""Replies on paper: typed in one by one, or taken in as a list."""
