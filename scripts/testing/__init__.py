"""What scripts/test is made of: builds, the suites that run in them, and the count of what came out."""
