"""Consents of customers."""
