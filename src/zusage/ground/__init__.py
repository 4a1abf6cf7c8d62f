"""What everything stands on: money, reasons, words, time. Plain Python, imports nothing of Zusage."""
