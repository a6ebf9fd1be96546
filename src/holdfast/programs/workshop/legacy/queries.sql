-- name: claim_migration(lock)$
-- Take the right to migrate until the transaction ends; false when another one has it.
SELECT pg_try_advisory_xact_lock(:lock);

-- name: schema_and_time(schema)^
-- Whether there is such a schema, and the database's clock.
SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = :schema) AS exists, clock_timestamp() AS now;

-- name: columns_of_tables(schema, names)
-- The columns of those of the named tables that stand in a schema, in their order.
SELECT t.table_name::text AS name, array_agg(c.column_name::text ORDER BY c.ordinal_position) AS columns
FROM information_schema.tables t
JOIN information_schema.columns c USING (table_schema, table_name)
WHERE t.table_schema = :schema AND t.table_name = ANY(:names) AND t.table_type = 'BASE TABLE'
GROUP BY t.table_name;

-- name: text_of_lock(schema, name)$
-- The statement that keeps everybody else away from an old table until the transaction ends.
SELECT format('LOCK TABLE %I.%I IN ACCESS EXCLUSIVE MODE', :schema::text, :name::text);

-- name: text_of_count(schema, name)$
-- The statement that counts the rows of an old table.
SELECT format('SELECT count(*) FROM %I.%I', :schema::text, :name::text);

-- name: text_of_rows(schema, name, columns)$
-- The statement that reads some columns of an old table as JSON text, each row with its place. Text, because
-- a column of type json may hold what jsonb cannot.
SELECT format('SELECT t.ctid::text AS place, row_to_json(r)::text AS row FROM %I.%I t, '
              'LATERAL (SELECT %s) r ORDER BY t.ctid',
              :schema::text, :name::text,
              (SELECT string_agg(format('t.%I', c), ', ' ORDER BY i)
               FROM unnest(:columns::text[]) WITH ORDINALITY AS given(c, i)));

-- name: text_of_rename(schema, name, renamed)$
-- The statement that gives an old table another name.
SELECT format('ALTER TABLE %I.%I RENAME TO %I', :schema::text, :name::text, :renamed::text);

-- name: students_by_email(emails)
-- Students of some e-mails.
SELECT student_id, email, name FROM holdfast.students WHERE email = ANY(:emails);

-- name: students_by_identity(system, external_ids)
-- Students whom the older system knows under some keys.
SELECT i.external_id, i.student_id, s.email, s.name
FROM holdfast.student_identities i JOIN holdfast.students s USING (student_id)
WHERE i.system = :system AND i.external_id = ANY(:external_ids);

-- name: known_sessions(session_ids, tokens)
-- Workshop sessions under some ids or tokens.
SELECT w.session_id, w.session_token, w.student_id, s.email, s.name
FROM holdfast.workshop_sessions w JOIN holdfast.students s USING (student_id)
WHERE w.session_id = ANY(:session_ids) OR w.session_token = ANY(:tokens);

-- name: insert_students(students)!
-- Students who were not known.
INSERT INTO holdfast.students (student_id, student_code, name, email)
SELECT student_id, student_code, name, email
FROM jsonb_to_recordset(:students::jsonb) AS r (student_id uuid, student_code text, name text, email text);

-- name: insert_identities(system, identities)!
-- Under which keys the older system knows them.
INSERT INTO holdfast.student_identities (system, external_id, student_id)
SELECT :system, external_id, student_id
FROM jsonb_to_recordset(:identities::jsonb) AS r (external_id text, student_id uuid);

-- name: insert_profiles(profiles)!
-- Their accounts elsewhere; what is known already stays.
INSERT INTO holdfast.workshop_profiles AS p (student_id, twilio_account_sid)
SELECT DISTINCT ON (student_id) student_id, twilio_account_sid
FROM jsonb_to_recordset(:profiles::jsonb) AS r (student_id uuid, twilio_account_sid text)
ON CONFLICT (student_id) DO UPDATE
SET twilio_account_sid = coalesce(p.twilio_account_sid, excluded.twilio_account_sid);

-- name: insert_sessions(sessions, now)!
-- Old sessions. Their lifetime ends with the migration, so that the time for which ended sessions are
-- kept begins then; none of them is open.
INSERT INTO holdfast.sessions (session_id, student_id, program, status, started_at, last_activity, completed_at,
                               expires_at, downtime_s, paused_at, pause_downtime_s)
SELECT session_id, student_id, 'workshop', status, started_at, last_activity, completed_at, :now::timestamptz, c.downtime_s,
       CASE WHEN status = 'ABANDONED' THEN :now::timestamptz END, CASE WHEN status = 'ABANDONED' THEN c.downtime_s END
FROM holdfast.service_clock c, jsonb_to_recordset(:sessions::jsonb) AS r (
    session_id text, student_id uuid, status text, started_at timestamptz, last_activity timestamptz,
    completed_at timestamptz);

-- name: insert_workshop_sessions(sessions, definition_hash)!
-- What the workshop adds to them.
INSERT INTO holdfast.workshop_sessions
    (session_id, student_id, definition_hash, session_token, is_active, demo_mode, last_activity, current_step,
     total_time_spent, completion_rate, use_case_description, call_direction, selected_phone_number,
     tts_provider, selected_voice, openai_api_key, system_prompt, ivr_greeting, tools, voice_settings,
     websocket_url, codespace_url, github_repo_url, railway_url, bug_reports, created_at, updated_at)
SELECT session_id, student_id, :definition_hash, session_token, false, demo_mode, last_activity, current_step,
       total_time_spent, completion_rate, use_case_description, call_direction, selected_phone_number,
       tts_provider, selected_voice, openai_api_key, system_prompt, ivr_greeting, tools, voice_settings,
       websocket_url, codespace_url, github_repo_url, railway_url, bug_reports, created_at, updated_at
FROM jsonb_to_recordset(:sessions::jsonb) AS r (
    session_id text, student_id uuid, session_token text, demo_mode boolean, last_activity timestamptz,
    current_step integer, total_time_spent bigint, completion_rate integer, use_case_description text,
    call_direction text, selected_phone_number text, tts_provider text, selected_voice text,
    openai_api_key text, system_prompt text, ivr_greeting text, tools jsonb, voice_settings jsonb,
    websocket_url text, codespace_url text, github_repo_url text, railway_url text, bug_reports jsonb,
    created_at timestamptz, updated_at timestamptz);

-- name: insert_steps(steps)!
-- Their progress by step.
INSERT INTO holdfast.step_progress (session_id, student_id, step_number, step_name, started_at, completed_at,
                                    time_spent, attempts, validation_passed, created_at, updated_at)
SELECT session_id, student_id, step_number, step_name, started_at, completed_at, time_spent, attempts,
       validation_passed, started_at, updated_at
FROM jsonb_to_recordset(:steps::jsonb) AS r (
    session_id text, student_id uuid, step_number integer, step_name text, started_at timestamptz,
    completed_at timestamptz, time_spent bigint, attempts integer, validation_passed boolean,
    updated_at timestamptz);

-- name: insert_events(actor, type, events)!
-- That each of them was brought over, with the totals that the older system told.
INSERT INTO holdfast.events (event_id, student_id, session_id, actor, type, object, data)
SELECT event_id, student_id, session_id, :actor, :type, object, data
FROM jsonb_to_recordset(:events::jsonb) AS r (
    event_id uuid, student_id uuid, session_id text, object text, data jsonb);
