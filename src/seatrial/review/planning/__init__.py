"""The lab's own desk: release plans and engagement memos, private to the lab until it shares them."""
