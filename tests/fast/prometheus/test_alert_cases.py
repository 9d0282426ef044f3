"""Every alert rule is tested both ways; that the cases hold is promtool's to say."""

import pytest

from tests.fast.prometheus.shipped_rules import Rule, alerts, cases


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: f"{alert.name}-{alert.fields['severity']}")
def test_a_rule_fires_in_a_case(alert: Rule) -> None:
    fired = {severity for case in cases() if case.alert == alert.name for severity in case.severities}
    assert alert.fields["severity"] in fired


@pytest.mark.parametrize("name", sorted({alert.name for alert in alerts()}))
def test_an_alert_is_silent_throughout_another_scenario(name: str) -> None:
    asked = [case for case in cases() if case.alert == name]
    loud = {case.scenario for case in asked if case.severities}
    assert {case.scenario for case in asked} - loud


def test_no_case_is_about_an_alert_that_there_is_not() -> None:
    assert {case.alert for case in cases()} == {alert.name for alert in alerts()}
