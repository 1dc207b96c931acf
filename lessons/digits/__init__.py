"""The digits, the course's network, its training runs, and the map of them."""
