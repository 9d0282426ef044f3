"""The Spark Structured Streaming job: raw events in, exact one-minute windows, books and dead letters out."""
