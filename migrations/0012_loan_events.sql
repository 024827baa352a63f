-- A loan takes any event of the engine, and the books follow it: what stands in them of each loan is kept with it,
-- and a journal is the difference to what stood there. Interest is income day by day.
set local lock_timeout = '5s';
-- In the order in which operations come to them: the branch before its loans.
lock table branch in share row exclusive mode;

-- Events: one body, as the engine reads it, and the day on which it came to the books.
alter table loan_event
    drop constraint loan_event_kind_check,
    drop constraint loan_event_amount_check,
    add column body jsonb,
    add column booked_on date,
    add check (amount >= 0);
comment on column loan_event.amount is 'what it is about; nought where it is about no amount';
comment on column loan_event.body is 'the event as the engine reads it, with the version of its vocabulary';
comment on column loan_event.booked_on is 'the business date on which it came to the books; on_date is the day it counts from';
comment on column loan_event.journal is 'its journal; nought where nothing had to be posted';

-- A node of the version before writes payments and disbursements without a body.
create function loan_event_has_a_body() returns trigger language plpgsql as $$
begin
    new.booked_on := coalesce(new.booked_on, new.on_date);
    new.body := coalesce(new.body, case new.kind
        when 'disbursed' then jsonb_build_object('version', 1, 'kind', 'disbursed', 'on', new.on_date)
        when 'repaid' then jsonb_build_object('version', 1, 'kind', 'repaid', 'on', new.on_date, 'amount',
            jsonb_build_object('amount', new.amount::text, 'currency',
                               (select currency from loan where number = new.loan)))
    end);
    return new;
end $$;
create trigger loan_event_has_a_body before insert on loan_event
    for each row execute function loan_event_has_a_body();

alter table loan_event disable trigger loan_event_append_only;
update loan_event e
set booked_on = e.on_date,
    body = case e.kind
        when 'disbursed' then jsonb_build_object('version', 1, 'kind', 'disbursed', 'on', e.on_date)
        else jsonb_build_object('version', 1, 'kind', 'repaid', 'on', e.on_date, 'amount',
            jsonb_build_object('amount', e.amount::text, 'currency', l.currency))
    end
from loan l where l.number = e.loan;
alter table loan_event enable trigger loan_event_append_only;
alter table loan_event add check (body is not null and booked_on is not null);

-- What stands in the books of a loan, in minor units: the figures behind its accounts, and what has gone through
-- it since the first day. A loan that only the version before has written has none.
alter table loan
    drop constraint loan_status_check,
    add check (status in ('approved', 'active', 'closed', 'charged_off', 'written_off')),
    add column booked jsonb,
    add column booked_until date,
    add column interest_accrued numeric(18, 2) not null
        generated always as (coalesce((booked #>> '{books,interest_accrued}')::numeric / 100, 0)) stored,
    add column fees_due numeric(18, 2) not null
        generated always as (coalesce((booked #>> '{books,fees_due}')::numeric / 100, 0)) stored,
    add column penalties_due numeric(18, 2) not null
        generated always as (coalesce((booked #>> '{books,penalties_due}')::numeric / 100, 0)) stored,
    add column unearned numeric(18, 2) not null
        generated always as (coalesce((booked #>> '{books,unearned}')::numeric / 100, 0)) stored,
    add column overpaid numeric(18, 2) not null
        generated always as (coalesce((booked #>> '{books,overpaid}')::numeric / 100, 0)) stored,
    add column suspended numeric(18, 2) not null
        generated always as (coalesce(((booked ->> 'suspended_interest')::numeric
                                       + (booked ->> 'suspended_penalties')::numeric) / 100, 0)) stored;
comment on column loan.booked is 'what stands in the books of it, in minor units; null: only the version before wrote it';
comment on column loan.booked_until is 'the business date that its figures are of';

-- Terms stand from the approval on, but for what the day of the pay-out adds: its calendar and its taxes.
drop trigger loan_stays on loan;
create trigger loan_stays before delete or update of number, branch, customer_id, currency, principal on loan
    for each row execute function never_removed();
create trigger loan_terms_stay before update of terms on loan
    for each row when (old.status <> 'approved' and old.terms is distinct from new.terms)
    execute function never_removed();
grant update (booked, booked_until, terms) on loan to tawi_app;

-- Products stand behind what is posted for all loans of one together.
create view loan_product_sums with (security_invoker = true) as
select branch, product as item, code as gl_code, currency, sum(balance) as balance
from loan,
     lateral (values ('1195', unearned), ('1215', -interest_accrued), ('1290', suspended)) v (code, balance)
group by branch, product, code, currency;
create or replace view loan_sums with (security_invoker = true) as
select branch, number as item, '1110' as gl_code, currency, -outstanding as balance from loan
union all
select branch, number, '1210', currency, -interest_due from loan
union all
select branch, number, code, currency, balance
from loan,
     lateral (values ('1220', -fees_due), ('1225', -penalties_due), ('2310', overpaid)) v (code, balance)
where booked is not null;
insert into sub_ledger (code, title, sums) values ('loan_product', 'loans, by product', 'loan_product_sums');
insert into sub_ledger_item (sub_ledger, branch, item)
select distinct 'loan_product', b.number, p.code from branch b, loan_product p;
create function loan_product_is_an_item() returns trigger language plpgsql as $$
begin
    insert into sub_ledger_item (sub_ledger, branch, item)
    select 'loan_product', b.number, new.code from branch b
    on conflict do nothing;
    return null;
end $$;
alter function loan_product_is_an_item() security definer set search_path = pg_catalog, public, pg_temp;
create trigger loan_product_is_an_item after insert on loan_product
    for each row execute function loan_product_is_an_item();

-- Accounts that lending needs: every branch has them, whichever version opens it.
create function accounts_of_lending(of_branch smallint) returns void language sql as $$
    insert into gl_account (branch, code, title, kind, sub_ledger)
    select of_branch, code, title, kind, sub_ledger
    from (values
        ('1195', 'Loan fees not yet earned', 'asset', 'loan_product'),
        ('1215', 'Loans: interest accrued, not due', 'asset', 'loan_product'),
        ('1220', 'Loans: fees due, with their tax', 'asset', 'loan'),
        ('1225', 'Loans: penalties due', 'asset', 'loan'),
        ('1290', 'Interest and penalties suspended', 'asset', 'loan_product'),
        ('2310', 'Overpaid loans', 'liability', 'loan'),
        ('4020', 'Loan fees earned over the term', 'income', null),
        ('4120', 'Penalty income', 'income', null),
        ('4210', 'Recoveries of loans written off', 'income', null),
        ('5110', 'Impairment of loans', 'expense', null),
        ('5250', 'Small balances given up', 'expense', null)
    ) chart (code, title, kind, sub_ledger)
    on conflict do nothing;
$$;
do $$ begin perform accounts_of_lending(number) from branch; end $$;
update gl_account set title = 'Loans: interest due' where code = '1210';
create function branch_has_the_accounts_of_lending() returns trigger language plpgsql as $$
begin
    perform accounts_of_lending(new.number);
    insert into sub_ledger_item (sub_ledger, branch, item)
    select distinct 'loan_product', new.number, p.code from loan_product p
    on conflict do nothing;
    return null;
end $$;
alter function branch_has_the_accounts_of_lending() security definer set search_path = pg_catalog, public, pg_temp;
create trigger branch_has_the_accounts_of_lending after insert on branch
    for each row execute function branch_has_the_accounts_of_lending();

insert into parameter (code, valid_from, value, source) values
    ('non_performing_from_days', '2000-01-01', '90', 'Central Bank of Kenya, CBK/PG/04');
