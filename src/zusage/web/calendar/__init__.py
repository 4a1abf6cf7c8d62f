"""The calendar: what the firm owes unasked, by the day it is due."""
