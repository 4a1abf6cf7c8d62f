"""Erasing a customer: what goes, what stays under another number, what a law keeps."""
