"""What shoppers say of shelves: taken in within bounds, and of nobody in particular."""
