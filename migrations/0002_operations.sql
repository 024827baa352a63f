-- What every operation leaves behind: its key, its audit line, its notices; and requests for approval.
set local lock_timeout = '5s';

create table idempotency_key (
    key         text primary key check (length(key) between 1 and 100),
    fingerprint bytea not null check (length(fingerprint) = 32),
    staff_id    text,
    operation   text not null,
    receipt     jsonb not null,
    created_at  timestamptz not null default clock_timestamp()
);
comment on table idempotency_key is 'commits with the work; the fingerprint hashes staff, operation and payload';

create sequence request_serial;
create sequence receipt_serial;

create table approval_request (
    id              uuid primary key,
    reference       text not null unique,
    operation       text not null,
    branch          smallint not null references branch,
    business_date   date not null,
    maker_id        text not null references staff,
    maker_role      text not null,
    payload         jsonb not null,
    payload_hash    bytea not null check (length(payload_hash) = 32),
    review          jsonb not null,
    subject         text not null,
    amount          numeric(18, 2),
    currency        text,
    made_at         timestamptz not null default clock_timestamp(),
    state           text not null default 'waiting'
        check (state in ('waiting', 'approved', 'refused', 'rejected', 'sent_back', 'withdrawn')),
    checker_id      text references staff,
    checker_role    text,
    decided_at      timestamptz,
    decided_on      date,
    note            text,
    effect          text,
    constraint approval_request_maker_is_not_checker
        check (maker_id <> checker_id or state = 'withdrawn'),
    constraint approval_request_decided_whole
        check ((state = 'waiting') = (checker_id is null) and (state = 'waiting') = (decided_at is null)),
    constraint approval_request_effect
        check ((state = 'approved') = (effect is not null))
);
create unique index approval_request_one_waiting on approval_request (branch, operation, subject)
    where state = 'waiting';
create index approval_request_waiting on approval_request (branch, made_at) where state = 'waiting';
comment on column approval_request.decided_on is 'the business date of the decision; its deed is dated so';
create index approval_request_maker on approval_request (maker_id, made_at desc);

alter table approval_request enable row level security;
create policy own_branches on approval_request to tawi_app
    using (branch = any (app_branches())) with check (branch = any (app_branches()));
create policy jobs on approval_request for select to tawi_job using (true);

create function approval_request_immutable() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        raise exception 'a request is never deleted' using errcode = 'TW001';
    end if;
    if old.state <> 'waiting' then
        raise exception 'a decided request is never changed' using errcode = 'TW001';
    end if;
    if (old.id, old.reference, old.operation, old.branch, old.business_date, old.maker_id, old.maker_role,
        old.payload, old.payload_hash, old.review, old.subject, old.made_at)
       is distinct from
       (new.id, new.reference, new.operation, new.branch, new.business_date, new.maker_id, new.maker_role,
        new.payload, new.payload_hash, new.review, new.subject, new.made_at)
       or (old.amount, old.currency) is distinct from (new.amount, new.currency) then
        raise exception 'what was asked is never changed' using errcode = 'TW001';
    end if;
    return new;
end $$;
create trigger approval_request_immutable before update or delete on approval_request
    for each row execute function approval_request_immutable();

-- The number of the running transaction, and the oldest that may still be running: everything before
-- it is history. Numbers of rows are handed out before the commit and out of order; these are not.
create function current_transaction() returns bigint
    language sql volatile parallel safe return pg_current_xact_id()::text::bigint;
create function oldest_transaction() returns bigint
    language sql stable parallel safe return pg_snapshot_xmin(pg_current_snapshot())::text::bigint;

create table audit_event (
    id            bigint generated always as identity primary key,
    at            timestamptz not null,
    transaction   bigint not null default current_transaction(),
    branch        smallint,
    business_date date,
    staff_id      text,
    role          text,
    operation     text not null,
    outcome       text not null check (outcome in ('done', 'waiting', 'refused', 'read')),
    subject       text not null,
    what          text not null,
    reference     text,
    detail        jsonb not null,
    seal          bytea not null check (length(seal) = 32)
);
comment on column audit_event.seal is 'HMAC-SHA-256 of the row under a key the database does not hold';
create index audit_event_subject on audit_event (subject, id desc);
create index audit_event_transaction on audit_event using brin (transaction) with (pages_per_range = 16);

create table audit_chain (
    number            bigint primary key,
    from_transaction  bigint not null,
    until_transaction bigint not null,
    events            integer not null,
    seal              bytea not null check (length(seal) = 32),
    sealed_at         timestamptz not null default clock_timestamp(),
    check (until_transaction > from_transaction)
);
comment on table audit_chain is
    'each link seals the events of a closed range of transactions and the link before: a missing row breaks it';

alter table audit_event enable row level security;
create policy write on audit_event for insert to tawi_app with check (true);
create policy read_own_branches on audit_event for select to tawi_app using (branch = any (app_branches()));
create policy jobs on audit_event for all to tawi_job using (true) with check (true);

create function never_changed() returns trigger language plpgsql as $$
begin
    raise exception '% is written once: correct it with a new row', tg_table_name using errcode = 'TW002';
end $$;
create trigger audit_event_insert_only before update or delete on audit_event
    for each row execute function never_changed();
create trigger audit_event_no_truncate before truncate on audit_event
    for each statement execute function never_changed();
create trigger audit_chain_insert_only before update or delete on audit_chain
    for each row execute function never_changed();
create trigger idempotency_key_insert_only before update or delete on idempotency_key
    for each row execute function never_changed();

create table outbox (
    id         bigint generated always as identity primary key,
    position   bigint unique,
    branch     smallint,
    staff_id   text,
    roles      text[] not null,
    body       jsonb not null,
    created_at timestamptz not null default clock_timestamp()
);
comment on column outbox.position is
    'given by the one leader after the commit: ids are handed out before it and out of order';
create index outbox_unpositioned on outbox (id) where position is null;

create table outbox_counter (
    only_row boolean primary key default true check (only_row),
    last     bigint not null default 0
);
insert into outbox_counter default values;

grant select, insert on idempotency_key to tawi_app;
grant usage on sequence request_serial, receipt_serial to tawi_app;
grant select, insert on approval_request to tawi_app;
grant update (state, checker_id, checker_role, decided_at, decided_on, note, effect) on approval_request to tawi_app;
grant select on approval_request to tawi_job;
grant select, insert on audit_event to tawi_app;
grant select, insert on audit_event, audit_chain to tawi_job;
grant select, insert on outbox to tawi_app;
grant select on outbox_counter to tawi_app;
grant select, insert on outbox to tawi_job;
grant update (position) on outbox to tawi_job;
grant select, update on outbox_counter to tawi_job;
