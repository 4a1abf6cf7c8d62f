"""The charter: one sheet with all packages, for the firm and for its customers."""
