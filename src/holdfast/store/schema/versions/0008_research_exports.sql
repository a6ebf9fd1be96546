CREATE TABLE holdfast.research_exports (
    export_id UUID NOT NULL,
    requested_by TEXT NOT NULL,
    cohort TEXT NOT NULL,
    identified BOOLEAN NOT NULL,
    options JSONB DEFAULT '{}' NOT NULL,
    status TEXT NOT NULL,
    done INTEGER DEFAULT 0 NOT NULL,
    total INTEGER DEFAULT 0 NOT NULL,
    step TEXT DEFAULT '' NOT NULL,
    problem TEXT,
    reconciliation JSONB,
    bytes BIGINT,
    attempts INTEGER DEFAULT 0 NOT NULL,
    worker UUID,
    lease_until TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT research_exports_pkey PRIMARY KEY (export_id),
    CONSTRAINT research_exports_status_check CHECK (status IN ('waiting', 'running', 'done', 'failed', 'cancelled'))
);

COMMENT ON COLUMN holdfast.research_exports.requested_by IS 'role and id of who asked';

COMMENT ON COLUMN holdfast.research_exports.cohort IS 'its name when it was asked for';

COMMENT ON COLUMN holdfast.research_exports.identified IS 'with names and e-mail addresses';

COMMENT ON COLUMN holdfast.research_exports.step IS 'what is done at this moment';

COMMENT ON COLUMN holdfast.research_exports.problem IS 'why it failed, for people';

COMMENT ON COLUMN holdfast.research_exports.reconciliation IS 'found, loaded, quarantined, duplicates, excluded';

COMMENT ON COLUMN holdfast.research_exports.bytes IS 'of the files of the bundle';

COMMENT ON COLUMN holdfast.research_exports.worker IS 'whose lease it is';

COMMENT ON COLUMN holdfast.research_exports.lease_until IS 'past it, another process takes the export up again';

CREATE INDEX research_exports_created_at_idx ON holdfast.research_exports (created_at DESC, export_id DESC);

CREATE INDEX research_exports_open_idx ON holdfast.research_exports (created_at) WHERE status = 'waiting' OR status = 'running';
