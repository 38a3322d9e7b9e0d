with
  score as (
    insert into
      route_score as s (
        channel,
        country,
        route,
        position,
        state,
        codes,
        entered,
        entry_ms,
        receipts,
        receipt_ms,
        priced,
        cost,
        recent_codes,
        recent_entered
      )
    select
      $1,
      country,
      route,
      position,
      state,
      codes,
      entered,
      "entryMs",
      receipts,
      "receiptMs",
      priced,
      cost,
      "recentCodes",
      "recentEntered"
    from
      jsonb_to_recordset($2::jsonb) as x (
        country text,
        route text,
        position int,
        state text,
        codes float8,
        entered float8,
        "entryMs" float8,
        receipts float8,
        "receiptMs" float8,
        priced float8,
        cost float8,
        "recentCodes" float8,
        "recentEntered" float8
      )
    on conflict (channel, country, route) do update
    set
      (codes, entered, entry_ms, receipts, receipt_ms, priced, cost, recent_codes, recent_entered) = (
        excluded.codes,
        excluded.entered,
        excluded.entry_ms,
        excluded.receipts,
        excluded.receipt_ms,
        excluded.priced,
        excluded.cost,
        excluded.recent_codes,
        excluded.recent_entered
      ),
      since = case
        when s.position = excluded.position
        and s.state = excluded.state then s.since
        else now()
      end,
      position = excluded.position,
      state = excluded.state
  )
update route_learning
set
  counted_until = $3::timestamptz
where
  channel = $1
