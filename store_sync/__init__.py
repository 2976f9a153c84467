"""The stream in: feeds become reports, reports become levels."""
