-- name: lock_student(student_id)^
-- Take the lock under which a student's results are saved one after another; nothing when there is no such
-- student. What is read afterwards is read by later statements, so that it is what the lock protects.
SELECT student_id FROM holdfast.students WHERE student_id = :student_id FOR NO KEY UPDATE;

-- name: standing(student_id)^
-- The moment and the student's running totals, which are null before the first session.
SELECT clock_timestamp() AS now, p.sessions, p.seconds, p.words_spoken, p.words_learned, p.streak_days, p.last_day
FROM (SELECT :student_id::uuid AS student_id) AS asked LEFT JOIN holdfast.practice_standings p USING (student_id);

-- name: cards(student_id, words)
-- The cards of some words that the student has met before.
SELECT word, stability, difficulty, due_at, reviewed_at FROM holdfast.vocabulary_cards
WHERE student_id = :student_id AND word = ANY(:words::text[]);

-- name: save_result(now, session_id, session_result_id, student_id, enrolment_id, session_type, duration_seconds, words_spoken, pronunciation_score, fluency_score, grammar_score, topics, vocabulary_learned, areas_to_improve, topics_spelled, vocabulary_learned_spelled, areas_to_improve_spelled, metadata, stabilities, difficulties, due, ratings, rated, sessions, seconds, total_words_spoken, words_learned, streak_days, last_day, milestones)^
-- A finished session with everything that follows from it: the common session, the result, its words'
-- cards and reviews, the student's running totals, the milestones reached. The result as it is stored.
WITH opened AS (
    INSERT INTO holdfast.sessions
        (session_id, student_id, enrolment_id, program, status, started_at, last_activity, completed_at)
    VALUES (:session_id, :student_id, :enrolment_id, 'practice', 'COMPLETED',
            :now::timestamptz - make_interval(secs => :duration_seconds::integer), :now, :now)
), saved AS (
    INSERT INTO holdfast.session_results
        (session_result_id, student_id, session_id, session_type, duration_seconds, words_spoken,
         pronunciation_score, fluency_score, grammar_score, topics, vocabulary_learned, areas_to_improve,
         topics_spelled, vocabulary_learned_spelled, areas_to_improve_spelled, metadata, created_at, updated_at)
    VALUES (:session_result_id, :student_id, :session_id, :session_type, :duration_seconds::integer, :words_spoken,
            :pronunciation_score, :fluency_score, :grammar_score, :topics, :vocabulary_learned,
            :areas_to_improve, :topics_spelled, :vocabulary_learned_spelled, :areas_to_improve_spelled,
            :metadata, :now, :now)
    RETURNING *
), came_up AS (
    SELECT * FROM unnest(:vocabulary_learned::text[], :vocabulary_learned_spelled::text[],
                         :stabilities::double precision[], :difficulties::double precision[],
                         :due::timestamptz[], :ratings::smallint[], :rated::boolean[])
        AS word(word, spelled, stability, difficulty, due_at, rating, rated)
), carded AS (
    INSERT INTO holdfast.vocabulary_cards AS card
        (student_id, word, spelled, stability, difficulty, due_at, reviewed_at, reviews)
    SELECT :student_id, word, spelled, stability, difficulty, due_at, :now, 1 FROM came_up
    ON CONFLICT (student_id, word) DO UPDATE
    SET spelled = EXCLUDED.spelled, stability = EXCLUDED.stability, difficulty = EXCLUDED.difficulty,
        due_at = EXCLUDED.due_at, reviewed_at = EXCLUDED.reviewed_at, reviews = card.reviews + 1
), logged AS (
    INSERT INTO holdfast.vocabulary_reviews (session_result_id, word, student_id, rating, rated, reviewed_at)
    SELECT :session_result_id, word, :student_id, rating, rated, :now FROM came_up
), totalled AS (
    INSERT INTO holdfast.practice_standings
        (student_id, sessions, seconds, words_spoken, words_learned, streak_days, last_day)
    VALUES (:student_id, :sessions, :seconds, :total_words_spoken, :words_learned, :streak_days, :last_day)
    ON CONFLICT (student_id) DO UPDATE
    SET sessions = EXCLUDED.sessions, seconds = EXCLUDED.seconds, words_spoken = EXCLUDED.words_spoken,
        words_learned = EXCLUDED.words_learned, streak_days = EXCLUDED.streak_days, last_day = EXCLUDED.last_day
), rewarded AS (
    INSERT INTO holdfast.practice_milestones (student_id, milestone, session_result_id, reached_at)
    SELECT :student_id, milestone, :session_result_id, :now FROM unnest(:milestones::text[]) AS m(milestone)
    ON CONFLICT (student_id, milestone) DO NOTHING
)
SELECT * FROM saved;

-- name: history(student_id, session_type, limit, offset)
-- A page of a student's sessions, newest first, of one type or (null) of all, with the true total in every
-- row; a page behind the end is one row that holds the total and nothing else.
WITH page AS (
    SELECT * FROM holdfast.session_results
    WHERE student_id = :student_id AND (:session_type::text IS NULL OR session_type = :session_type)
    ORDER BY created_at DESC, session_result_id DESC LIMIT :limit OFFSET :offset
)
SELECT counted.total, page.*
FROM (SELECT count(*) AS total FROM holdfast.session_results
      WHERE student_id = :student_id AND (:session_type::text IS NULL OR session_type = :session_type)) AS counted
LEFT JOIN page ON true
ORDER BY page.created_at DESC, page.session_result_id DESC;

-- name: stats(student_id, hours)^
-- Everything about a student's sessions of the last so many hours. A missing score is in no average, and
-- an average of nothing is null. Days are days in UTC. A phrase is shown as it was most often spelled.
WITH span AS MATERIALIZED (
    SELECT * FROM holdfast.session_results
    WHERE student_id = :student_id AND created_at > statement_timestamp() - make_interval(hours => :hours)
), types AS (
    SELECT session_type, count(*) AS n, round(avg(duration_seconds))::integer AS avg_duration
    FROM span GROUP BY session_type
), days AS (
    SELECT (created_at AT TIME ZONE 'UTC')::date AS day,
           round(avg(pronunciation_score)::numeric, 2)::double precision AS pronunciation,
           round(avg(fluency_score)::numeric, 2)::double precision AS fluency,
           round(avg(grammar_score)::numeric, 2)::double precision AS grammar
    FROM span GROUP BY 1
    HAVING count(pronunciation_score) + count(fluency_score) + count(grammar_score) > 0
), topics AS (
    SELECT t.key COLLATE "C" AS key, count(*) AS n, mode() WITHIN GROUP (ORDER BY t.spelled COLLATE "C") AS spelled
    FROM span, unnest(span.topics, span.topics_spelled) AS t(key, spelled)
    GROUP BY 1 ORDER BY n DESC, 1 LIMIT 10
), areas AS (
    SELECT t.key COLLATE "C" AS key, count(*) AS n, mode() WITHIN GROUP (ORDER BY t.spelled COLLATE "C") AS spelled
    FROM span, unnest(span.areas_to_improve, span.areas_to_improve_spelled) AS t(key, spelled)
    GROUP BY 1 ORDER BY n DESC, 1 LIMIT 10
)
SELECT count(*) AS total_sessions,
       coalesce(sum(duration_seconds), 0) AS total_duration,
       coalesce(sum(words_spoken), 0) AS total_words_spoken,
       round(avg(pronunciation_score)::numeric, 2)::double precision AS avg_pronunciation,
       round(avg(fluency_score)::numeric, 2)::double precision AS avg_fluency,
       round(avg(grammar_score)::numeric, 2)::double precision AS avg_grammar,
       (SELECT coalesce(jsonb_object_agg(
            session_type, jsonb_build_object('count', n, 'avg_duration', avg_duration)), '{}')
        FROM types) AS sessions_by_type,
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'date', day, 'pronunciation', pronunciation, 'fluency', fluency, 'grammar', grammar)
            ORDER BY day), '[]') FROM days) AS improvement_trends,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('topic', spelled, 'count', n) ORDER BY n DESC, key), '[]')
        FROM topics) AS common_topics,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('area', spelled, 'count', n) ORDER BY n DESC, key), '[]')
        FROM areas) AS areas_to_improve
FROM span;

-- name: focus_areas(student_id)
-- The five areas that came up most in the last seven days.
SELECT t.key COLLATE "C" AS key, count(*) AS n, mode() WITHIN GROUP (ORDER BY t.spelled COLLATE "C") AS area
FROM holdfast.session_results r, unnest(r.areas_to_improve, r.areas_to_improve_spelled) AS t(key, spelled)
WHERE r.student_id = :student_id AND r.created_at > statement_timestamp() - interval '168 hours'
GROUP BY 1 ORDER BY n DESC, 1 LIMIT 5;

-- name: words_to_review(student_id)
-- Ten words: those due, of any age and the longest overdue first, and then those of the last seven days
-- that came up least.
WITH due AS (
    SELECT word, spelled, due_at FROM holdfast.vocabulary_cards
    WHERE student_id = :student_id AND due_at <= statement_timestamp()
    ORDER BY due_at, word LIMIT 10
), seen AS (
    SELECT t.word, count(*) AS n
    FROM holdfast.session_results r, unnest(r.vocabulary_learned) AS t(word)
    WHERE r.student_id = :student_id AND r.created_at > statement_timestamp() - interval '168 hours'
    GROUP BY t.word
), recent AS (
    SELECT c.word, c.spelled, c.due_at, seen.n
    FROM seen JOIN holdfast.vocabulary_cards c ON c.student_id = :student_id AND c.word = seen.word
    WHERE c.due_at > statement_timestamp()
    ORDER BY seen.n, c.word COLLATE "C" LIMIT 10
)
SELECT spelled, due_at, is_due
FROM (SELECT word, spelled, due_at, true AS is_due, 0::bigint AS n FROM due
      UNION ALL
      SELECT word, spelled, due_at, false, n FROM recent) AS listed
ORDER BY is_due DESC, CASE WHEN is_due THEN due_at END, n, word COLLATE "C" LIMIT 10;

-- name: last_session(student_id)^
-- The newest session of any age.
SELECT session_type, duration_seconds, pronunciation_score, fluency_score, grammar_score,
       areas_to_improve_spelled, created_at
FROM holdfast.session_results WHERE student_id = :student_id
ORDER BY created_at DESC, session_result_id DESC LIMIT 1;

-- name: averages_of_cohort(enrolment_id, student_id, hours, fewest)^
-- Averages over the members of an enrolment's cohort (each counts once, whatever the number of sessions)
-- beside those of one member, who is there without a cohort too. An average over fewer than so many
-- members is null. Who withdrew consent is in no average.
WITH members AS (
    SELECT e.student_id FROM holdfast.enrolments own JOIN holdfast.enrolments e USING (cohort_id)
    WHERE own.enrolment_id = :enrolment_id AND e.withdrawn_at IS NULL
), practised AS MATERIALIZED (
    SELECT asked.student_id, asked.counts, figures.*
    FROM (SELECT student_id, true AS counts FROM members
          UNION ALL
          SELECT :student_id::uuid, false WHERE :student_id NOT IN (SELECT student_id FROM members)) AS asked
    CROSS JOIN LATERAL (
        SELECT count(*) AS sessions, sum(r.duration_seconds) AS duration, sum(r.words_spoken) AS words_spoken,
               avg(r.pronunciation_score)::numeric AS pronunciation, avg(r.fluency_score)::numeric AS fluency,
               avg(r.grammar_score)::numeric AS grammar
        FROM holdfast.session_results r
        WHERE r.student_id = asked.student_id
          AND r.created_at > statement_timestamp() - make_interval(hours => :hours)
    ) AS figures
    WHERE figures.sessions > 0
)
SELECT count(*) AS students,
       CASE WHEN count(*) >= :fewest THEN round(avg(sessions), 1)::double precision END AS sessions,
       CASE WHEN count(*) >= :fewest THEN round(avg(duration), 1)::double precision END AS duration,
       CASE WHEN count(*) >= :fewest THEN round(avg(words_spoken), 1)::double precision END AS words_spoken,
       CASE WHEN count(pronunciation) >= :fewest THEN round(avg(pronunciation), 1)::double precision END
           AS pronunciation,
       CASE WHEN count(fluency) >= :fewest THEN round(avg(fluency), 1)::double precision END AS fluency,
       CASE WHEN count(grammar) >= :fewest THEN round(avg(grammar), 1)::double precision END AS grammar,
       (SELECT jsonb_build_object(
            'sessions', sessions, 'duration', duration, 'words_spoken', words_spoken,
            'pronunciation', round(pronunciation, 1), 'fluency', round(fluency, 1), 'grammar', round(grammar, 1))
        FROM practised WHERE student_id = :student_id) AS own
FROM practised WHERE counts;

-- name: milestones(student_id)
-- What a student has reached, in the order of reaching it.
SELECT milestone, reached_at FROM holdfast.practice_milestones
WHERE student_id = :student_id ORDER BY reached_at, milestone COLLATE "C";

-- name: results_from(student_id, created_at, session_result_id, limit)
-- A student's sessions after one of them, oldest first: what a download and a follower read on.
SELECT * FROM holdfast.session_results
WHERE student_id = :student_id AND (created_at, session_result_id) > (:created_at, :session_result_id)
ORDER BY created_at, session_result_id LIMIT :limit;

-- name: newest_result(student_id)^
-- Where a follower begins who has seen everything so far.
SELECT created_at, session_result_id FROM holdfast.session_results
WHERE student_id = :student_id ORDER BY created_at DESC, session_result_id DESC LIMIT 1;

-- name: all_cards(student_id)
-- Every word of a student with what is remembered about it.
SELECT spelled, due_at, reviewed_at, reviews, stability, difficulty FROM holdfast.vocabulary_cards
WHERE student_id = :student_id ORDER BY word COLLATE "C";

-- name: sessions_about(kind, key, limit, offset)
-- Sessions of all students about one topic, with one word or in one area, newest first, with the true total
-- as in history.
WITH found AS MATERIALIZED (
    SELECT * FROM holdfast.session_results r
    WHERE (:kind::text = 'topic' AND r.topics @> ARRAY[:key::text])
       OR (:kind = 'word' AND r.vocabulary_learned @> ARRAY[:key])
       OR (:kind = 'area' AND r.areas_to_improve @> ARRAY[:key])
), page AS (
    SELECT found.*, s.student_code, s.name AS student_name FROM found JOIN holdfast.students s USING (student_id)
    ORDER BY found.created_at DESC, found.session_result_id DESC LIMIT :limit OFFSET :offset
)
SELECT counted.total, page.* FROM (SELECT count(*) AS total FROM found) AS counted LEFT JOIN page ON true
ORDER BY page.created_at DESC, page.session_result_id DESC;

-- name: insert_share(share_id, student_id, days)$
-- A link that shows a student's statistics to whoever has it; until when it works.
INSERT INTO holdfast.practice_shares (share_id, student_id, expires_at)
VALUES (:share_id, :student_id, clock_timestamp() + make_interval(days => :days)) RETURNING expires_at;

-- name: shares(student_id)
-- The links of a student that work, oldest first.
SELECT share_id, expires_at, created_at FROM holdfast.practice_shares
WHERE student_id = :student_id AND revoked_at IS NULL AND expires_at > statement_timestamp()
ORDER BY created_at, share_id;

-- name: share_works(share_id, student_id)$
-- Whether a link works now.
SELECT EXISTS (SELECT FROM holdfast.practice_shares
               WHERE share_id = :share_id AND student_id = :student_id AND revoked_at IS NULL
                 AND expires_at > statement_timestamp());

-- name: revoke_share(share_id, student_id)!
-- Let a link of a student work no more.
UPDATE holdfast.practice_shares SET revoked_at = clock_timestamp()
WHERE share_id = :share_id AND student_id = :student_id AND revoked_at IS NULL;

-- name: research_rows(enrolments)
-- Finished sessions of some enrolments for research, without the names of topics and words (they may tell
-- who somebody is) and without metadata.
SELECT r.student_id, r.session_result_id AS result_id, r.session_id, r.created_at, r.session_type,
       r.duration_seconds AS duration_s, r.words_spoken,
       r.pronunciation_score, r.fluency_score, r.grammar_score, cardinality(r.topics) AS topics,
       cardinality(r.vocabulary_learned) AS words, cardinality(r.areas_to_improve) AS areas,
       (SELECT avg(v.rating) FROM holdfast.vocabulary_reviews v
        WHERE v.session_result_id = r.session_result_id AND v.rated)::double precision AS mean_rating
FROM holdfast.session_results r
JOIN holdfast.sessions s ON s.session_id = r.session_id AND s.status <> 'VOID'
WHERE s.enrolment_id = ANY(:enrolments::uuid[])
ORDER BY r.student_id, r.created_at, r.session_result_id;
