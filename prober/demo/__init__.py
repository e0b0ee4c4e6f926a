"""A small deployment to probe, on this machine only: its locks are real, and any of its doors can be opened."""
