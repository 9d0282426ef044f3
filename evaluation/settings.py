"""Settings of an evaluation. The rules' own are the detector's: one configuration for every data set."""

from pathlib import Path

from pydantic import Field

from contracts.settings import Settings


class EvaluationSettings(Settings):
    """What ``python -m evaluation`` reads."""

    evaluation_data_dir: Path = Field(
        Path("../shared/data"), description="Folder with the recorded shop day; left out with a message where absent."
    )
    evaluation_report_dir: Path = Field(
        Path("data/evaluation"), description="Folder that the report and its pictures are written to."
    )
    evaluation_seeds: int = Field(20, ge=0, le=1000, description="Seeds of generated traffic; 0 leaves it out.")
    evaluation_hours: float = Field(
        6, gt=0.6, le=168, allow_inf_nan=False, description="Hours of generated traffic of each seed."
    )
    evaluation_rate: float = Field(
        10, gt=0, le=10_000, allow_inf_nan=False, description="Events per second of generated traffic."
    )
    evaluation_windows: Path | None = Field(
        None, description="A file of recorded windows of your own, with EVALUATION_LABELS; see docs/detection.md."
    )
    evaluation_labels: Path | None = Field(None, description="The faults in EVALUATION_WINDOWS.")
