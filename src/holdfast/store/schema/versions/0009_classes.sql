ALTER TABLE holdfast.enrolments ADD COLUMN cluster TEXT;

COMMENT ON COLUMN holdfast.enrolments.cluster IS 'class or site within which students are alike';
