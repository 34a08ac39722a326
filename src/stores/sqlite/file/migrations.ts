/**
 * The migrations of the tables, in order: the first creates version 1. A released migration is never edited.
 *
 * In `resources`, NULL in `raw_configuration` or `target_configuration` means the same text as `configuration`, and in
 * `target_raw_configuration` the same as `raw_configuration`: most rows would hold it four times. The long texts stand
 * last, so that what is looked at often fits on one page.
 */
export const MIGRATIONS: readonly string[] = [
  `
  create table meta (name text primary key, value text not null) strict, without rowid;

  create table resources (
    row integer primary key,
    type text not null,
    id text not null,
    owner text,
    created_at integer not null,
    deleted_at integer,
    operation text not null,
    kind text not null,
    due_at integer,
    next_deadline_at integer,
    worker text,
    claim integer,
    status text not null,
    state text not null,
    progress real,
    attempt integer not null,
    creation text not null,
    edit integer not null,
    version integer not null,
    updated_at integer not null,
    settled_status text,
    root text not null,
    sequence integer not null,
    failures integer not null,
    lost_workers integer not null,
    undo_failures integer not null,
    estimated_end_at integer,
    accepted_at integer not null,
    started_at integer,
    attempt_at integer,
    settled_at integer,
    timeout_at integer,
    deadline_at integer not null,
    undo_deadline_at integer,
    isolated integer not null,
    awaited_messages text not null,
    received_count integer not null,
    undoable integer not null,
    steps integer not null,
    last_step text,
    last_step_at integer,
    bytes integer not null,
    failed_bytes integer not null,
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
  ) strict;
  create unique index resources_by_id on resources (type, id);
  create unique index resources_by_operation on resources (operation);
  create index resources_due on resources (type, kind, due_at) where due_at is not null;
  create index resources_overdue on resources (next_deadline_at) where next_deadline_at is not null;
  create index resources_claimed on resources (worker, claim) where worker is not null;
  create index resources_listed on resources (type, created_at, id) where deleted_at is null;
  create index resources_owned on resources (type, owner, created_at, id) where owner is not null and deleted_at is null;
  create index resources_deleted on resources (deleted_at) where deleted_at is not null;

  create table history (
    sequence integer primary key,
    resource integer not null,
    at integer not null,
    event text not null,
    operation text not null,
    kind text not null,
    attempt integer not null,
    status text,
    step text,
    error text
  ) strict;
  create index history_by_resource on history (resource);

  create table records (
    root text not null,
    step text not null,
    position integer not null,
    state text not null,
    undo integer not null,
    generation integer not null,
    at integer not null,
    error text,
    result text,
    primary key (root, step)
  ) strict, without rowid;

  create table received (
    resource integer not null,
    id text not null,
    root text not null,
    position integer not null,
    name text not null,
    at integer not null,
    value text not null,
    primary key (resource, id)
  ) strict, without rowid;

  create table replies (
    row integer primary key,
    principal text not null,
    key text not null,
    fingerprint text not null,
    at integer not null,
    status integer not null,
    location text not null,
    body text not null
  ) strict;
  create unique index replies_by_key on replies (principal, key);

  create table durations (
    type text not null,
    kind text not null,
    milestone text not null,
    samples text not null,
    primary key (type, kind, milestone)
  ) strict, without rowid;
  `,
  `
  create table types (type text primary key, redact text not null) strict, without rowid;
  `,
  `
  create index resources_labelled on resources (type, status, created_at, id) where deleted_at is null;
  create index resources_owned_labelled on resources (type, owner, status, created_at, id)
    where owner is not null and deleted_at is null;

  create table settled (
    period_ms integer not null,
    at integer not null,
    type text not null,
    kind text not null,
    outcome text not null,
    bucket integer not null,
    count integer not null,
    primary key (period_ms, at, type, kind, outcome, bucket)
  ) strict, without rowid;
  `,
  `
  alter table resources add column principals text;
  `,
  `
  alter table resources add column metadata text;

  create table list_entries (
    resource integer not null,
    name text not null,
    value text not null,
    type text not null,
    owner text,
    at integer not null,
    id text not null,
    primary key (resource, name)
  ) strict, without rowid;
  create index list_entries_listed on list_entries (type, name, value, at, id);
  create index list_entries_owned on list_entries (type, owner, name, value, at, id) where owner is not null;
  `,
  `
  -- turn: the key under which an operation takes turns. Such an operation is due at turn_due_at, and its due_at is NULL.
  alter table resources add column turn_due_at integer;
  alter table resources add column turn text;
  create index resources_turns on resources (type, turn, accepted_at, operation, turn_due_at, kind)
    where turn_due_at is not null;
  create index resources_turns_claimed on resources (type, turn) where worker is not null and turn is not null;

  create table turns (
    type text not null,
    turn text not null,
    ready_at integer,
    primary key (type, turn)
  ) strict, without rowid;
  create index turns_ready on turns (type, ready_at) where ready_at is not null;
  `,
  `
  alter table resources add column parent text;
  alter table resources add column parent_call text;
  create index resources_children on resources (parent, type, created_at, id)
    where parent is not null and deleted_at is null;
  `,
  `
  alter table resources add column webhook text;
  `,
  `
  -- One index of rows in progress in place of two. Lists of all labels are merged from those of each label.
  create index resources_active on resources (worker, next_deadline_at) where next_deadline_at is not null;
  drop index resources_claimed;
  drop index resources_overdue;
  drop index resources_listed;
  drop index resources_owned;
  `,
];
