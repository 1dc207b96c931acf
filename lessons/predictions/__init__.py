"""What lectures ask before a slider comes free. The right answer is computed, never typed."""
