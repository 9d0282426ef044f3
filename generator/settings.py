"""Settings of the generator."""

from pathlib import Path

from pydantic import Field

from contracts.settings import HttpSettings, KafkaSettings, Port


class GeneratorSettings(KafkaSettings, HttpSettings):
    """What the generator reads from the environment; everything else about a replay is said on its command line."""

    generator_port: Port = Field(9101, description="Port of the generator's /metrics, /health and /inject.")
    generator_state_dir: Path = Field(
        Path("data/generator"), description="Folder of the generator's counters; one live generator may use it."
    )
    generator_rate: float = Field(
        10.0,
        ge=0.001,
        le=100_000,
        allow_inf_nan=False,
        description="Events per second of live traffic, all services together, on average over a day.",
    )
    generator_seed: int | None = Field(
        None, ge=0, lt=2**63, description="The same seed makes the same traffic; unset: drawn at start and logged."
    )
    generator_anomaly_probability: float = Field(
        0.05, ge=0, le=1, description="Probability per service and minute that a fault begins where none runs."
    )
    generator_rhythm_amplitude: float = Field(
        0.3, ge=0, le=0.9, description="How much of its mean the traffic rises and falls over a day; 0 is none."
    )
    generator_duplicate_share: float = Field(0.02, ge=0, le=1, description="Share of events that are sent twice.")
    generator_disorder_share: float = Field(
        0.05, ge=0, le=1, description="Share of events that are held back, by up to 8 seconds."
    )
    generator_broken_share: float = Field(
        0.0, ge=0, le=1, description="Number of broken messages per event, on average."
    )
