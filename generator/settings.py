"""Settings of the generator."""

from contracts.settings import KafkaSettings


class GeneratorSettings(KafkaSettings):
    """What the generator reads from the environment; everything else about a replay is said on its command line."""
