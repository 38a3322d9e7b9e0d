delete from outbox
where
  payload ->> 'deliveryId' = $1
