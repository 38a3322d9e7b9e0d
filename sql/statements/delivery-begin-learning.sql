insert into
  route_learning (channel, counted_until)
values
  ($1, now() - interval '6 hours')
on conflict do nothing
