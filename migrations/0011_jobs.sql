-- Work over many rows: by branch and date, in chunks. A chunk is one transaction that notes how far it came, so
-- that whoever is killed goes on and ends the same. Only the flip of a date holds the branch's date lock.
set local lock_timeout = '5s';

create table job (
    id         bigint generated always as identity primary key,
    branch     smallint not null references branch,
    since      date not null,
    until      date not null check (until > since),
    begun_at   timestamptz not null default clock_timestamp(),
    ended_at   timestamptz,
    taken_over bigint references job
);
comment on table job is 'what the days after `since` up to `until` bring a branch';
comment on column job.taken_over is 'the job that took the rest over: the date moved on before this one had ended';
create unique index job_open on job (branch) where ended_at is null;

create table job_step (
    job       bigint not null references job,
    nth       smallint not null check (nth > 0),
    step      text not null,
    reached   text not null default '',
    chunks    integer not null default 0,
    rows      bigint not null default 0,
    set_aside bigint not null default 0,
    ended_at  timestamptz,
    primary key (job, nth)
);
comment on column job_step.reached is 'the last row that is done or set aside; rows go by their order';

create table job_fault (
    job    bigint not null references job,
    step   text not null,
    item   text not null,
    reason text not null,
    at     timestamptz not null default clock_timestamp(),
    primary key (job, step, item)
);
comment on table job_fault is 'rows set aside: the others went on; the next job tries them again';

alter table job enable row level security;
create policy own_branches on job for select to tawi_app using (branch = any (app_branches()));
grant select on job, job_step, job_fault to tawi_app;

-- The journals of a transaction, line by line: what the seal of a chunk's audit line covers.
create function journals_digest(of_transaction bigint) returns text language sql stable return (
    select encode(sha256(convert_to(coalesce(string_agg(
               concat_ws('|', j.id, j.branch, j.business_date, j.operation, j.reference, p.line, p.gl_code,
                         coalesce(p.account, ''), p.currency, p.debit, p.credit),
               E'\n' order by j.id, p.line), ''), 'UTF8')), 'hex')
    from posting p
    join journal j on j.id = p.journal
    where p.transaction = of_transaction
);

-- While a job of its branch is open, a loan's interest due may not have been booked yet. Whoever writes the
-- loan books it first; a node of the version before, which does not know that, is turned away until the job
-- has ended.
create function loan_is_brought_up() returns trigger language plpgsql as $$
begin
    if exists (select from job where branch = new.branch and ended_at is null)
       and exists (
           -- The row as it is at the commit: it may have been written more than once.
           select from loan n,
                lateral (
                    select coalesce(sum(debit - credit) filter (where gl_code = '1110'), 0) as principal,
                           coalesce(sum(debit - credit) filter (where gl_code = '1210'), 0) as interest
                    from posting where account = n.number
                ) posted
           where n.number = new.number
             and (n.outstanding, n.interest_due) is distinct from (posted.principal, posted.interest)
       ) then
        raise exception 'loan % was written before its interest was booked', new.number using errcode = 'TW003';
    end if;
    return null;
end $$;
create constraint trigger loan_is_brought_up after update of outstanding, interest_due on loan
    deferrable initially deferred for each row execute function loan_is_brought_up();
