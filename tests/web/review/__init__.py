"""The review: proposals, and what people decide about them."""
