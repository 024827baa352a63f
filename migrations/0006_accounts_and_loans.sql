-- Accounts get their holders, and loans arrive: products, loans, what happens to them.
set local lock_timeout = '5s';

-- Which sub-ledger stands behind a general-ledger account: customers' accounts, loans, or none.
drop trigger gl_account_stays on gl_account;
alter table gl_account add column sub_ledger text check (sub_ledger in ('account', 'loan'));
update gl_account set sub_ledger = 'account' where control;
alter table gl_account drop column control;
create trigger gl_account_stays before delete or update of branch, code, sub_ledger on gl_account
    for each row execute function never_removed();

-- Branches that are open already get the accounts that loans need.
insert into gl_account (branch, code, title, kind, sub_ledger)
select b.number, v.code, v.title, v.kind, v.sub_ledger
from branch b,
     (values ('1110', 'Loans: principal', 'asset', 'loan'),
             ('1210', 'Loans: interest receivable', 'asset', 'loan')) v (code, title, kind, sub_ledger)
on conflict do nothing;

alter table customer
    add column restrictions text[] not null default '{}' check (restrictions <@ '{block}');
comment on column customer.restrictions is 'block: nothing new is opened or lent';
grant update (restrictions, version) on customer to tawi_app;

alter table account
    add column customer_id  uuid references customer,
    add column kind         text not null default 'savings' check (kind in ('savings', 'current')),
    add column status       text not null default 'open' check (status in ('open', 'closed')),
    add column restrictions text[] not null default '{}'
        check (restrictions <@ '{debit_block,credit_block,freeze}'),
    add column opened_on    date not null default '2000-01-01';
alter table account
    alter column customer_id set not null,
    alter column kind drop default,
    alter column opened_on drop default;
create index account_customer on account (customer_id);

-- Serial numbers of accounts and loans, one row a branch and product, locked until the opening commits:
-- no gaps.
create table account_serial (
    branch  smallint not null references branch,
    product smallint not null check (product between 1 and 99),
    last    integer not null check (last between 1 and 9999999),
    primary key (branch, product)
);

create table loan_product (
    code       text not null check (code ~ '^[A-Z0-9]{2,12}$'),
    version    bigint not null check (version > 0),
    terms      jsonb not null,
    created_at timestamptz not null default clock_timestamp(),
    primary key (code, version)
);
comment on table loan_product is 'the highest version is the one on offer; loans keep theirs';
create trigger loan_product_append_only before update or delete on loan_product
    for each row execute function never_changed();

create table loan (
    number          text primary key check (number ~ '^[0-9]{14}$'),
    branch          smallint not null references branch,
    customer_id     uuid not null references customer,
    account         text not null references account,
    product         text not null,
    product_version bigint not null,
    currency        text not null check (length(currency) = 3),
    principal       numeric(18, 2) not null check (principal > 0),
    terms           jsonb not null,
    purpose         text not null,
    officer_id      text not null references staff,
    status          text not null check (status in ('approved', 'active', 'closed')),
    approved_on     date not null,
    disbursed_on    date,
    closed_on       date,
    fee             numeric(18, 2) not null default 0,
    excise          numeric(18, 2) not null default 0,
    outstanding     numeric(18, 2) not null default 0,
    interest_due    numeric(18, 2) not null default 0,
    interest_booked numeric(18, 2) not null default 0,
    arrears         numeric(18, 2) not null default 0,
    next_due        date,
    version         bigint not null default 1,
    foreign key (product, product_version) references loan_product (code, version),
    check ((status = 'approved') = (disbursed_on is null)),
    check ((status = 'closed') = (closed_on is not null))
);
comment on table loan is 'terms, and figures folded from loan_event on the business date';
comment on column loan.interest_booked is 'interest earned so far: fell due, or was paid before it did';
create index loan_customer on loan (customer_id);
create index loan_next_due on loan (branch, next_due) where status = 'active';
create index loan_status on loan (branch, status, next_due, number);
create trigger loan_stays before delete or update of number, branch, customer_id, currency, principal, terms on loan
    for each row execute function never_removed();
create trigger loan_no_truncate before truncate on loan
    for each statement execute function never_removed();

create table loan_event (
    loan      text not null references loan,
    nth       integer not null check (nth > 0),
    branch    smallint not null,
    kind      text not null check (kind in ('disbursed', 'repaid')),
    on_date   date not null,
    amount    numeric(18, 2) not null check (amount > 0),
    reference text not null,
    journal   bigint not null,
    primary key (loan, nth)
);
create index loan_event_day on loan_event (branch, on_date);
create trigger loan_event_append_only before update or delete on loan_event
    for each row execute function never_changed();
create trigger loan_event_no_truncate before truncate on loan_event
    for each statement execute function never_changed();

-- A foreign key locks the row it points to (FOR KEY SHARE). With a crowd posting to one branch, the same
-- few rows of branch and gl_account collected a list of lockers for every journal: hot rows again, by the
-- back door. The check that looks at all lines together looks at what they point to as well.
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
    left join gl_account g on g.branch = l.branch and g.code = l.gl_code
    left join account a on g.sub_ledger = 'account' and a.number = l.account
    left join loan n on g.sub_ledger = 'loan' and n.number = l.account
    where g.code is null
       or (g.sub_ledger is null) <> (l.account is null)
       or (g.sub_ledger = 'account'
           and (a.branch, a.control_code, a.currency) is distinct from (l.branch, l.gl_code, l.currency))
       or (g.sub_ledger = 'loan' and (n.branch, n.currency) is distinct from (l.branch, l.currency))
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

alter table posting
    drop constraint posting_journal_fkey,
    drop constraint posting_account_fkey,
    drop constraint posting_branch_gl_code_fkey;
alter table journal drop constraint journal_branch_fkey;

-- Who may decide a request: fewer than the operation's checkers when the ladder says so.
alter table approval_request add column checkers text[];
comment on column approval_request.checkers is 'roles on the rung of the approval ladder; null: all checkers';

create index idempotency_key_reference on idempotency_key ((receipt ->> 'reference'));

insert into parameter (code, valid_from, value, source) values
    ('account_opening', '2000-01-01',
     '{"savings_least": "500", "current_least": "2000", "approval_above": "1000000"}', 'convention'),
    ('excise_on_fees_percent', '2000-01-01', '"20"', 'Excise Duty Act, from secondary sources'),
    ('loan_approval_valid_days', '2000-01-01', '60', 'convention'),
    ('approval_ladder.loan_application', '2000-01-01',
     '[{"above": "0", "roles": ["credit_supervisor", "branch_manager"]}, {"above": "500000", "roles": ["branch_manager"]}]',
     'convention');

alter table loan enable row level security;
alter table loan_event enable row level security;
alter table account_serial enable row level security;
create policy own_branches on loan to tawi_app
    using (branch = any (app_branches())) with check (branch = any (app_branches()));
create policy own_branches on loan_event to tawi_app
    using (branch = any (app_branches())) with check (branch = any (app_branches()));
create policy own_branches on account_serial to tawi_app
    using (branch = any (app_branches())) with check (branch = any (app_branches()));

grant select, insert, update on account_serial to tawi_app;
grant select on loan_product to tawi_app;
grant select, insert on loan, loan_event to tawi_app;
grant update (status, disbursed_on, closed_on, fee, excise, outstanding, interest_due, interest_booked, arrears,
              next_due, version) on loan to tawi_app;

create index journal_reference on journal (reference);
