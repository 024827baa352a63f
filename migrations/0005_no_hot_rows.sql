-- A foreign key locks the row it points to (FOR KEY SHARE). With a crowd posting to one branch, the same
-- few rows of branch and gl_account collected a list of lockers for every journal: hot rows again, by the
-- back door. What postings point to is never deleted and never renumbered, so one look does, in the check
-- that looks at all lines together anyway.
set local lock_timeout = '5s';

create function never_removed() returns trigger language plpgsql as $$
begin
    raise exception 'a row of % is never removed or renumbered: postings point to it', tg_table_name
        using errcode = 'TW002';
end $$;
create trigger branch_stays before delete or update of number on branch
    for each row execute function never_removed();
create trigger gl_account_stays before delete or update of branch, code, control on gl_account
    for each row execute function never_removed();
create trigger account_stays before delete or update of number, branch, control_code, currency on account
    for each row execute function never_removed();
create trigger branch_no_truncate before truncate on branch
    for each statement execute function never_removed();
create trigger gl_account_no_truncate before truncate on gl_account
    for each statement execute function never_removed();
create trigger account_no_truncate before truncate on account
    for each statement execute function never_removed();

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
    left join account a on a.number = l.account
    where g.code is null
       or g.control <> (l.account is not null)
       or (l.account is not null
           and (a.branch, a.control_code, a.currency) is distinct from (l.branch, l.gl_code, l.currency))
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
