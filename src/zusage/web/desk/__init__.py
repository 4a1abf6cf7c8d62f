"""The desk: requests with their promised moment, their events, and the watch over both."""
