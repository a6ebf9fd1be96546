"""What is measured in a transcript or a game session. Versioned, and documented in one table (`table`)."""
