"""Which package customers were offered, declined and chose, and who was never asked."""
