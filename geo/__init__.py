"""Where things are; knows nothing of stock."""
