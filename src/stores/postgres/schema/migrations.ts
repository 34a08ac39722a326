/**
 * The migrations of the tables, in order: the first creates version 1. A released migration is never edited. Migrations
 * only add, so that nodes of the previous version keep working during a rolling update. `{schema}` is replaced by the
 * quoted schema.
 *
 * In `_resources`, NULL in `raw_configuration` or `target_configuration` means the same text as `configuration`, and in
 * `target_raw_configuration` the same as `raw_configuration`: most rows would hold it four times. JSON is kept as text,
 * byte for byte; the views give it as jsonb. Names sort by their bytes, whatever the language of the database.
 */
export const MIGRATIONS: readonly string[] = [
  `
  create table {schema}._resources (
    row bigint primary key,
    type text collate "C" not null,
    id text collate "C" not null,
    owner text collate "C",
    created_at bigint not null,
    deleted_at bigint,
    operation text collate "C" not null,
    kind text collate "C" not null,
    due_at bigint,
    next_deadline_at bigint,
    worker text collate "C",
    claim bigint,
    status text collate "C" not null,
    state text collate "C" not null,
    progress double precision,
    attempt integer not null,
    creation text collate "C" not null,
    edit bigint not null,
    version bigint not null,
    updated_at bigint not null,
    settled_status text,
    root text collate "C" not null,
    sequence bigint not null,
    failures integer not null,
    lost_workers integer not null,
    undo_failures integer not null,
    estimated_end_at bigint,
    accepted_at bigint not null,
    started_at bigint,
    attempt_at bigint,
    settled_at bigint,
    timeout_at bigint,
    deadline_at bigint not null,
    undo_deadline_at bigint,
    isolated boolean not null,
    awaited_messages text not null,
    received_count integer not null,
    undoable integer not null,
    steps integer not null,
    last_step text,
    last_step_at bigint,
    bytes bigint not null,
    failed_bytes bigint not null,
    settling text,
    requested_delete text,
    traceparent text,
    error text,
    configuration text not null,
    raw_configuration text,
    target_configuration text,
    target_raw_configuration text,
    input text,
    details text not null,
    reported_details text
  ) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
  create sequence {schema}._rows owned by {schema}._resources.row;
  create unique index _resources_by_id on {schema}._resources (type, id);
  create unique index _resources_by_operation on {schema}._resources (operation);
  create index _resources_due on {schema}._resources (type, kind, due_at, row) where due_at is not null;
  create index _resources_overdue on {schema}._resources (next_deadline_at) where next_deadline_at is not null;
  create index _resources_in_progress on {schema}._resources (type, state, status) where next_deadline_at is not null;
  create index _resources_claimed on {schema}._resources (worker, claim) where worker is not null;
  create index _resources_listed on {schema}._resources (type, created_at, id) where deleted_at is null;
  create index _resources_owned on {schema}._resources (type, owner, created_at, id)
    where owner is not null and deleted_at is null;
  create index _resources_deleted on {schema}._resources (deleted_at) where deleted_at is not null;

  create table {schema}._history (
    sequence bigint generated always as identity,
    resource bigint not null,
    at bigint not null,
    event text not null,
    operation text collate "C" not null,
    kind text collate "C" not null,
    attempt integer not null,
    status text collate "C",
    step text collate "C",
    error text,
    primary key (resource, sequence)
  );
  create index _history_by_age on {schema}._history using brin (at) with (autosummarize = on);

  create table {schema}._records (
    root text collate "C" not null,
    step text collate "C" not null,
    state text collate "C" not null,
    result text,
    error text,
    undo boolean not null,
    position integer not null,
    generation integer not null,
    at bigint not null,
    primary key (root, step)
  );

  create table {schema}._received (
    resource bigint not null,
    root text collate "C" not null,
    id text collate "C" not null,
    name text not null,
    value text not null,
    position integer not null,
    at bigint not null,
    primary key (resource, id)
  );

  create table {schema}._replies (
    principal text collate "C" not null,
    key text collate "C" not null,
    fingerprint text not null,
    status integer not null,
    location text not null,
    body text not null,
    at bigint not null,
    primary key (principal, key)
  );
  create index _replies_by_age on {schema}._replies using brin (at) with (autosummarize = on);

  create table {schema}._durations (
    sequence bigint generated always as identity,
    type text collate "C" not null,
    kind text collate "C" not null,
    milestone text collate "C" not null,
    reached_ms bigint not null,
    settled_ms bigint not null,
    primary key (type, kind, milestone, sequence)
  );

  create table {schema}._workers (
    worker text collate "C" primary key,
    claim bigint not null,
    heartbeat bigint not null,
    seen_at timestamptz not null
  ) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

  -- Converts a text to jsonb. A text that jsonb rejects (a NUL, half of a surrogate pair) becomes a JSON string.
  create function {schema}._json(value text) returns jsonb language plpgsql immutable strict parallel safe as $$
  begin
    return value::jsonb;
  exception when others then
    return to_jsonb(value);
  end $$;
  `,
  `
  -- Named values about the schema itself. copy: the id of the afoot copy that filled it.
  create table {schema}._meta (name text collate "C" primary key, value text not null);
  `,
  `
  create table {schema}._types (type text collate "C" primary key, redact text not null);
  `,
  `
  create index _resources_labelled on {schema}._resources (type, status, created_at, id) where deleted_at is null;
  create index _resources_owned_labelled on {schema}._resources (type, owner, status, created_at, id)
    where owner is not null and deleted_at is null;

  create table {schema}._settled (
    period_ms bigint not null,
    at bigint not null,
    type text collate "C" not null,
    kind text collate "C" not null,
    outcome text collate "C" not null,
    bucket integer not null,
    count bigint not null,
    primary key (period_ms, at, type, kind, outcome, bucket)
  );
  `,
  `
  create index _resources_in_progress_owned on {schema}._resources (owner) where owner is not null and next_deadline_at is not null;
  `,
  `
  alter table {schema}._resources add column principals text;
  `,
  `
  alter table {schema}._resources add column metadata text;

  create table {schema}._list_entries (
    resource bigint not null,
    name text collate "C" not null,
    value text collate "C" not null,
    type text collate "C" not null,
    owner text collate "C",
    at bigint not null,
    id text collate "C" not null,
    primary key (resource, name)
  );
  create index _list_entries_listed on {schema}._list_entries (type, name, value, at, id);
  create index _list_entries_owned on {schema}._list_entries (type, owner, name, value, at, id) where owner is not null;
  `,
  `
  -- turn: the key under which an operation takes turns. Such an operation is due at turn_due_at, and its due_at is NULL.
  alter table {schema}._resources add column turn_due_at bigint, add column turn text collate "C";
  create index _resources_turns on {schema}._resources (type, turn, accepted_at, operation, turn_due_at, kind)
    where turn_due_at is not null;
  create index _resources_turns_claimed on {schema}._resources (type, turn) where worker is not null and turn is not null;

  create table {schema}._turns (
    type text collate "C" not null,
    turn text collate "C" not null,
    ready_at bigint,
    primary key (type, turn)
  ) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
  create index _turns_ready on {schema}._turns (type, ready_at, turn) where ready_at is not null;
  `,
  `
  alter table {schema}._resources add column parent text collate "C", add column parent_call text;
  create index _resources_children on {schema}._resources (parent, type, created_at, id)
    where parent is not null and deleted_at is null;
  `,
  `
  alter table {schema}._resources add column webhook text;
  `,
  `
  create or replace function {schema}._json(value text) returns jsonb language plpgsql immutable strict parallel safe as $$
  begin
    return value::jsonb;
  exception when others then
    return pg_catalog.to_jsonb(value);
  end $$;
  `,
];
