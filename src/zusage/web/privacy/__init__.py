"""What the firm knows of one customer, and how it is handed out, mended, erased and kept only as long as needed."""
