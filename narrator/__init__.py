"""The narrator: explains each incident from the evidence of its anomalies, by template at once and by a local model."""
