"""What `uses:` can name here: each action as a handler that does natively what GitHub's does."""
