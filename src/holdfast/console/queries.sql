-- name: sessions(everything, cohort_name, limit, offset)
-- Sessions for the instructor's list, newest first, with their place in the program and the true
-- total: those under way, or all of them; of one cohort or (null) of all.
SELECT s.session_id, s.status, s.started_at, s.last_activity, t.student_code, t.name AS student_name,
       e.arm, c.name AS cohort, p.phase, p.current_scenario_index, p.scenario_queue,
       count(*) OVER () AS total
FROM holdfast.sessions s
JOIN holdfast.simulation_sessions p USING (session_id)
JOIN holdfast.students t ON t.student_id = s.student_id
LEFT JOIN holdfast.enrolments e USING (enrolment_id)
LEFT JOIN holdfast.cohorts c USING (cohort_id)
WHERE (:everything OR s.status IN ('IN_PROGRESS', 'PAUSED'))
  AND (:cohort_name::text IS NULL OR c.name = :cohort_name)
ORDER BY s.started_at DESC, s.session_id LIMIT :limit OFFSET :offset;

-- name: heading(session_id)^
-- Whose session it is and since when, for the head of its page.
SELECT s.session_id, s.started_at, s.last_activity, s.completed_at, t.student_code,
       t.name AS student_name, e.arm, c.name AS cohort
FROM holdfast.sessions s JOIN holdfast.students t USING (student_id)
LEFT JOIN holdfast.enrolments e USING (enrolment_id)
LEFT JOIN holdfast.cohorts c USING (cohort_id)
WHERE s.session_id = :session_id;
