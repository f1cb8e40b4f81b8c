"""Evidence: what a gate found, sealed, kept, and weighed."""
