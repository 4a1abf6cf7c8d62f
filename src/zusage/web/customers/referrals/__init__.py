"""Who recommended whom, and what came of it."""
