-- What maintenance keeps about itself. Times are in UTC.

-- One row per finished run of a job. runs_so_far counts the runs of this job with this outcome, this one included, so
-- that the total outlives the rows: the newest row of each job and outcome is never removed.
CREATE TABLE job_runs (
    job VARCHAR NOT NULL,
    started_by VARCHAR NOT NULL,
    started_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP NOT NULL,
    outcome VARCHAR NOT NULL,
    error VARCHAR NOT NULL,
    detail VARCHAR NOT NULL,
    runs_so_far BIGINT NOT NULL
);

-- One row per check of a report; ordinal is its place, from 1, the worst first. value carries its unit.
CREATE TABLE health_reports (
    reported_at TIMESTAMP NOT NULL,
    ordinal INTEGER NOT NULL,
    check_name VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    detail VARCHAR NOT NULL
);

-- What the data quality job found; found_at is the start of the run, ordinal the place in it, the worst first. A run
-- without findings leaves no row here and one in job_runs.
CREATE TABLE quality_findings (
    found_at TIMESTAMP NOT NULL,
    ordinal INTEGER NOT NULL,
    check_name VARCHAR NOT NULL,
    severity VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    detail VARCHAR NOT NULL,
    affected BIGINT NOT NULL
);

-- At most one row: minutes before this moment may have been removed. Hours and totals still hold them, so a copy of
-- such a minute that arrives again must not be added once more.
CREATE TABLE minutes_kept (since TIMESTAMP NOT NULL);
