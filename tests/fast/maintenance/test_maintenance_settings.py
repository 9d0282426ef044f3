"""Settings of maintenance hold together."""

import pytest
from pydantic import ValidationError

from exporters.maintenance.settings import MaintenanceSettings


def test_the_defaults_are_valid_and_name_every_service() -> None:
    assert MaintenanceSettings().service_urls() == {
        "streaming": "http://localhost:9102",
        "detector": "http://localhost:9103",
        "narrator": "http://localhost:9104",
        "generator": "http://localhost:9101",
    }


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"retention_days": 2}, "retention_days"),
        ({"anomaly_retention_days": 30}, "anomaly_retention_days"),
        ({"retention_days": 91}, "HOURLY_RETENTION_DAYS is at least RETENTION_DAYS"),
        ({"health_disk_critical_ratio": 0.2}, "HEALTH_DISK_CRITICAL_RATIO is at most"),
        ({"health_interval_minutes": 0}, "health_interval_minutes"),
        ({"detector_url": "localhost:9103"}, "detector_url"),
        ({"detector_url": "ftp://localhost:9103"}, "detector_url"),
        ({"detector_url": "http://localhost:9103/?a=b"}, "detector_url"),
    ],
)
def test_what_cannot_work_is_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        MaintenanceSettings.model_validate(wrong)
