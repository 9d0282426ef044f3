"""The detector: reads closed windows by stream time, judges them, and publishes anomalies with their evidence."""
