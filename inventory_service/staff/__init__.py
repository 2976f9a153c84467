"""What staff tell of their shelves and ask about them: of their own retailer's stores alone."""
