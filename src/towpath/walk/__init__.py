"""The walk: one gate alone, all of them in order, and the rehearsal that they happen in."""
