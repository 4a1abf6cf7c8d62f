"""The time sample: who is asked what now, what the answers say, and what a draft could take over of them."""
