"""Traffic for the platform: live with injected faults, or recorded requests replayed; writes the sample recording."""
