"""Traffic for the platform: replays recorded requests onto ``raw_events`` and writes the project's sample recording."""
