"""Values into text. Only the adapters import this room; no other room prints."""
