"""Waves: the reductions of a review come in, week by week they are announced, so that there is time for each talk."""
