-- Of which cluster the books' transaction numbers are. The roll-up's mark and the audit's chain rest on
-- them, and they are the cluster's: a dump that is restored into another one goes on with other numbers,
-- smaller ones as a rule, and what is written then comes before the marks.
set local lock_timeout = '5s';

create table cluster (
    number     smallint primary key check (number > 0),
    identifier bigint,
    ahead      bigint not null check (ahead >= 0),
    since      timestamptz not null default clock_timestamp()
);
comment on table cluster is
    'the clusters these books have lived in, the newest last; each but the first is recorded in the audit';
comment on column cluster.identifier is
    'pg_control_system().system_identifier; null where nobody can tell: the numbers came from elsewhere';
comment on column cluster.ahead is
    'added to the cluster''s transaction numbers, so that they go on behind those of the clusters before';
create trigger cluster_insert_only before update or delete on cluster
    for each row execute function never_changed();
create trigger cluster_no_truncate before truncate on cluster
    for each statement execute function never_changed();

-- Numbers transactions anew, so many ahead of the cluster's own numbers. They stand in the functions, not
-- in a table, because each row of journal, posting and audit takes its number from there.
create function number_transactions_ahead(ahead bigint) returns void language plpgsql as $$
begin
    execute format(
        'create or replace function current_transaction() returns bigint
             language sql volatile parallel safe return pg_current_xact_id()::text::bigint + %s::bigint', ahead);
    execute format(
        'create or replace function oldest_transaction() returns bigint
             language sql stable parallel safe
             return pg_snapshot_xmin(pg_current_snapshot())::text::bigint + %s::bigint', ahead);
end $$;

-- A mark is where the oldest open transaction stood once. One that stands further on now is of another
-- cluster, or of this one before it was set back in time.
create function marks_are_ahead() returns boolean language sql stable return
    greatest((select until_transaction from gl_rollup_mark),
             (select until_transaction from audit_chain order by number desc limit 1)) > oldest_transaction();

-- Where the books are, for whoever serves: neither the chain nor, in some houses, the identifier may be
-- read by the portal's own role.
create function where_books_are(out kept_in bigint, out here bigint, out ahead boolean)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
    select c.identifier, s.system_identifier, marks_are_ahead()
    from cluster c, pg_control_system() s
    order by c.number desc
    limit 1
$$;

-- Books that are here already are taken to be at home where their numbers can be this cluster's: then what
-- is written next comes behind the marks, wherever they were made.
insert into cluster (number, identifier, ahead)
select 1, case when not marks_are_ahead() then system_identifier end, 0 from pg_control_system();
