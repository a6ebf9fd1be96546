-- name: store_definition(content_hash, workshop_id, version, title, total_steps, document)!
-- Keep a workshop as it was when a session began with it.
INSERT INTO holdfast.workshop_definitions (content_hash, workshop_id, version, title, total_steps, document)
VALUES (:content_hash, :workshop_id, :version, :title, :total_steps, :document)
ON CONFLICT (content_hash) DO NOTHING;

-- name: insert_session(session_id, student_id, definition_hash, session_token, demo_mode)!
-- What a workshop adds to a new session.
INSERT INTO holdfast.workshop_sessions (session_id, student_id, definition_hash, session_token, demo_mode)
VALUES (:session_id, :student_id, :definition_hash, :session_token, :demo_mode);

-- name: session_of_token(session_token)^
-- The session that a token opens, and what is needed to judge whether it still does.
SELECT w.session_id, w.student_id, s.status, s.expires_at, s.downtime_s AS session_downtime_s,
       clock_timestamp() AS now, c.beat_at, c.downtime_s AS service_downtime_s
FROM holdfast.workshop_sessions w
JOIN holdfast.sessions s USING (session_id)
CROSS JOIN holdfast.service_clock c
WHERE w.session_token = :session_token;

-- name: owner_of_session(session_id)$
-- The student of a workshop session.
SELECT student_id FROM holdfast.workshop_sessions WHERE session_id = :session_id;

-- name: lock_session(session_id)^
-- Take the locks of a session, the shared row first, and wait for them; what is true once they are ours.
SELECT w.session_id, w.student_id, st.email AS student_email, s.status, s.expires_at,
       s.downtime_s AS session_downtime_s, w.openai_api_key, w.use_case_description, w.call_direction,
       w.selected_phone_number, w.tts_provider, w.selected_voice, w.system_prompt, w.ivr_greeting, w.tools,
       w.voice_settings, w.websocket_url, w.codespace_url, w.github_repo_url, w.railway_url,
       jsonb_array_length(w.bug_reports) AS bug_reports_count, d.document,
       clock_timestamp() AS now, c.beat_at, c.downtime_s AS service_downtime_s
FROM holdfast.sessions s
JOIN holdfast.workshop_sessions w USING (session_id)
JOIN holdfast.students st ON st.student_id = s.student_id
JOIN holdfast.workshop_definitions d ON d.content_hash = w.definition_hash
CROSS JOIN holdfast.service_clock c
WHERE s.session_id = :session_id
FOR UPDATE OF s, w;

-- name: steps_of_session(session_id)
-- Every step of a session that was reported about, with what was handed in.
SELECT step_number, step_name, started_at, completed_at, time_spent, attempts, validation_passed,
       code_submitted, deployment_url
FROM holdfast.step_progress WHERE session_id = :session_id ORDER BY step_number;

-- name: store_step(session_id, student_id, step_number, step_name, completed_at, time_spent, attempts, validation_passed, code_submitted, deployment_url)!
-- A step as it is after a report; whoever writes it holds the session's lock.
INSERT INTO holdfast.step_progress
    (session_id, student_id, step_number, step_name, completed_at, time_spent, attempts, validation_passed,
     code_submitted, deployment_url)
VALUES (:session_id, :student_id, :step_number, :step_name, :completed_at, :time_spent, :attempts,
        :validation_passed, :code_submitted, :deployment_url)
ON CONFLICT (session_id, step_number) DO UPDATE
SET step_name = excluded.step_name, completed_at = excluded.completed_at, time_spent = excluded.time_spent,
    attempts = excluded.attempts, validation_passed = excluded.validation_passed,
    code_submitted = excluded.code_submitted, deployment_url = excluded.deployment_url;

-- name: store_totals(session_id, current_step, total_time_spent, completion_rate)!
-- What the steps of a session come to; a session whose steps are all passed is complete.
WITH moment AS (
    SELECT clock_timestamp() AS now
), own AS (
    UPDATE holdfast.workshop_sessions
    SET current_step = :current_step, total_time_spent = :total_time_spent,
        completion_rate = :completion_rate, is_active = true, last_activity = moment.now
    FROM moment WHERE session_id = :session_id
)
UPDATE holdfast.sessions
SET last_activity = moment.now, version = version + 1,
    completed_at = CASE WHEN :completion_rate = 100 AND status = 'IN_PROGRESS'
                        THEN coalesce(completed_at, moment.now) ELSE completed_at END,
    status = CASE WHEN :completion_rate = 100 AND status = 'IN_PROGRESS' THEN 'COMPLETED' ELSE status END
FROM moment WHERE session_id = :session_id;

-- name: touch_session(session_id)!
-- Something other than progress happened in a session.
WITH moment AS (
    SELECT clock_timestamp() AS now
), own AS (
    UPDATE holdfast.workshop_sessions SET is_active = true, last_activity = moment.now
    FROM moment WHERE session_id = :session_id
)
UPDATE holdfast.sessions SET last_activity = moment.now, version = version + 1
FROM moment WHERE session_id = :session_id;

-- name: store_configuration(session_id, changes)!
-- Set the columns that a change names; a null in it clears a column, what it does not name stays.
UPDATE holdfast.workshop_sessions w
SET use_case_description = n.use_case_description, call_direction = n.call_direction,
    selected_phone_number = n.selected_phone_number, tts_provider = n.tts_provider,
    selected_voice = n.selected_voice, openai_api_key = n.openai_api_key, system_prompt = n.system_prompt,
    ivr_greeting = n.ivr_greeting, tools = n.tools, voice_settings = n.voice_settings,
    websocket_url = n.websocket_url, codespace_url = n.codespace_url, github_repo_url = n.github_repo_url,
    railway_url = n.railway_url
FROM (SELECT (jsonb_populate_record(old, :changes)).*
      FROM holdfast.workshop_sessions old WHERE old.session_id = :session_id) n
WHERE w.session_id = n.session_id;

-- name: store_profile(student_id, changes)!
-- Set what a change names of a student's accounts elsewhere.
INSERT INTO holdfast.workshop_profiles AS p (student_id, twilio_account_sid, github_username)
SELECT :student_id, n.twilio_account_sid, n.github_username
FROM jsonb_populate_record(NULL::holdfast.workshop_profiles, :changes) n
ON CONFLICT (student_id) DO UPDATE
SET (twilio_account_sid, github_username) =
    (SELECT n.twilio_account_sid, n.github_username FROM jsonb_populate_record(p, :changes) n);

-- name: append_bug_report(session_id, report)!
-- Keep a bug report with its session.
UPDATE holdfast.workshop_sessions SET bug_reports = bug_reports || jsonb_build_array(:report::jsonb)
WHERE session_id = :session_id;

-- name: session(session_id)^
-- A session as clients see it; neither token nor key, only whether there is a key.
SELECT v.*, clock_timestamp() AS now, c.beat_at, c.downtime_s AS service_downtime_s
FROM holdfast.workshop_progress v CROSS JOIN holdfast.service_clock c
WHERE v.session_id = :session_id;

-- name: sessions_of_students(student_ids, limit, offset)
-- The sessions of some students as clients see them, newest activity first, with the true total.
SELECT v.*, clock_timestamp() AS now, c.beat_at, c.downtime_s AS service_downtime_s, count(*) OVER () AS total
FROM holdfast.workshop_progress v CROSS JOIN holdfast.service_clock c
WHERE v.student_id = ANY(:student_ids)
ORDER BY v.last_activity DESC, v.session_id
LIMIT :limit OFFSET :offset;

-- name: steps_of_sessions(session_ids)
-- The steps of some sessions, without the code that was handed in.
SELECT session_id, step_number, step_name, started_at, completed_at, time_spent, attempts, validation_passed,
       deployment_url
FROM holdfast.step_progress WHERE session_id = ANY(:session_ids) ORDER BY session_id, step_number;

-- name: student_of_email(email)$
-- The student with this e-mail.
SELECT student_id FROM holdfast.students WHERE email = :email;

-- name: tokens_of_sessions(session_ids)
-- The tokens of some sessions, for the student who owns them.
SELECT session_id, session_token FROM holdfast.workshop_sessions WHERE session_id = ANY(:session_ids);

-- name: next_students(after_id, limit)
-- Students with a workshop session, in the order of their ids, from after one on.
SELECT st.student_id, st.student_code, st.email, st.name, st.created_at
FROM holdfast.students st
WHERE st.student_id > :after_id
  AND EXISTS (SELECT FROM holdfast.workshop_sessions w WHERE w.student_id = st.student_id)
ORDER BY st.student_id LIMIT :limit;

-- name: completion_summary(limit, offset)
-- How far each student has come, in the order of their ids, with the number of students.
WITH page AS (
    SELECT student_id, student_code, email AS student_email, name AS student_name
    FROM holdfast.students ORDER BY student_id LIMIT :limit OFFSET :offset
)
SELECT page.*, (SELECT count(*) FROM holdfast.students) AS total, w.total_sessions, w.avg_completion, w.last_active
FROM page
CROSS JOIN LATERAL (
    SELECT count(*) AS total_sessions, avg(completion_rate)::double precision AS avg_completion,
           max(last_activity) AS last_active
    FROM holdfast.workshop_sessions WHERE student_id = page.student_id
) w
ORDER BY page.student_id;

-- name: completion_of_cohort(cohort_id, limit, offset)
-- The same for the members of one cohort.
WITH page AS (
    SELECT st.student_id, st.student_code, st.email AS student_email, st.name AS student_name
    FROM holdfast.enrolments e JOIN holdfast.students st USING (student_id)
    WHERE e.cohort_id = :cohort_id ORDER BY e.student_id LIMIT :limit OFFSET :offset
)
SELECT page.*, (SELECT count(*) FROM holdfast.enrolments WHERE cohort_id = :cohort_id) AS total,
       w.total_sessions, w.avg_completion, w.last_active
FROM page
CROSS JOIN LATERAL (
    SELECT count(*) AS total_sessions, avg(completion_rate)::double precision AS avg_completion,
           max(last_activity) AS last_active
    FROM holdfast.workshop_sessions WHERE student_id = page.student_id
) w
ORDER BY page.student_id;

-- name: step_funnel(workshop_id)
-- By step of one workshop: who tried, who passed, and the mean time. It reads every step of the workshop.
SELECT p.step_number, count(*) AS attempts, sum(p.attempts)::bigint AS reports,
       count(*) FILTER (WHERE p.validation_passed) AS completed,
       round(avg(p.time_spent))::bigint AS avg_time_seconds
FROM holdfast.workshop_definitions d
JOIN holdfast.workshop_sessions w ON w.definition_hash = d.content_hash
JOIN holdfast.step_progress p ON p.session_id = w.session_id
WHERE d.workshop_id = :workshop_id
GROUP BY p.step_number ORDER BY p.step_number;

-- name: funnel_of_cohort(workshop_id, cohort_id)
-- The same for the members of one cohort.
SELECT p.step_number, count(*) AS attempts, sum(p.attempts)::bigint AS reports,
       count(*) FILTER (WHERE p.validation_passed) AS completed,
       round(avg(p.time_spent))::bigint AS avg_time_seconds
FROM holdfast.enrolments e
JOIN holdfast.workshop_sessions w USING (student_id)
JOIN holdfast.workshop_definitions d ON d.content_hash = w.definition_hash
JOIN holdfast.step_progress p ON p.session_id = w.session_id
WHERE e.cohort_id = :cohort_id AND d.workshop_id = :workshop_id
GROUP BY p.step_number ORDER BY p.step_number;

-- name: stuck_students(hours, cohort_id, limit, offset)
-- Who has stopped on a step: active and unfinished sessions without activity for so many hours, the
-- longest first, of one cohort or (null) of all.
SELECT w.session_id, w.student_id, st.student_code, st.email AS student_email, st.name AS student_name,
       d.workshop_id, d.document, w.current_step, w.completion_rate, w.last_activity,
       extract(epoch FROM clock_timestamp() - w.last_activity)::double precision AS inactive_s,
       count(*) OVER () AS total
FROM holdfast.workshop_sessions w
JOIN holdfast.sessions s USING (session_id)
JOIN holdfast.students st ON st.student_id = w.student_id
JOIN holdfast.workshop_definitions d ON d.content_hash = w.definition_hash
WHERE w.is_active AND w.completion_rate < 100 AND s.status = 'IN_PROGRESS'
  AND w.last_activity < clock_timestamp() - make_interval(secs => :hours * 3600.0)
  AND (:cohort_id::uuid IS NULL
       OR EXISTS (SELECT FROM holdfast.enrolments e
                  WHERE e.student_id = w.student_id AND e.cohort_id = :cohort_id))
ORDER BY w.last_activity, w.session_id
LIMIT :limit OFFSET :offset;

-- name: deactivate_expired(limit)$
-- Deactivate sessions whose lifetime, extended by outages, is over; nothing is deleted. Those in use at
-- this moment are left for the next time. How many.
WITH over AS (
    SELECT s.session_id
    FROM holdfast.workshop_sessions w
    JOIN holdfast.sessions s USING (session_id)
    CROSS JOIN holdfast.service_clock c
    WHERE w.is_active
      AND (s.status IN ('VOID', 'ABANDONED')
           OR s.expires_at + make_interval(secs => greatest(0, c.downtime_s - s.downtime_s))
              < clock_timestamp())
    ORDER BY s.session_id LIMIT :limit
    FOR UPDATE OF s, w SKIP LOCKED
), ended AS (
    UPDATE holdfast.sessions s
    SET status = 'ABANDONED', version = version + 1, paused_at = coalesce(paused_at, clock_timestamp()),
        pause_downtime_s = coalesce(pause_downtime_s, c.downtime_s)
    FROM over, holdfast.service_clock c
    WHERE s.session_id = over.session_id AND s.status IN ('IN_PROGRESS', 'PAUSED')
), own AS (
    UPDATE holdfast.workshop_sessions w SET is_active = false
    FROM over WHERE w.session_id = over.session_id
    RETURNING 1
)
SELECT count(*) FROM own;

-- name: delete_retired(retention_s, limit)$
-- Delete deactivated sessions whose lifetime ended longer ago than the retention time; steps go with
-- them. How many.
WITH old AS (
    SELECT s.session_id
    FROM holdfast.sessions s
    JOIN holdfast.workshop_sessions w USING (session_id)
    WHERE s.program = 'workshop' AND NOT w.is_active
      AND s.started_at < clock_timestamp() - make_interval(secs => :retention_s)
      AND s.expires_at < clock_timestamp() - make_interval(secs => :retention_s)
      AND w.last_activity < clock_timestamp() - make_interval(secs => :retention_s)
    ORDER BY s.session_id LIMIT :limit
    FOR UPDATE OF s SKIP LOCKED
), gone AS (
    DELETE FROM holdfast.sessions s USING old WHERE s.session_id = old.session_id RETURNING 1
)
SELECT count(*) FROM gone;

-- name: sealed_keys(after_id, limit)
-- Sessions with a key, in the order of their ids, from after one on; to seal them anew.
SELECT session_id, openai_api_key FROM holdfast.workshop_sessions
WHERE openai_api_key IS NOT NULL AND session_id > :after_id ORDER BY session_id LIMIT :limit;

-- name: reseal_key(session_id, before, sealed)!
-- Put a key that was sealed anew in the place of what was read, if it is still that.
UPDATE holdfast.workshop_sessions SET openai_api_key = :sealed
WHERE session_id = :session_id AND openai_api_key = :before;

-- name: research_sessions(enrolments)
-- One row for each session and step of some enrolments, as research reads them: neither names nor secrets.
SELECT s.student_id, s.session_id, d.workshop_id, d.version AS workshop_version,
       d.total_steps, s.status, s.started_at, s.completed_at, w.last_activity, w.demo_mode, w.current_step,
       w.completion_rate, w.total_time_spent, w.call_direction, w.tts_provider,
       jsonb_array_length(w.bug_reports) AS bug_reports_count, p.step_number,
       p.started_at AS step_started_at, p.completed_at AS step_completed_at, p.time_spent, p.attempts,
       p.validation_passed
FROM holdfast.sessions s
JOIN holdfast.workshop_sessions w USING (session_id)
JOIN holdfast.workshop_definitions d ON d.content_hash = w.definition_hash
LEFT JOIN holdfast.step_progress p ON p.session_id = s.session_id
WHERE s.enrolment_id = ANY(:enrolments::uuid[]) AND s.status <> 'VOID'
ORDER BY s.student_id, s.session_id, p.step_number;
