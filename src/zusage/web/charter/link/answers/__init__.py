"""What customers want, and a person answers; links to their own pages; replies on paper."""
