export const description = {
  name: 'relay',
  about: 'wakes workers: puts what the outbox holds on the queues, and puts it there again if it was lost.',
  settings: ['DATABASE_URL', 'QUEUE_URL', 'LOG_LEVEL'],
  keys: [],
} as const;
