"""What customers are told: the charter, letters, their own page; and what was sent to whom."""
