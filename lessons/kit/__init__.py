"""What every lecture uses, and that knows no lecture."""
