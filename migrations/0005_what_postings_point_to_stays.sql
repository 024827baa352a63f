-- What journals and postings point to is never removed and never renumbered: branches, general-ledger
-- accounts, customers' accounts. The next migration relies on it.
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
