"""The front: pages that join rooms, such as Today, a customer's page and the caller panel."""
