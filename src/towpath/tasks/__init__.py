"""One task each: what it is called with, and what is printed. None of them decides anything about releasing."""
