-- name: cohorts_with_activity(since)
-- Cohorts in which anything happened since a moment: somebody enrolled, withdrew or worked.
SELECT c.cohort_id, c.name
FROM holdfast.cohorts c
WHERE EXISTS (SELECT FROM holdfast.enrolments e
              WHERE e.cohort_id = c.cohort_id
                AND (e.created_at >= :since OR e.withdrawn_at >= :since
                     OR EXISTS (SELECT FROM holdfast.sessions s
                                WHERE s.enrolment_id = e.enrolment_id AND s.last_activity >= :since)))
ORDER BY c.created_at, c.name;

-- name: students_by_arm(cohort_id, since, idle_since)
-- Where the students of each arm stand. No outcome is read: only whether sessions were begun and ended.
WITH standing AS (
    SELECT e.arm, e.created_at, e.withdrawn_at,
           count(s.session_id) > 0 AS began,
           coalesce(bool_or(s.status = 'COMPLETED'), false) AS completed,
           max(s.last_activity) AS last_activity
    FROM holdfast.enrolments e
    LEFT JOIN holdfast.sessions s ON s.enrolment_id = e.enrolment_id AND s.status <> 'VOID'
    WHERE e.cohort_id = :cohort_id
    GROUP BY e.enrolment_id, e.arm, e.created_at, e.withdrawn_at)
SELECT arm,
       count(*) AS enrolled,
       count(*) FILTER (WHERE created_at >= :since) AS enrolled_lately,
       count(*) FILTER (WHERE withdrawn_at IS NOT NULL) AS withdrawn,
       count(*) FILTER (WHERE withdrawn_at IS NULL AND last_activity >= :since) AS active_lately,
       count(*) FILTER (WHERE withdrawn_at IS NULL AND NOT began) AS not_begun,
       count(*) FILTER (WHERE withdrawn_at IS NULL AND completed) AS completed,
       count(*) FILTER (WHERE withdrawn_at IS NULL AND began AND NOT completed
                          AND last_activity >= :idle_since) AS under_way,
       count(*) FILTER (WHERE withdrawn_at IS NULL AND began AND NOT completed
                          AND last_activity < :idle_since) AS stalled
FROM standing GROUP BY arm ORDER BY arm;

-- name: data_quality(cohort_id, since)^
-- What may be wrong with the data of a cohort, as counts over all arms together.
SELECT count(DISTINCT s.session_id) AS sessions,
       count(DISTINCT s.session_id) FILTER (WHERE s.status = 'ABANDONED') AS abandoned,
       count(DISTINCT s.session_id) FILTER (WHERE s.status = 'VOID') AS void,
       count(DISTINCT s.session_id) FILTER (WHERE s.status = 'PAUSED' AND s.paused_at < :since) AS long_paused,
       count(DISTINCT s.session_id) FILTER (WHERE s.status = 'COMPLETED' AND s.completed_at IS NULL)
           AS completed_without_time,
       count(*) FILTER (WHERE e.consented_at IS NULL) AS sessions_without_consent
FROM holdfast.enrolments e JOIN holdfast.sessions s ON s.enrolment_id = e.enrolment_id
WHERE e.cohort_id = :cohort_id;

-- name: students_in_several_sessions(cohort_id)^
-- Students of a cohort with more than one session of one program that was not voided.
SELECT count(*) AS students FROM (
    SELECT e.enrolment_id FROM holdfast.enrolments e
    JOIN holdfast.sessions s ON s.enrolment_id = e.enrolment_id AND s.status <> 'VOID'
    WHERE e.cohort_id = :cohort_id
    GROUP BY e.enrolment_id, s.program HAVING count(*) > 1) several;
