"""The parts of scripts/tune."""
