"""Signing in: passwords, codes, passkeys."""
