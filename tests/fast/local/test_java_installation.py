import os
from pathlib import Path

import pytest

from local import java_installation
from local.java import Java, JavaNotFoundError


def no_java() -> Java:
    raise JavaNotFoundError("Java 17 or 21 is needed")


def test_who_may_not_install_packages_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java_installation, "find_java", no_java)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(JavaNotFoundError, match="17 or 21"):
        java_installation.find_or_install_java()


def test_the_second_package_is_tried_where_the_first_is_not_packaged(tmp_path: Path) -> None:
    apt_get = tmp_path / "apt-get"
    apt_get.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\ncase "$*" in *openjdk-17*) exit 100;; esac\n')
    apt_get.chmod(0o755)
    java_installation.install_first_packaged(str(apt_get), tmp_path / "log", JavaNotFoundError("missing"))
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls[0] == "update"
    assert [call.split()[-1] for call in calls[1:]] == list(java_installation.PACKAGES)
