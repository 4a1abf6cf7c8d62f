"""The templates of PDFs: `*.typ` files, read by `report.typeset`; data come in as JSON, and pages go out."""
