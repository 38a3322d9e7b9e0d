export const description = {
  name: 'email-worker',
  about: 'hands codes and notices to the mail server.',
  settings: ['DATABASE_URL', 'QUEUE_URL', 'SALLYPORT_KEYS', 'SMTP_URL', 'MAIL_FROM', 'LOG_LEVEL'],
  keys: ['sealing'],
} as const;
