"""What the rooms agree on: events, topic records, the latency histogram, settings, logging and metric names."""
