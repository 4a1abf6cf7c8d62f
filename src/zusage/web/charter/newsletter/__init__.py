"""Issues of a promised newsletter: written once, sent to those who are promised it by mail, listed for the others."""
