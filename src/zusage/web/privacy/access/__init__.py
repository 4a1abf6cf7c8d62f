"""An access request: everything about one customer, as a file for machines and as sheets for people."""
