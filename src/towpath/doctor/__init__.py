"""`invoke doctor`: everything that can be known before a release is tried, each finding with cause and fix."""
