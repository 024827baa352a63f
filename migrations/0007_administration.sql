-- Administration in the portal: staff, roles, branches, holidays and parameters, each through its
-- operation.
set local lock_timeout = '5s';

alter table staff add column password_expires_at timestamptz;
comment on column staff.password_expires_at is
    'a temporary password: good until then, and only for choosing another; null: the person''s own';

alter table staff add column password_made_by text references staff;
comment on column staff.password_made_by is
    'who was shown the temporary password: this person is no second pair of eyes for them until they have '
    'changed the password once more, knowing it';

create table holiday (
    day    date not null,
    branch smallint references branch,
    name   text not null check (length(name) between 1 and 80),
    unique nulls not distinct (day, branch)
);
comment on table holiday is 'days without work; branch null: the whole bank';

-- The public holidays of Kenya that stand on fixed dates (Public Holidays Act, Cap. 110) and Easter.
-- Idd-ul-Fitr and days the minister declares are set when they are gazetted.
insert into holiday (day, name)
select make_date(y, m, d), name
from generate_series(2026, 2028) y,
     (values (1, 1, 'New Year''s Day'), (5, 1, 'Labour Day'), (6, 1, 'Madaraka Day'), (10, 10, 'Mazingira Day'),
             (10, 20, 'Mashujaa Day'), (12, 12, 'Jamhuri Day'), (12, 25, 'Christmas Day'),
             (12, 26, 'Utamaduni Day')) as fixed (m, d, name)
union all
values (date '2026-04-03', 'Good Friday'), (date '2026-04-06', 'Easter Monday'),
       (date '2027-03-26', 'Good Friday'), (date '2027-03-29', 'Easter Monday'),
       (date '2028-04-14', 'Good Friday'), (date '2028-04-17', 'Easter Monday');

grant select on holiday to tawi_app, tawi_job;
grant insert, delete on holiday to tawi_app;
grant insert (id, name, password_hash, password_expires_at, password_made_by),
      update (password_hash, password_expires_at, password_made_by, disabled_at) on staff to tawi_app;
grant insert, update, delete on staff_role to tawi_app;
grant insert on branch, business_day, gl_account, parameter to tawi_app;
