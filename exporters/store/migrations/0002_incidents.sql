-- What the detector, the narrator and the generator published. Ids are global: the same record may come from several
-- Kafka clusters, and of each id the highest (revision, emitted_at) is kept.

-- One row per anomaly. evidence is a JSON object. first_severity is that of the revision that came first, by which the
-- anomaly was counted. resolved_at is NULL while it is open.
CREATE TABLE anomalies (
    anomaly_id VARCHAR NOT NULL,
    revision BIGINT NOT NULL,
    emitted_at TIMESTAMP NOT NULL,
    incident_id VARCHAR NOT NULL,
    detected_at TIMESTAMP NOT NULL,
    window_start TIMESTAMP NOT NULL,
    window_end TIMESTAMP NOT NULL,
    service VARCHAR NOT NULL,
    endpoint VARCHAR NOT NULL,
    anomaly_type VARCHAR NOT NULL,
    severity VARCHAR NOT NULL,
    metric_name VARCHAR NOT NULL,
    metric_value DOUBLE NOT NULL,
    baseline_value DOUBLE,
    threshold_value DOUBLE NOT NULL,
    description VARCHAR NOT NULL,
    resolved BOOLEAN NOT NULL,
    resolved_at TIMESTAMP,
    evidence VARCHAR NOT NULL,
    first_severity VARCHAR NOT NULL
);

-- One row per incident: its anomalies together. It is open while one of them is.
CREATE VIEW incidents AS
SELECT
    incident_id,
    CASE WHEN bool_or(severity = 'critical') THEN 'critical' ELSE 'warning' END AS severity,
    min(window_start) AS started_at,
    min(detected_at) AS detected_at,
    CASE WHEN bool_and(resolved) THEN max(resolved_at) END AS resolved_at,
    count(*) AS anomaly_count
FROM anomalies
GROUP BY incident_id;

-- Every revision of an incident's account.
CREATE TABLE incident_summaries (
    incident_id VARCHAR NOT NULL,
    revision BIGINT NOT NULL,
    emitted_at TIMESTAMP NOT NULL,
    anomaly_ids VARCHAR[] NOT NULL,
    headline VARCHAR NOT NULL,
    summary VARCHAR NOT NULL,
    impact VARCHAR NOT NULL,
    most_affected VARCHAR[] NOT NULL,
    hypothesis VARCHAR,
    check_first VARCHAR[] NOT NULL,
    confidence VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    grounded VARCHAR NOT NULL,
    generation_seconds DOUBLE NOT NULL
);

-- One row per fault that the generator put in; while it runs, ended_at is the planned end.
CREATE TABLE injections (
    injection_id VARCHAR NOT NULL,
    revision BIGINT NOT NULL,
    emitted_at TIMESTAMP NOT NULL,
    service VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    started_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP NOT NULL,
    magnitude DOUBLE NOT NULL,
    origin VARCHAR NOT NULL
);
