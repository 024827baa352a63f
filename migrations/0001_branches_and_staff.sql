-- Branches, people, their roles and their sessions. Three database roles share the work: the owner
-- migrates and verifies, tawi_app is the portal, tawi_job runs the leader and the jobs.
set local lock_timeout = '5s';

create extension if not exists pg_trgm;

do $$
begin
    -- Roles belong to the cluster, not the database: test databases share them, and two migrations
    -- may run at once.
    perform pg_advisory_xact_lock(7261);
    if not exists (select from pg_roles where rolname = 'tawi_app') then
        create role tawi_app login nosuperuser nobypassrls nocreatedb nocreaterole;
    end if;
    if not exists (select from pg_roles where rolname = 'tawi_job') then
        create role tawi_job login nosuperuser nobypassrls nocreatedb nocreaterole;
    end if;
end $$;

grant usage on schema public to tawi_app, tawi_job;

create table branch (
    number        smallint primary key check (number between 1 and 999),
    code          text not null unique check (code ~ '^[A-Z0-9-]{2,12}$'),
    name          text not null check (length(name) between 1 and 80),
    business_date date not null
);
comment on column branch.business_date is 'moved only by the operation business_date';

create table business_day (
    branch        smallint not null references branch,
    business_date date not null,
    opened_at     timestamptz not null default clock_timestamp(),
    closed_at     timestamptz,
    primary key (branch, business_date)
);

create table staff (
    id              text primary key check (id ~ '^[A-Z]{2}-[0-9]{3,4}$'),
    name            text not null check (length(name) between 1 and 120),
    password_hash   text not null,
    disabled_at     timestamptz,
    failed_attempts integer not null default 0,
    locked_until    timestamptz,
    created_at      timestamptz not null default clock_timestamp()
);

create table staff_role (
    staff_id       text not null references staff,
    branch         smallint not null references branch,
    role           text not null,
    valid_from     date not null,
    valid_to       date check (valid_to >= valid_from),
    limit_amount   numeric(18, 2) check (limit_amount >= 0),
    limit_currency text check (length(limit_currency) = 3),
    primary key (staff_id, branch, role),
    check ((limit_amount is null) = (limit_currency is null))
);
comment on column staff_role.limit_amount is 'the most this person may approve alone; null: no money';

create table session (
    digest     bytea primary key,
    staff_id   text references staff,
    data       jsonb not null,
    user_agent text not null default '',
    created_at timestamptz not null default clock_timestamp(),
    seen_at    timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null,
    ends_at    timestamptz not null
);
comment on table session is 'keyed by the SHA-256 of the cookie: a stolen table opens no session';
create index session_staff on session (staff_id);
create index session_expires on session (expires_at);

create table parameter (
    code       text not null,
    valid_from date not null,
    value      jsonb not null,
    source     text not null,
    primary key (code, valid_from)
);
comment on table parameter is 'what a bank may change, each change a new dated row';

insert into parameter (code, valid_from, value, source) values
    ('kyc_review_years', '2000-01-01', '{"low": 3, "medium": 2, "high": 1}', 'convention');

-- The branches the present transaction may see. After a transaction the setting is an empty string
-- and not null, hence nullif.
create function app_branches() returns smallint[]
    language sql stable parallel safe
    return string_to_array(nullif(current_setting('app.branches', true), ''), ',')::smallint[];

grant select on branch, staff, staff_role, parameter to tawi_app, tawi_job;
grant select on business_day to tawi_app;
grant update (failed_attempts, locked_until) on staff to tawi_app;
grant select, insert, update, delete on session to tawi_app;
grant select, delete on session to tawi_job;
