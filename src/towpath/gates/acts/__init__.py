"""What the gates do, loaded when one does it: `nox -l` and the other gates' sessions need none of it."""
