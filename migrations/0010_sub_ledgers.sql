-- Sub-ledgers stand in a registry, with whatever stands behind a general-ledger account: accounts, loans,
-- other branches, and what later features bring. Triggers and `tawi verify` read the registry, so that a new
-- sub-ledger is rows. Inter-branch accounts are the first that is neither accounts nor loans; with them come
-- pairs of journals, and head office, a branch without a counter.
set local lock_timeout = '5s';

create table sub_ledger (
    code   text primary key check (code ~ '^[a-z_]{2,20}$'),
    title  text not null,
    sums   text,
    paired boolean not null default false
);
comment on column sub_ledger.title is 'what stands behind: the items, in the words of the books';
comment on column sub_ledger.sums is
    'the view (branch, item, gl_code, currency, balance) of what the items say of themselves, credits less
     debits; null: what was posted through them is all there is';
comment on column sub_ledger.paired is
    'its journals come in pairs, one of each of two branches; the item is the other branch';
create trigger sub_ledger_written_once before update or delete on sub_ledger
    for each row execute function never_changed();

create table sub_ledger_item (
    sub_ledger text not null references sub_ledger,
    branch     smallint not null,
    item       text not null check (length(item) between 1 and 40),
    gl_code    text,
    currency   text check (length(currency) = 3),
    primary key (sub_ledger, branch, item)
);
comment on column sub_ledger_item.gl_code is 'the one account it stands behind; null: any of its sub-ledger';
comment on column sub_ledger_item.currency is 'the one currency it is kept in; null: any';
create trigger sub_ledger_item_stays before update or delete on sub_ledger_item
    for each row execute function never_changed();
create trigger sub_ledger_item_no_truncate before truncate on sub_ledger_item
    for each statement execute function never_changed();
alter table sub_ledger_item enable row level security;
create policy own_branches on sub_ledger_item to tawi_app
    using (branch = any (app_branches())) with check (branch = any (app_branches()));
grant select on sub_ledger to tawi_app;
grant select, insert on sub_ledger_item to tawi_app;

create view account_sums with (security_invoker = true) as
select branch, number as item, control_code as gl_code, currency, balance from account;
create view loan_sums with (security_invoker = true) as
select branch, number as item, '1110' as gl_code, currency, -outstanding as balance from loan
union all
select branch, number, '1210', currency, -interest_due from loan;

insert into sub_ledger (code, title, sums, paired) values
    ('account', 'customers'' accounts', 'account_sums', false),
    ('loan', 'loans', 'loan_sums', false),
    ('branch', 'other branches', null, true);

-- Accounts and loans are items from the moment they are opened, whichever version opens them.
create function account_is_an_item() returns trigger language plpgsql as $$
begin
    insert into sub_ledger_item (sub_ledger, branch, item, gl_code, currency)
    values ('account', new.branch, new.number, new.control_code, new.currency);
    return null;
end $$;
create trigger account_is_an_item after insert on account
    for each row execute function account_is_an_item();
create function loan_is_an_item() returns trigger language plpgsql as $$
begin
    insert into sub_ledger_item (sub_ledger, branch, item, currency)
    values ('loan', new.branch, new.number, new.currency);
    return null;
end $$;
create trigger loan_is_an_item after insert on loan
    for each row execute function loan_is_an_item();
insert into sub_ledger_item (sub_ledger, branch, item, gl_code, currency)
select 'account', branch, number, control_code, currency from account;
insert into sub_ledger_item (sub_ledger, branch, item, currency)
select 'loan', branch, number, currency from loan;

-- A code gains a sub-ledger from a first day: until then a line may name an item or none, afterwards it
-- names one. What stood there stays behind the item `opening`.
alter table gl_account
    drop constraint gl_account_sub_ledger_check,
    add foreign key (sub_ledger) references sub_ledger,
    add column sub_ledger_since date;
comment on column gl_account.sub_ledger_since is
    'the first day on which every line names an item; null: it was so from the beginning';
create function gl_account_stays() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.sub_ledger is null and new.sub_ledger is not null
       and (new.branch, new.code) = (old.branch, old.code)
       and new.sub_ledger_since > (select business_date from branch where number = new.branch)
       and exists (select from sub_ledger_item i
                   where (i.sub_ledger, i.branch, i.item) = (new.sub_ledger, new.branch, 'opening')) then
        return new;
    end if;
    raise exception 'a row of gl_account is never removed or renumbered: postings point to it'
        using errcode = 'TW002';
end $$;
drop trigger gl_account_stays on gl_account;
create trigger gl_account_stays before delete or update of branch, code, sub_ledger, sub_ledger_since
    on gl_account for each row execute function gl_account_stays();
create function gain_sub_ledger(gained text, of text) returns void language plpgsql as $$
begin
    insert into sub_ledger_item (sub_ledger, branch, item, gl_code)
    select gained, g.branch, 'opening', of from gl_account g where g.code = of and g.sub_ledger is null;
    update gl_account g set sub_ledger = gained, sub_ledger_since = b.business_date + 1
    from branch b where b.number = g.branch and g.code = of and g.sub_ledger is null;
end $$;

-- A branch that a node of the version before opens gets the sub-ledgers that its chart does not know yet.
create function gl_account_has_the_banks_sub_ledger() returns trigger language plpgsql as $$
begin
    new.sub_ledger := coalesce(new.sub_ledger,
        (select g.sub_ledger from gl_account g where g.code = new.code and g.sub_ledger is not null limit 1));
    return new;
end $$;
create trigger gl_account_has_the_banks_sub_ledger before insert on gl_account
    for each row execute function gl_account_has_the_banks_sub_ledger();

-- A journal stays within its branch. What concerns two is two journals under one pair number.
create sequence pair_serial;
grant usage on sequence pair_serial to tawi_app;
alter table journal add column pair bigint;
comment on column journal.pair is 'shared with the journal of the other branch that belongs to it';
create unique index journal_pair on journal (pair, branch) where pair is not null;

create or replace function posting_balances() returns trigger language plpgsql set enable_seqscan = off as $$
declare
    wrong record;
begin
    select l.journal, l.currency, sum(l.debit - l.credit) as difference
    into wrong
    from lines l
    group by l.journal, l.currency
    having sum(l.debit - l.credit) <> 0
    limit 1;
    if found then
        raise exception 'journal % does not balance: % % too much on one side',
            wrong.journal, wrong.difference, wrong.currency using errcode = 'TW003';
    end if;
    select l.journal, l.line, l.gl_code, l.account
    into wrong
    from lines l
    left join journal j on j.id = l.journal
    left join gl_account g on g.branch = l.branch and g.code = l.gl_code
    left join sub_ledger s on s.code = g.sub_ledger
    left join sub_ledger_item i
        on i.sub_ledger = g.sub_ledger and i.branch = l.branch and i.item = l.account
    where g.code is null
       or (l.account is null and g.sub_ledger is not null
           and coalesce(j.business_date >= g.sub_ledger_since, true))
       or (l.account is not null
           and (i.item is null
                or i.gl_code <> l.gl_code
                or i.currency <> l.currency
                or (s.paired and i.item <> 'opening' and j.pair is null)))
    limit 1;
    if found then
        raise exception 'journal % line %: account % does not stand behind %',
            wrong.journal, wrong.line, coalesce(wrong.account, '(none)'), wrong.gl_code using errcode = 'TW003';
    end if;
    if exists (
        select from lines l left join journal j on j.id = l.journal
        group by l.journal, j.transaction, j.branch
        having count(*) < 2 or j.transaction is distinct from current_transaction()
            or bool_or(l.branch <> j.branch)
            or count(*) <> (select count(*) from posting p where p.journal = l.journal)
    ) then
        raise exception 'a journal has two lines or more, of one branch, and gets them once'
            using errcode = 'TW003';
    end if;
    return null;
end $$;

-- What two branches say of each other under a pair number, currency by currency: nothing is left over when
-- the pair is whole. `between` counts the pairs of branches that its lines name.
create view journal_pair_rest with (security_invoker = true) as
select j.pair, p.currency, count(distinct j.branch) as branches, sum(p.debit - p.credit) as rest,
       count(distinct (least(to_char(j.branch, 'FM000'), p.account),
                       greatest(to_char(j.branch, 'FM000'), p.account))) as between
from journal j
join posting p on p.journal = j.id
join gl_account g on g.branch = p.branch and g.code = p.gl_code
join sub_ledger s on s.code = g.sub_ledger and s.paired
where j.pair is not null and p.account <> 'opening'
group by j.pair, p.currency;

grant select on journal_pair_rest to tawi_app;

create function journal_pair_nets() returns trigger language plpgsql as $$
begin
    if not exists (select from journal_pair_rest r where r.pair = new.pair)
       or exists (select from journal_pair_rest r
                  where r.pair = new.pair and (r.branches <> 2 or r.rest <> 0 or r.between <> 1)) then
        raise exception 'pair % does not net to nil between two branches', new.pair using errcode = 'TW003';
    end if;
    return null;
end $$;
create constraint trigger journal_pair_nets after insert on journal deferrable initially deferred
    for each row when (new.pair is not null) execute function journal_pair_nets();

-- Head office: the books of the bank that are no branch's. Where branches are open already it opens now,
-- on the latest of their dates; otherwise with the first of them.
alter table branch add column counter boolean not null default true;
comment on column branch.counter is 'whether customers are served there; head office has none';
create unique index branch_one_head_office on branch (counter) where not counter;
insert into branch (number, code, name, business_date, counter)
select (select max(n) from generate_series(1, 999) n where not exists (select from branch where number = n)),
       (select c from unnest(array['HEAD-OFFICE', 'HEAD-OFFICE1', 'HEAD-OFFICE2']) with ordinality t (c, nth)
        where not exists (select from branch where code = c) order by nth limit 1),
       'Head office', max(business_date), false
from branch having count(*) > 0;
insert into business_day (branch, business_date)
select number, business_date from branch where not counter;
insert into gl_account (branch, code, title, kind, sub_ledger)
select h.number, c.code, c.title, c.kind, c.sub_ledger
from branch h,
     (select distinct on (code) code, title, kind, sub_ledger from gl_account order by code, branch) c
where not h.counter;

-- Each branch is an item of every other's inter-branch accounts.
insert into sub_ledger_item (sub_ledger, branch, item)
select 'branch', b.number, to_char(o.number, 'FM000') from branch b join branch o on o.number <> b.number;
create function branch_is_an_item() returns trigger language plpgsql as $$
begin
    insert into sub_ledger_item (sub_ledger, branch, item)
    select 'branch', o.number, to_char(new.number, 'FM000') from branch o where o.number <> new.number
    union all
    select 'branch', new.number, to_char(o.number, 'FM000') from branch o where o.number <> new.number;
    return null;
end $$;
-- Items of branches are the bank's, whoever opens the branch.
alter function branch_is_an_item() security definer set search_path = pg_catalog, public, pg_temp;
create trigger branch_is_an_item after insert on branch
    for each row execute function branch_is_an_item();
do $$ begin perform gain_sub_ledger('branch', '1510'); end $$;
update gl_account set title = 'Inter-branch account' where code = '1510';

-- What the items of every sub-ledger say of themselves, as the registry tells.
create function sub_ledger_sums()
    returns table (sub_ledger text, branch smallint, item text, gl_code text, currency text, balance numeric)
    language plpgsql stable as $$
declare
    known record;
begin
    for known in select s.code, s.sums from sub_ledger s where s.sums is not null order by s.code loop
        return query execute
            format('select %L::text, branch, item, gl_code, currency, balance from %I', known.code, known.sums);
    end loop;
end $$;
