-- name: insert_session(session_id, student_id, enrolment_id, program, lifetime_s)^
-- A new session. Its lifetime does not run while the service is down.
INSERT INTO holdfast.sessions (session_id, student_id, enrolment_id, program, status, expires_at, downtime_s)
SELECT :session_id, :student_id, :enrolment_id, :program, 'IN_PROGRESS',
       clock_timestamp() + make_interval(secs => :lifetime_s), downtime_s
FROM holdfast.service_clock
RETURNING started_at, expires_at;

-- name: lock_session(session_id)^
-- Take the row lock of a session and wait for it; what is true once it is ours.
SELECT session_id, student_id, program, status, paused_at, paused_s, version, expires_at, completed_at
FROM holdfast.sessions WHERE session_id = :session_id FOR UPDATE;

-- name: pause_session(session_id)!
-- Stop the clinical clock, and remember the outages so far, so that one during the pause counts once.
UPDATE holdfast.sessions s
SET status = 'PAUSED', paused_at = clock_timestamp(), pause_downtime_s = c.downtime_s, version = version + 1
FROM holdfast.service_clock c
WHERE s.session_id = :session_id AND s.status = 'IN_PROGRESS';

-- name: resume_session(session_id)!
-- Let the clinical clock run on; the pause and the outages in it are added to their sums. It was no idleness.
UPDATE holdfast.sessions s
SET status = 'IN_PROGRESS', version = version + 1, last_activity = clock_timestamp(), paused_at = NULL, pause_downtime_s = NULL,
    paused_s = paused_s + greatest(0, extract(epoch FROM clock_timestamp() - paused_at)),
    paused_outage_s = paused_outage_s + greatest(0, c.downtime_s - pause_downtime_s)
FROM holdfast.service_clock c
WHERE s.session_id = :session_id AND s.status = 'PAUSED';

-- name: extend_session(session_id, seconds)$
-- Move the end of the session's lifetime; the new end.
UPDATE holdfast.sessions
SET expires_at = greatest(expires_at, clock_timestamp()) + make_interval(secs => :seconds),
    version = version + 1
WHERE session_id = :session_id RETURNING expires_at;

-- name: close_session(session_id, status)!
-- Void or abandon a session: nothing more is added to it, and what is there stays. It stands still
-- like a paused one, in case it is opened again.
UPDATE holdfast.sessions s
SET status = :status, version = version + 1, paused_at = coalesce(paused_at, clock_timestamp()),
    pause_downtime_s = coalesce(pause_downtime_s, c.downtime_s)
FROM holdfast.service_clock c
WHERE s.session_id = :session_id;

-- name: reopen_session(session_id, seconds)!
-- Open a closed session again, with time to go on; one that was complete is complete again. The
-- clinical clock skips the time it was closed.
UPDATE holdfast.sessions s
SET status = CASE WHEN completed_at IS NULL THEN 'IN_PROGRESS' ELSE 'COMPLETED' END,
    version = version + 1, last_activity = clock_timestamp(), paused_at = NULL, pause_downtime_s = NULL,
    paused_s = paused_s + greatest(0, extract(epoch FROM clock_timestamp() - paused_at)),
    paused_outage_s = paused_outage_s + greatest(0, c.downtime_s - pause_downtime_s),
    expires_at = greatest(expires_at, clock_timestamp() + make_interval(secs => :seconds))
FROM holdfast.service_clock c
WHERE s.session_id = :session_id AND s.status IN ('VOID', 'ABANDONED');

-- name: renew_turn(session_id, turn_owner, lease_s)!
-- Keep the claim on a turn while its agent is still thinking.
UPDATE holdfast.sessions SET turn_until = clock_timestamp() + make_interval(secs => :lease_s)
WHERE session_id = :session_id AND turn_owner = :turn_owner;

-- name: list_messages(session_id, after_seq, limit)
-- The conversation in its order, from after one message on.
SELECT seq, role, agent, part, content, clinical_s, reply_to, client_key, created_at
FROM holdfast.messages
WHERE session_id = :session_id AND seq > :after_seq ORDER BY seq LIMIT :limit;

-- name: recent_messages(session_id, agent, part, limit)
-- The newest messages with one agent (in one run), newest first.
SELECT seq, role, content FROM holdfast.messages
WHERE session_id = :session_id AND agent = :agent AND part IS NOT DISTINCT FROM :part
ORDER BY seq DESC LIMIT :limit;

-- name: count_active()$
-- How many sessions are under way.
SELECT count(*) FROM holdfast.sessions WHERE status IN ('IN_PROGRESS', 'PAUSED');

-- name: beat(gap_s)^
-- Say that the service is up. A silence longer than the gap is recorded as an outage first, by
-- whichever process comes first: the row is locked. The seconds of that outage, or null.
WITH before AS (
    SELECT beat_at, clock_timestamp() AS now FROM holdfast.service_clock WHERE id = 1 FOR UPDATE
), gap AS (
    SELECT beat_at, now, extract(epoch FROM now - beat_at)::double precision AS seconds FROM before
    WHERE now - beat_at > make_interval(secs => :gap_s)
), record AS (
    INSERT INTO holdfast.outages (outage_id, began_at, ended_at, seconds)
    SELECT gen_random_uuid(), beat_at, now, seconds FROM gap
)
UPDATE holdfast.service_clock c
SET beat_at = greatest(c.beat_at, (SELECT now FROM before)),
    downtime_s = c.downtime_s + coalesce((SELECT seconds FROM gap), 0)
WHERE c.id = 1
RETURNING (SELECT seconds FROM gap) AS outage_s, c.downtime_s;
