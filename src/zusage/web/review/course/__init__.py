"""The course of a review: decisions and runs come in, how often people disagree and who waits for a place go out."""
