"""The Spark job is killed at four places; the windows and the books stay exact."""

import contextlib
import os
import signal

import pytest

from local.process_group import ProcessGroup
from local.stack import answers
from tests.integration.crashes.conftest import Crashing
from tests.integration.pipeline.pipeline import poll_until


def jvm_group(crashing: Crashing) -> int:
    return int((crashing.stack.data_dir / "streaming" / "jvm.lock").read_text())


def kill_jvm(crashing: Crashing) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(jvm_group(crashing), signal.SIGKILL)


def kill_all(crashing: Crashing, driver: ProcessGroup) -> None:
    driver.kill()
    kill_jvm(crashing)


@pytest.mark.timeout(400)
def test_every_event_is_counted_once_wherever_the_job_is_killed(crashing: Crashing) -> None:
    broker, exporters = crashing.stack.broker(), crashing.stack.exporters()
    crashing.start("local.broker", ready=broker.ready)
    exporters_process = crashing.start("exporters", ready=exporters.ready)
    crashing.replay()

    reached = crashing.stack.data_dir / "published"
    driver = crashing.start("tests.integration.crashes.hanging_streaming", str(reached), ready=reached.exists)
    assert crashing.committed(0)
    assert not crashing.committed(1)
    kill_all(crashing, driver)

    driver = crashing.start("streaming", ready=lambda: crashing.committed(2))
    kill_all(crashing, driver)

    crashing.start("streaming", ready=lambda: crashing.committed(4)).kill()

    driver = crashing.start("streaming", ready=lambda: crashing.committed(6))
    kill_jvm(crashing)
    assert driver.wait(20) == 1, "the driver must notice that its JVM is gone"

    crashing.start("streaming", ready=answers(f"{crashing.stack.streaming_url}/health"))
    crashing.wait_until_stored()
    poll_until(lambda: crashing.committed(7))
    crashing.assert_exact(exporters_process)
