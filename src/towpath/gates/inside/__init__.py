"""What runs in a project's own environment, as a script: it imports nothing of ours and works on Python 3.8."""
