"""What was written to customers, and whether it left."""
