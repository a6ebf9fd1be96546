-- A turn writes the run's state whole. As text that is not compressed it costs the server no parsing and
-- no compressing; `state::jsonb` reads into it.
ALTER TABLE holdfast.simulation_runs ALTER COLUMN state TYPE text USING state::text;

ALTER TABLE holdfast.simulation_runs ALTER COLUMN state SET STORAGE EXTERNAL;

COMMENT ON COLUMN holdfast.simulation_runs.state IS
    'the engine''s state, as JSON; replaying the actions gives the same';

ALTER TABLE holdfast.simulation_runs ADD COLUMN state_id uuid NOT NULL DEFAULT gen_random_uuid();

COMMENT ON COLUMN holdfast.simulation_runs.state_id IS
    'names this very state: who holds the state of this id need not read it';

-- Never filled: a structured action is repeated safely through idempotency_keys.
ALTER TABLE holdfast.simulation_actions DROP COLUMN client_key;
