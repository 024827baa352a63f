-- The invariants of the books. Each query answers the rows that break it; none is the right answer.
-- name: postings sum to zero per journal and currency
select format('journal %s, %s: %s', journal, currency, sum(debit - credit)) as row
from posting group by journal, currency having sum(debit - credit) <> 0;
-- name: every journal has two lines or more
select format('journal %s has %s lines', j.id, count(p.journal)) as row
from journal j left join posting p on p.journal = j.id group by j.id having count(p.journal) < 2;
-- name: an item of a sub-ledger stands at the sum of its postings
select format('%s %s, %s: says %s, postings %s', sub_ledger, item, gl_code, coalesce(s.balance, 0),
              coalesce(p.balance, 0)) as row
from sub_ledger_sums() s
full join (
    select g.sub_ledger, p.branch, p.account as item, p.gl_code, p.currency, sum(p.credit - p.debit) as balance
    from posting p
    join gl_account g on g.branch = p.branch and g.code = p.gl_code
    join sub_ledger r on r.code = g.sub_ledger and r.sums is not null
    where p.account is not null and p.account <> 'opening'
    group by 1, 2, 3, 4, 5
) p using (sub_ledger, branch, item, gl_code, currency)
where coalesce(s.balance, 0) <> coalesce(p.balance, 0);
-- name: control accounts are the sum of the items behind them
select format('branch %s, %s %s: ledger %s, sub-ledger %s', branch, code, currency, coalesce(g.balance, 0),
              coalesce(s.balance, 0)) as row
from (
    select b.branch, b.code, b.currency, b.credit - b.debit as balance
    from gl_balance b
    join gl_account k on k.branch = b.branch and k.code = b.code and k.sub_ledger is not null
) g
full join (
    select branch, gl_code as code, currency, sum(balance) as balance
    from (
        select branch, gl_code, currency, balance from sub_ledger_sums()
        union all
        -- What nobody keeps a figure of, and what stood there before the account had a sub-ledger.
        select p.branch, p.gl_code, p.currency, p.credit - p.debit
        from posting p
        join gl_account k on k.branch = p.branch and k.code = p.gl_code
        join sub_ledger r on r.code = k.sub_ledger
        where r.sums is null or coalesce(p.account, 'opening') = 'opening'
    ) behind
    group by branch, gl_code, currency
) s using (branch, code, currency)
where coalesce(g.balance, 0) <> coalesce(s.balance, 0);
-- name: a loan that is approved is not paid out, one that is paid out is so for no more than was approved
select format('loan %s', n.number) as row
from loan n
left join loan_event e on e.loan = n.number and e.kind = 'disbursed'
    and not exists (select from loan_event r
                    where r.loan = e.loan and r.kind = 'reversed' and r.body ->> 'event' = e.nth::text)
group by n.number, n.status, n.principal
having (n.status = 'approved') <> (count(e.loan) = 0) or coalesce(sum(e.amount), 0) > n.principal;
-- name: an event of a loan says the same in its body and beside it
select format('loan %s, event %s', e.loan, e.nth) as row
from loan_event e
join loan l on l.number = e.loan
where (e.body ->> 'kind', e.body ->> 'on') is distinct from (e.kind, e.on_date::text)
   or e.amount <> coalesce((e.body #>> '{amount,amount}')::numeric, case e.kind when 'disbursed' then l.principal else 0 end)
   or e.booked_on < e.on_date
   or (e.journal <> 0 and not exists (select from journal j where (j.id, j.business_date) = (e.journal, e.booked_on)));
-- name: money that an event of a loan moved is in a journal of its own that names the loan
select format('loan %s, event %s: journal %s', e.loan, e.nth, e.journal) as row
from loan_event e
where e.kind in ('disbursed', 'topped_up', 'repaid', 'paid_off', 'refunded') and e.amount <> 0
  and not exists (select from posting p where p.journal = e.journal and p.account = e.loan)
  -- What pays interest that is not yet due, or earned by it alone, stands behind product or income: then it is told by
  -- the amount, and the journal names no other loan.
  and not exists (
      select from posting p
      where p.journal = e.journal and p.debit + p.credit = e.amount
        and not exists (select from posting o join loan n on n.number = o.account where o.journal = e.journal)
  )
  -- What comes in of a loan that is out of the books names it nowhere.
  and not exists (select from loan l where l.number = e.loan and l.status in ('charged_off', 'written_off'))
union all
select format('journal %s: %s events', journal, count(*)) from loan_event where journal <> 0
group by journal having count(*) > 1;
-- name: a loan is of the amount of its terms, and paid to an account of its borrower
select format('loan %s', l.number) as row
from loan l
left join account a on a.number = l.account
where (l.terms #>> '{principal,amount}')::numeric is distinct from l.principal
   or a.customer_id is distinct from l.customer_id;
-- name: a loan is of the amount that was approved
select format('loan %s: %s of %s', l.number, l.principal, r.reference) as row
from approval_request r
join loan l on l.number = r.effect
where r.operation = 'loan_application' and r.state = 'approved' and r.amount is distinct from l.principal;
-- name: a loan is of its branch's date, unless a job is on its way to it or has set it aside
select format('loan %s: of %s, not %s', l.number, l.booked_until, b.business_date) as row
from loan l
join branch b on b.number = l.branch
where l.status = 'active' and l.booked is not null and l.booked_until is distinct from b.business_date
  and not exists (select from job j where j.branch = l.branch and j.ended_at is null)
  and not exists (select from job_fault f
                  where f.item = l.number and f.job = (select max(j.id) from job j where j.branch = l.branch));
-- name: an account of the books has gained its sub-ledger by the branch's next day
select format('branch %s, %s: from %s on', g.branch, g.code, g.sub_ledger_since) as row
from gl_account g join branch b on b.number = g.branch
where g.sub_ledger_since > b.business_date + 1;
-- name: what stands in the books of a loan is what its row says
select format('loan %s: principal %s, interest due %s; booked %s', l.number, l.outstanding, l.interest_due, l.booked -> 'books') as row
from loan l
where l.booked is not null and l.booked_until = (select business_date from branch where number = l.branch)
  and (l.outstanding, l.interest_due) is distinct from
      ((l.booked #>> '{books,principal}')::numeric / 100, (l.booked #>> '{books,interest_due}')::numeric / 100);
-- name: no more income of a loan is suspended than is owed of it
select format('loan %s: %s', number, suspended) as row
from loan where suspended not between 0 and interest_due + interest_accrued + penalties_due;
-- name: every posting stands behind the item it names, and every item it names is there
select format('journal %s line %s: %s through %s', p.journal, p.line, p.gl_code, coalesce(p.account, 'none')) as row
from posting p
left join journal j on j.id = p.journal
left join gl_account g on g.branch = p.branch and g.code = p.gl_code
left join sub_ledger_item i on i.sub_ledger = g.sub_ledger and i.branch = p.branch and i.item = p.account
where j.id is null or g.code is null
   or (p.account is null and g.sub_ledger is not null
       and coalesce(j.business_date >= g.sub_ledger_since, true))
   or (p.account is not null
       and (i.item is null or i.gl_code <> p.gl_code or i.currency <> p.currency));
-- name: every account and every loan is an item
select format('%s %s', sub_ledger, item) as row
from sub_ledger_sums() s
left join sub_ledger_item i using (sub_ledger, branch, item)
where i.item is null;
-- name: what concerns two branches is a pair of journals that nets to nil
select format('pair %s, %s: %s left over', pair, currency, rest) as row
from journal_pair_rest where branches <> 2 or rest <> 0 or between <> 1
union all
select format('pair %s: journal %s alone', j.pair, min(j.id))
from journal j where j.pair is not null group by j.pair having count(*) <> 2
union all
select format('journal %s line %s: %s without a pair', p.journal, p.line, p.gl_code)
from posting p
join journal j on j.id = p.journal and j.pair is null
join gl_account g on g.branch = p.branch and g.code = p.gl_code
join sub_ledger r on r.code = g.sub_ledger and r.paired
where p.account is not null and p.account <> 'opening';
-- name: the roll-up and its tail are all postings
select format('branch %s, %s %s', b.branch, b.code, b.currency) as row
from gl_balance b
join (select branch, gl_code, currency, sum(debit) as debit, sum(credit) as credit from posting group by 1, 2, 3) p
  on p.branch = b.branch and p.gl_code = b.code and p.currency = b.currency
where (p.debit, p.credit) <> (b.debit, b.credit);
-- name: every approved request has one effect, every refused one its reason
select format('request %s is %s', r.reference, r.state) as row
from approval_request r
left join idempotency_key k on k.key = 'approval:' || r.id
where (r.state = 'approved') <> (k.key is not null)
   or (r.state = 'approved' and (k.operation <> r.operation or k.fingerprint <> r.payload_hash))
   or (r.state = 'refused' and coalesce(r.note, '') = '');
-- name: maker is not checker
select format('request %s by %s', reference, maker_id) as row
from approval_request where maker_id = checker_id and state <> 'withdrawn';
-- name: what was approved is what was asked
select format('request %s', reference) as row
from approval_request where length(payload_hash) <> 32 or subject = '';
-- name: one effect per idempotency key
select format('journals of reference %s: %s', reference, count(*)) as row
from journal group by reference having count(*) > 1;
-- name: no journal of a closed business date after its close
select format('journal %s posted %s on %s', j.id, j.posted_at, j.business_date) as row
from journal j
left join business_day d on d.branch = j.branch and d.business_date = j.business_date
where d.business_date is null or j.posted_at > d.closed_at;
-- name: a branch has one open day, its business date
select format('branch %s', b.code) as row
from branch b left join business_day d on d.branch = b.number and d.closed_at is null
group by b.number having count(d.business_date) <> 1 or min(d.business_date) <> b.business_date;
-- name: positions are given once and without gaps
select format('last %s, %s kept of those from %s to %s', c.last, count(o.position), min(o.position), max(o.position)) as row
from outbox_counter c left join outbox o on o.position is not null
group by c.last
having c.last <> coalesce(max(o.position), 0) or count(o.position) <> max(o.position) - min(o.position) + 1;
-- name: transactions are numbered as the newest cluster says
select format('cluster %s: %s ahead, numbered %s ahead', c.number, c.ahead, n.ahead) as row
from (select number, ahead from cluster order by number desc limit 1) c,
     (select oldest_transaction() - pg_snapshot_xmin(pg_current_snapshot())::text::bigint as ahead) n
where c.ahead <> n.ahead;
-- name: every adoption by another cluster is recorded
select format('cluster %s', c.number) as row
from cluster c
left join audit_event e on e.operation = 'adopt' and e.outcome = 'done' and e.subject = 'cluster:' || c.number
where c.number > 1 and e.id is null;
-- name: what a chunk posted is what its audit line sealed
select format('audit line %s', e.id) as row
from audit_event e
where e.detail ? 'digest' and e.detail ->> 'digest' <> journals_digest(e.transaction);
-- name: a job that has ended did all its steps, or another took them over
select format('job %s of branch %s', j.id, j.branch) as row
from job j
where j.ended_at is not null and j.taken_over is null
  and (not exists (select from job_step s where s.job = j.id)
       or exists (select from job_step s where s.job = j.id and s.ended_at is null))
union all
select format('job %s of branch %s: taken over by %s', j.id, j.branch, j.taken_over)
from job j
where j.taken_over is not null
  and not exists (select from job t where t.id = j.taken_over and t.id > j.id and (t.branch, t.since) = (j.branch, j.since));
-- name: each chunk of a job has its key and its audit line, and a step is the sum of them
select format('job %s, %s: %s chunks of %s rows, %s set aside; lines tell %s of %s, %s', s.job, s.step, s.chunks, s.rows,
              s.set_aside, count(e.id), coalesce(sum((e.detail ->> 'rows')::bigint), 0),
              coalesce(sum(jsonb_array_length(e.detail -> 'set_aside')), 0)) as row
from job_step s
left join audit_event e
    on e.operation = 'business_date' and e.detail ->> 'job' = s.job::text and e.detail ->> 'step' = s.step
left join idempotency_key k on k.key = concat_ws(':', 'job', s.job, s.step, e.detail ->> 'after')
group by s.job, s.step, s.chunks, s.rows, s.set_aside
having s.chunks <> count(e.id) or s.chunks <> count(k.key)
    or s.rows <> coalesce(sum((e.detail ->> 'rows')::bigint), 0)
    or s.set_aside <> coalesce(sum(jsonb_array_length(e.detail -> 'set_aside')), 0)
    or s.set_aside <> (select count(*) from job_fault f where f.job = s.job and f.step = s.step);
-- name: the sub-ledgers of accounts, loans, products and branches are registered as they were
select format('%s', code) as row
from (values ('account', 'account_sums', false), ('loan', 'loan_sums', false),
             ('loan_product', 'loan_product_sums', false), ('branch', null, true))
    as known (code, sums, paired)
left join sub_ledger s using (code)
where (s.code, s.sums, s.paired) is distinct from (known.code, known.sums, known.paired);
