-- name: read_session(session_id, client_key, held_state)^
-- All that a command on a session needs, in one look: the session, its place in the program, the run
-- that is under way, the service's clock, and whether the client's key was used before. The run's state
-- is left out when the caller holds it already, under this id.
SELECT s.session_id, s.student_id, s.enrolment_id, s.status, s.version, s.last_seq, s.started_at,
       s.completed_at, s.expires_at, s.downtime_s AS session_downtime_s, s.paused_at, s.paused_s,
       s.paused_outage_s, s.pause_downtime_s, s.turn_owner, s.turn_until,
       p.phase, p.current_agent, p.scenario_queue, p.current_scenario_index, p.challenge_points_enabled,
       p.seed, p.coach, p.review, p.time_scale, p.outages_count,
       r.scenario_index AS run_index, r.scenario_id, r.content_hash, r.engine_version, r.seed AS run_seed,
       r.status AS run_status, r.as_of, r.elapsed_s, r.downtime_s AS run_downtime_s,
       r.paused_s AS run_paused_s, CASE WHEN r.state_id = :held_state THEN NULL ELSE r.state END AS state,
       r.actions_count, r.occurrences_count, r.final_state, r.outcome, r.state_id,
       r.started_at AS run_started_at, r.time_scale AS run_time_scale,
       clock_timestamp() AS now, c.beat_at, c.downtime_s AS service_downtime_s,
       (SELECT seq FROM holdfast.messages m
        WHERE m.session_id = s.session_id AND m.client_key = :client_key) AS same_key_seq
FROM holdfast.sessions s
JOIN holdfast.simulation_sessions p USING (session_id)
LEFT JOIN holdfast.simulation_runs r
    ON r.session_id = s.session_id AND r.scenario_index = p.current_scenario_index
CROSS JOIN holdfast.service_clock c
WHERE s.session_id = :session_id;

-- name: wait_for_session(session_id)$
-- Take the session's row lock and wait for whoever has it.
SELECT version FROM holdfast.sessions WHERE session_id = :session_id FOR UPDATE;

-- name: change_session(session_id, version, owner, claim, lease_s, release, status, role, agent, part, content, clinical_s, reply_to, client_key, answer, phase, current_agent, scenario_index, coach, review, analysis, run_index, state, as_of, elapsed_s, paused_s, downtime_s, run_status, final_state, outcome, performance, actions, occurrences, vitals, events)$
-- One change to a session, whole or not at all: at most one message, the program's place, the run's
-- state, and what was appended. Nothing happens (no row comes back) when the session has moved on
-- from the expected version, is not open, or the turn belongs to somebody else. The message's number.
WITH changed AS (
    UPDATE holdfast.sessions
    SET version = version + 1,
        last_seq = last_seq + CASE WHEN :role::text IS NULL THEN 0 ELSE 1 END,
        last_activity = clock_timestamp(),
        turn_owner = CASE WHEN :release THEN NULL ELSE coalesce(:claim, turn_owner) END,
        turn_until = CASE WHEN :release THEN NULL
                          WHEN :claim::uuid IS NULL THEN turn_until
                          ELSE clock_timestamp() + make_interval(secs => :lease_s) END,
        status = coalesce(:status, status),
        completed_at = CASE WHEN :status::text = 'COMPLETED' THEN clock_timestamp() ELSE completed_at END
    WHERE session_id = :session_id
      AND (:version::integer IS NULL OR version = :version)
      AND CASE WHEN :owner::uuid IS NULL
               THEN status = 'IN_PROGRESS' AND (turn_owner IS NULL OR turn_until < clock_timestamp())
               ELSE turn_owner = :owner END
    RETURNING session_id, student_id, last_seq
), message AS (
    INSERT INTO holdfast.messages
        (session_id, seq, student_id, role, agent, part, content, clinical_s, reply_to, client_key, answer)
    SELECT session_id, last_seq, student_id, :role, :agent, :part, :content, :clinical_s, :reply_to,
           :client_key, :answer
    FROM changed WHERE :role::text IS NOT NULL
), program AS (
    UPDATE holdfast.simulation_sessions p
    SET phase = :phase, current_agent = :current_agent, current_scenario_index = :scenario_index,
        coach = coalesce(:coach, coach), review = coalesce(:review, review),
        pattern_analysis = coalesce(:analysis, pattern_analysis)
    FROM changed WHERE p.session_id = changed.session_id AND :phase::text IS NOT NULL
), run AS (
    UPDATE holdfast.simulation_runs r
    SET state = :state, state_id = coalesce(:claim, gen_random_uuid()), as_of = :as_of, elapsed_s = :elapsed_s, paused_s = :paused_s,
        downtime_s = :downtime_s, status = :run_status, final_state = :final_state, outcome = :outcome,
        performance = coalesce(:performance, performance),
        ended_at = CASE WHEN :run_status::text = 'COMPLETED' THEN coalesce(ended_at, clock_timestamp()) END,
        actions_count = actions_count + coalesce(jsonb_array_length(:actions::jsonb), 0),
        occurrences_count = occurrences_count + coalesce(jsonb_array_length(:occurrences::jsonb), 0)
    FROM changed WHERE r.session_id = changed.session_id AND r.scenario_index = :run_index
), acted AS (
    INSERT INTO holdfast.simulation_actions
        (session_id, scenario_index, ordinal, student_id, batch, at_s, kind, target, known, dose, unit,
         route, phrases, text, message_seq)
    SELECT changed.session_id, :run_index, a.ordinal, changed.student_id, a.batch, a.at_s, a.kind, a.target,
           a.known, a.dose, a.unit, a.route, a.phrases, a.text,
           CASE WHEN a.with_message THEN changed.last_seq END
    FROM changed, jsonb_to_recordset(:actions::jsonb) AS a(
        ordinal integer, batch integer, at_s double precision, kind text, target text, known boolean,
        dose double precision, unit text, route text, phrases text[], text text, with_message boolean)
), occurred AS (
    INSERT INTO holdfast.simulation_occurrences
        (session_id, scenario_index, ordinal, student_id, at_s, type, subject, detail, message_seq)
    SELECT changed.session_id, :run_index, o.ordinal, changed.student_id, o.at_s, o.type, o.subject, o.detail,
           CASE WHEN :role::text IS NOT NULL THEN changed.last_seq END
    FROM changed, jsonb_to_recordset(:occurrences::jsonb) AS o(
        ordinal integer, at_s double precision, type text, subject text, detail jsonb)
), sampled AS (
    INSERT INTO holdfast.vital_signs
        (session_id, scenario_index, ordinal, student_id, at_s, heart_rate, respiratory_rate, spo2, systolic,
         diastolic, temperature, gcs, glucose, pain, patient_state)
    SELECT changed.session_id, :run_index, v.ordinal, changed.student_id, v.at_s, v.heart_rate,
           v.respiratory_rate, v.spo2, v.systolic, v.diastolic, v.temperature, v.gcs, v.glucose, v.pain,
           v.patient_state
    FROM changed, jsonb_to_recordset(:vitals::jsonb) AS v(
        ordinal integer, at_s double precision, heart_rate double precision,
        respiratory_rate double precision, spo2 double precision, systolic double precision,
        diastolic double precision, temperature double precision, gcs double precision,
        glucose double precision, pain double precision, patient_state text)
), journalled AS (
    INSERT INTO holdfast.events (event_id, student_id, session_id, actor, type, object, result, data)
    SELECT e.event_id, changed.student_id, changed.session_id, e.actor, e.type, e.object, e.result, e.data
    FROM changed, jsonb_to_recordset(:events::jsonb) AS e(
        event_id uuid, actor text, type text, object text, result text, data jsonb)
)
SELECT last_seq FROM changed;

-- name: store_reply(session_id, owner, role, agent, part, content, clinical_s, reply_to, answer)$
-- A reply under its claim, which ends with it: what change_session does, when there is nothing else to
-- change. The message's number; nothing happens when the turn belongs to somebody else.
WITH changed AS (
    UPDATE holdfast.sessions
    SET version = version + 1, last_seq = last_seq + 1, last_activity = clock_timestamp(),
        turn_owner = NULL, turn_until = NULL
    WHERE session_id = :session_id AND turn_owner = :owner
    RETURNING session_id, student_id, last_seq
)
INSERT INTO holdfast.messages
    (session_id, seq, student_id, role, agent, part, content, clinical_s, reply_to, answer)
SELECT session_id, last_seq, student_id, :role, :agent, :part, :content, :clinical_s, :reply_to, :answer
FROM changed RETURNING seq;

-- name: insert_simulation(session_id, student_id, scenario_queue, challenge_points_enabled, seed, coach, time_scale, outages_count)!
-- The program's part of a new session: it begins with the coach.
INSERT INTO holdfast.simulation_sessions
    (session_id, student_id, phase, current_agent, scenario_queue, current_scenario_index,
     challenge_points_enabled, seed, coach, time_scale, outages_count)
VALUES (:session_id, :student_id, 'coach', 'cognitive_coach', :scenario_queue, 0,
        :challenge_points_enabled, :seed, :coach, :time_scale, :outages_count);

-- name: insert_message(session_id, student_id, seq, role, agent, part, content, answer)!
-- A message of a session that is being created.
INSERT INTO holdfast.messages (session_id, seq, student_id, role, agent, part, content, answer)
VALUES (:session_id, :seq, :student_id, :role, :agent, :part, :content, :answer);

-- name: count_opening(session_id, last_seq)!
-- Tell the session of its opening message.
UPDATE holdfast.sessions SET last_seq = :last_seq WHERE session_id = :session_id;

-- name: insert_run(session_id, scenario_index, student_id, scenario_id, content_hash, engine_version, seed, time_scale, state, silence_s)$
-- A scenario run begins; its clock starts now.
INSERT INTO holdfast.simulation_runs
    (session_id, scenario_index, student_id, scenario_id, content_hash, engine_version, seed, time_scale,
     status, as_of, elapsed_s, downtime_s, paused_s, state, actions_count, occurrences_count)
SELECT s.session_id, :scenario_index, :student_id, :scenario_id, :content_hash, :engine_version, :seed,
       :time_scale, 'RUNNING', clock_timestamp(), 0,
       c.downtime_s - s.paused_outage_s
           + CASE WHEN clock_timestamp() - c.beat_at > make_interval(secs => :silence_s)
                  THEN extract(epoch FROM clock_timestamp() - c.beat_at) ELSE 0 END,
       s.paused_s, :state, 0, 0
FROM holdfast.sessions s CROSS JOIN holdfast.service_clock c WHERE s.session_id = :session_id
RETURNING started_at;

-- name: run_of(session_id, scenario_index)^
-- One run, as far as its replies need it.
SELECT content_hash, state FROM holdfast.simulation_runs
WHERE session_id = :session_id AND scenario_index = :scenario_index;

-- name: store_scenario(content_hash, scenario_id, version, title, origin, document)!
-- Keep a scenario under its content hash; the same content is kept once.
INSERT INTO holdfast.scenarios (content_hash, scenario_id, version, title, origin, document)
VALUES (:content_hash, :scenario_id, :version, :title, :origin, :document)
ON CONFLICT (content_hash) DO NOTHING;

-- name: scenario_by_hash(content_hash)$
-- The document a run began with.
SELECT document FROM holdfast.scenarios WHERE content_hash = :content_hash;

-- name: imported_scenarios()
-- The newest version of each imported scenario.
SELECT DISTINCT ON (scenario_id) scenario_id, version, title, content_hash, document, created_at
FROM holdfast.scenarios WHERE origin = 'imported' ORDER BY scenario_id, created_at DESC;

-- name: turn_reply(session_id, seq)^
-- A student's message and the reply to it, if it has been given.
SELECT m.seq, m.content AS asked, m.agent, m.part, m.clinical_s, r.seq AS reply_seq, r.content AS reply, r.answer
FROM holdfast.messages m
LEFT JOIN holdfast.messages r ON r.session_id = m.session_id AND r.reply_to = m.seq
WHERE m.session_id = :session_id AND m.seq = :seq;

-- name: unanswered(session_id)$
-- The oldest message of the student that nobody has answered.
SELECT m.seq FROM holdfast.messages m
WHERE m.session_id = :session_id AND m.role = 'user'
  AND NOT EXISTS (SELECT 1 FROM holdfast.messages r
                  WHERE r.session_id = m.session_id AND r.reply_to = m.seq)
ORDER BY m.seq LIMIT 1;

-- name: claim_turn(session_id, claim, lease_s)$
-- Take over a turn whose owner is gone. A message that is stored is answered whatever the session's
-- status is meanwhile.
UPDATE holdfast.sessions
SET turn_owner = :claim, turn_until = clock_timestamp() + make_interval(secs => :lease_s), version = version + 1
WHERE session_id = :session_id AND (turn_owner IS NULL OR turn_until < clock_timestamp())
RETURNING version;

-- name: abandoned_turns(within_s, limit)
-- Sessions whose turn was claimed by somebody who is gone. Only lately active ones are looked at, by
-- the block range index; an older one is taken up when somebody comes back to it.
SELECT session_id FROM holdfast.sessions
WHERE last_activity > clock_timestamp() - make_interval(secs => :within_s)
  AND turn_owner IS NOT NULL AND turn_until < clock_timestamp() AND program = 'simulation'
LIMIT :limit;

-- name: occurrences_of_message(session_id, scenario_index, message_seq)
-- What came to light after one message.
SELECT type, detail FROM holdfast.simulation_occurrences
WHERE session_id = :session_id AND scenario_index = :scenario_index AND message_seq = :message_seq
ORDER BY ordinal;

-- name: occurrences(session_id)
-- Everything that came to light in a session, in its order.
SELECT scenario_index, ordinal, at_s, type, detail, message_seq, created_at
FROM holdfast.simulation_occurrences WHERE session_id = :session_id ORDER BY scenario_index, ordinal;

-- name: actions(session_id)
-- Everything the student did in a session, in its order.
SELECT scenario_index, ordinal, batch, at_s, kind, target, known, dose, unit, route, phrases, text,
       message_seq, created_at
FROM holdfast.simulation_actions WHERE session_id = :session_id ORDER BY scenario_index, ordinal;

-- name: runs(session_id)
-- The runs of a session, in their order.
SELECT scenario_index, scenario_id, content_hash, engine_version, seed, time_scale, status, started_at,
       ended_at, elapsed_s, state, final_state, outcome, performance, actions_count, occurrences_count
FROM holdfast.simulation_runs WHERE session_id = :session_id ORDER BY scenario_index;

-- name: vital_signs(session_id)
-- The log of vital signs of a session.
SELECT scenario_index, ordinal, at_s, heart_rate, respiratory_rate, spo2, systolic, diastolic, temperature,
       gcs, glucose, pain, patient_state, created_at
FROM holdfast.vital_signs WHERE session_id = :session_id ORDER BY scenario_index, ordinal;

-- name: store_performance(session_id, student_id, total_messages, total_duration, scenarios_completed, overall_score, optimal_total, acceptable_total, suboptimal_total, dangerous_total, not_performed_total, critical_actions_completed, critical_actions_missed, medication_error_count, medication_warning_count, safety_score, challenge_points_count, pattern_analysis_results)!
-- The totals of a session, once it is complete; a second completion says the same.
INSERT INTO holdfast.performance
    (session_id, student_id, total_messages, total_duration, scenarios_completed, overall_score,
     optimal_total, acceptable_total, suboptimal_total, dangerous_total, not_performed_total,
     critical_actions_completed, critical_actions_missed, medication_error_count,
     medication_warning_count, safety_score, challenge_points_count, pattern_analysis_results)
VALUES (:session_id, :student_id, :total_messages, :total_duration, :scenarios_completed, :overall_score,
        :optimal_total, :acceptable_total, :suboptimal_total, :dangerous_total, :not_performed_total,
        :critical_actions_completed, :critical_actions_missed, :medication_error_count,
        :medication_warning_count, :safety_score, :challenge_points_count, :pattern_analysis_results)
ON CONFLICT (session_id) DO NOTHING;

-- name: performance_of(session_id)^
-- The totals of a complete session.
SELECT * FROM holdfast.performance WHERE session_id = :session_id;

-- name: current_sessions(student_id)
-- A student's simulation sessions, newest first.
SELECT s.session_id, s.status, s.started_at, s.completed_at, p.phase, p.current_scenario_index, p.scenario_queue
FROM holdfast.sessions s JOIN holdfast.simulation_sessions p USING (session_id)
WHERE s.student_id = :student_id ORDER BY s.started_at DESC, s.session_id;

-- name: active_simulations(limit, offset)
-- Sessions under way, with their place in the program, newest first, and the true total.
SELECT s.session_id, s.student_id, t.student_code, t.name AS student_name, s.status, s.started_at,
       s.last_activity, e.arm, c.name AS cohort, p.phase, p.current_agent, p.current_scenario_index,
       p.scenario_queue, count(*) OVER () AS total
FROM holdfast.sessions s
JOIN holdfast.simulation_sessions p USING (session_id)
JOIN holdfast.students t ON t.student_id = s.student_id
LEFT JOIN holdfast.enrolments e USING (enrolment_id)
LEFT JOIN holdfast.cohorts c USING (cohort_id)
WHERE s.status IN ('IN_PROGRESS', 'PAUSED')
ORDER BY s.started_at DESC, s.session_id LIMIT :limit OFFSET :offset;

-- name: delete_session(session_id)!
-- Delete a session and, by cascade, every row of it.
DELETE FROM holdfast.sessions WHERE session_id = :session_id;

-- name: judge_decision(session_id, scenario_index, decision, student_id, rating, explanation, judged_by)!
-- An instructor's rating of a decision that no rule rates; a later judgement replaces the earlier one.
INSERT INTO holdfast.instructor_judgements
    (session_id, scenario_index, decision, student_id, rating, explanation, judged_by)
VALUES (:session_id, :scenario_index, :decision, :student_id, :rating, :explanation, :judged_by)
ON CONFLICT (session_id, scenario_index, decision)
DO UPDATE SET rating = excluded.rating, explanation = excluded.explanation, judged_by = excluded.judged_by;

-- name: judgements(session_id)
-- The instructor's ratings of a session.
SELECT scenario_index, decision, rating, explanation, judged_by, created_at
FROM holdfast.instructor_judgements WHERE session_id = :session_id ORDER BY scenario_index, decision;

-- name: stored_message(session_id, seq)^
-- One message with what its reply needs to be made again.
SELECT agent, part, content, clinical_s, answer FROM holdfast.messages
WHERE session_id = :session_id AND seq = :seq;

-- name: analysis_of_session(session_id)$
-- The pattern analysis that the review was begun with.
SELECT pattern_analysis FROM holdfast.simulation_sessions WHERE session_id = :session_id;

-- name: who(session_id)^
-- Whose session it is, by name and study group.
SELECT t.student_code, t.name, t.email, e.arm, c.name AS cohort, t.created_at AS registered_at
FROM holdfast.sessions s JOIN holdfast.students t USING (student_id)
LEFT JOIN holdfast.enrolments e USING (enrolment_id)
LEFT JOIN holdfast.cohorts c USING (cohort_id)
WHERE s.session_id = :session_id;

-- name: all_sessions()
-- Every simulation session, oldest first.
SELECT session_id FROM holdfast.sessions WHERE program = 'simulation' ORDER BY started_at, session_id;
