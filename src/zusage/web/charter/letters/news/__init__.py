"""What customers do not know yet: told and decided come in, people as the rules for letters know them go out."""
