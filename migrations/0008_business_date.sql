-- How far a branch's business date moves at once without a reason.
set local lock_timeout = '5s';

insert into parameter (code, valid_from, value, source) values
    ('business_date_most_days', '2000-01-01', '7', 'convention');
