-- Run once, by the first start of the database: one role for each process, before `migrate` comes.
-- A variable that is not set stays as it is written here, which is an error, and the database does not start.
\getenv gateway GATEWAY_DATABASE_PASSWORD
\getenv relay RELAY_DATABASE_PASSWORD
\getenv sms_worker SMS_WORKER_DATABASE_PASSWORD
\getenv email_worker EMAIL_WORKER_DATABASE_PASSWORD
\getenv audit_worker AUDIT_WORKER_DATABASE_PASSWORD
\getenv lockout_worker LOCKOUT_WORKER_DATABASE_PASSWORD
\getenv webhook_worker WEBHOOK_WORKER_DATABASE_PASSWORD

create role sallyport_gateway login password :'gateway';
create role sallyport_relay login password :'relay';
create role sallyport_sms_worker login password :'sms_worker';
create role sallyport_email_worker login password :'email_worker';
create role sallyport_audit_worker login password :'audit_worker';
create role sallyport_lockout_worker login password :'lockout_worker';
create role sallyport_webhook_worker login password :'webhook_worker';
