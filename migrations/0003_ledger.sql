-- The ledger: append-only double entry. General-ledger balances are not rows that postings update (a
-- hot row makes a queue of a crowd) but a roll-up plus the postings since.
set local lock_timeout = '5s';

create table gl_account (
    branch  smallint not null references branch,
    code    text not null check (code ~ '^[0-9]{4}$'),
    title   text not null,
    kind    text not null check (kind in ('asset', 'liability', 'equity', 'income', 'expense')),
    control boolean not null,
    primary key (branch, code)
);
comment on column gl_account.control is 'its balance is the sum of the customer accounts behind it';

create table account (
    number       text primary key check (number ~ '^[0-9]{14}$'),
    branch       smallint not null references branch,
    control_code text not null,
    currency     text not null check (length(currency) = 3),
    balance      numeric(18, 2) not null default 0,
    version      bigint not null default 0,
    foreign key (branch, control_code) references gl_account (branch, code)
);
comment on column account.balance is 'credits less debits; locked and updated by every posting to the account';

create table journal (
    id            bigint generated always as identity primary key,
    branch        smallint not null references branch,
    business_date date not null,
    operation     text not null,
    reference     text not null,
    narrative     text not null,
    staff_id      text,
    reverses      bigint references journal,
    transaction   bigint not null default current_transaction(),
    posted_at     timestamptz not null default clock_timestamp()
);
create index journal_day on journal (branch, business_date);

create table posting (
    journal     bigint not null references journal,
    line        smallint not null check (line > 0),
    branch      smallint not null,
    gl_code     text not null,
    account     text references account,
    currency    text not null check (length(currency) = 3),
    debit       numeric(18, 2) not null default 0 check (debit >= 0),
    credit      numeric(18, 2) not null default 0 check (credit >= 0),
    transaction bigint not null default current_transaction(),
    primary key (journal, line),
    check ((debit = 0) <> (credit = 0)),
    foreign key (branch, gl_code) references gl_account (branch, code)
);
create index posting_account on posting (account, journal desc) where account is not null;
create index posting_transaction on posting using brin (transaction) with (pages_per_range = 16);

-- One statement brings all lines of a journal; this checks them together, over the transition table
-- (a row trigger costs four times as much).
-- Its plan may be made while the tables are still empty: sequential scans would stay in it.
create function posting_balances() returns trigger language plpgsql set enable_seqscan = off as $$
declare
    wrong record;
begin
    select l.journal, l.currency, sum(l.debit - l.credit) as difference, count(*) as lines
    into wrong
    from lines l
    group by l.journal, l.currency
    having sum(l.debit - l.credit) <> 0
    limit 1;
    if found then
        raise exception 'journal % does not balance: % % too much on one side',
            wrong.journal, wrong.difference, wrong.currency using errcode = 'TW003';
    end if;
    if exists (
        select from lines l join journal j on j.id = l.journal
        group by j.id, j.transaction, j.branch
        having count(*) < 2 or j.transaction <> current_transaction() or bool_or(l.branch <> j.branch)
            or count(*) <> (select count(*) from posting p where p.journal = j.id)
    ) then
        raise exception 'a journal has two lines or more, of one branch, and gets them once'
            using errcode = 'TW003';
    end if;
    return null;
end $$;
create trigger posting_balances after insert on posting
    referencing new table as lines for each statement execute function posting_balances();

create trigger journal_append_only before update or delete on journal
    for each row execute function never_changed();
create trigger posting_append_only before update or delete on posting
    for each row execute function never_changed();
create trigger journal_no_truncate before truncate on journal
    for each statement execute function never_changed();
create trigger posting_no_truncate before truncate on posting
    for each statement execute function never_changed();

create table gl_rollup (
    branch            smallint not null,
    gl_code           text not null,
    currency          text not null,
    debit             numeric(20, 2) not null,
    credit            numeric(20, 2) not null,
    primary key (branch, gl_code, currency),
    foreign key (branch, gl_code) references gl_account (branch, code)
);
create table gl_rollup_mark (
    only_row          boolean primary key default true check (only_row),
    until_transaction bigint not null default 0
);
comment on table gl_rollup_mark is 'postings of transactions before the mark are in gl_rollup, the others are the tail';
insert into gl_rollup_mark default values;

create view gl_balance with (security_invoker = true) as
select a.branch, a.code, a.title, a.kind, t.currency, sum(t.debit) as debit, sum(t.credit) as credit
from gl_account a
join (
    select branch, gl_code, currency, debit, credit from gl_rollup
    union all
    select p.branch, p.gl_code, p.currency, p.debit, p.credit
    from posting p
    where p.transaction >= (select until_transaction from gl_rollup_mark)
) t on t.branch = a.branch and t.gl_code = a.code
group by a.branch, a.code, a.title, a.kind, t.currency;

alter table account enable row level security;
alter table journal enable row level security;
alter table posting enable row level security;
alter table gl_rollup enable row level security;
create policy own_branches on account to tawi_app
    using (branch = any (app_branches())) with check (branch = any (app_branches()));
create policy own_branches on journal to tawi_app
    using (branch = any (app_branches())) with check (branch = any (app_branches()));
create policy own_branches on posting to tawi_app
    using (branch = any (app_branches())) with check (branch = any (app_branches()));
create policy own_branches on gl_rollup for select to tawi_app using (branch = any (app_branches()));
create policy jobs on posting for select to tawi_job using (true);
create policy jobs on gl_rollup to tawi_job using (true) with check (true);

grant select on gl_account, gl_rollup, gl_rollup_mark, gl_balance to tawi_app;
grant select, insert on account, journal, posting to tawi_app;
grant update (balance, version) on account to tawi_app;
grant select on posting to tawi_job;
grant select, insert, update on gl_rollup, gl_rollup_mark to tawi_job;
