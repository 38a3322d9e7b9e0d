import { Option, type Command } from 'commander';
import { deliveryStates, type DeliveryState } from '#contracts';
import type { DeliveryReader } from '../../../gateway/src/operator.js';
import { parseCount } from './arguments.js';
import { retryDelivery } from './deliveries.sql.js';
import { Refusal, withExamples, type Shell } from './shell.js';
import { tableOf } from './text.js';
import { withDeliveries } from './with-operator.js';

type Delivery = Awaited<ReturnType<DeliveryReader['one']>>;

interface InTenant {
  readonly tenant: string;
}

interface ListOptions extends InTenant {
  readonly account?: string;
  readonly user?: string;
  readonly status?: DeliveryState;
  readonly limit: number;
}

/** Why a delivery cannot be tried again, by its state. */
const whyNot: Readonly<Record<DeliveryState, string>> = {
  queued: 'it expires before it could be sent. Have a new code sent.',
  sending:
    'it is being sent, or may have arrived. It is tried again by itself where that is safe; "delivery show" says when it was tried.',
  sent: 'the provider has accepted it. Have a new code sent if it does not arrive.',
  delivered: 'it has arrived.',
  failed:
    'the provider refused it for good, and its content is gone. Mend what "error" names, and have a new code sent.',
  expired: 'it expired, and its content is gone. Have a new code sent.',
};

export function addDeliveryCommands(program: Command, shell: Shell): void {
  const delivery = program
    .command('delivery')
    .description('look at messages that were sent, never at their content, and have them tried again');

  withExamples(
    delivery
      .command('list')
      .description('list deliveries, newest first')
      .requiredOption('--tenant <id>', 'tenant of the deliveries')
      .option('--account <id>', "deliveries to an account's users, by the panel's id")
      .option('--user <id>', "deliveries to a user, by the panel's id")
      .addOption(new Option('--status <status>', 'deliveries in a state').choices(deliveryStates))
      .option('--limit <number>', 'how many at most', parseCount(1, 1000), 50),
    'delivery list --tenant tnt_1 --status failed',
    'delivery list --tenant tnt_1 --account account-1 --user user-1',
  ).action(async ({ tenant, account: accountId, user: userId, status, limit }: ListOptions) => {
    const found = await withDeliveries(tenant, '', (deliveries) =>
      deliveries.list({ accountId, userId, status, limit }),
    );
    shell.print(found, () => (found.length === 0 ? 'None.' : tableOf(found.map(rowOf))));
  });

  withExamples(
    delivery
      .command('show')
      .description('show a delivery and each attempt')
      .argument('<id>', 'as in dlv_…')
      .requiredOption('--tenant <id>', 'tenant of the delivery'),
    'delivery show dlv_1 --tenant tnt_1',
  ).action(async (id: string, { tenant }: InTenant) =>
    shell.print(await withDeliveries(tenant, noDelivery(id), (deliveries) => deliveries.one(id))),
  );

  withExamples(
    delivery
      .command('retry')
      .description('have a delivery that waits for its next attempt tried now')
      .argument('<id>', 'as in dlv_…')
      .requiredOption('--tenant <id>', 'tenant of the delivery'),
    'delivery retry dlv_1 --tenant tnt_1',
  ).action(async (id: string, { tenant: tenantId }: InTenant) =>
    shell.print(
      await withDeliveries(tenantId, noDelivery(id), async (deliveries, database) => {
        const { status } = await deliveries.one(id);
        const retried = await database.one(retryDelivery, { id, tenantId });
        if (!retried) throw new Refusal(`the delivery ${id} is ${status}: ${whyNot[status]}`);
        if (retried.jobs === 0) {
          throw new Refusal(`the job of the delivery ${id} was discarded: nobody sends it. Have a new code sent.`);
        }
        return { id, retried: true };
      }),
    ),
  );
}

/** What a line of the table shows; the attempts stand in `delivery show`. */
function rowOf({ id, accountId, userId, channel, kind, status, error, attempts, createdAt }: Delivery): object {
  return { id, accountId, userId, channel, kind, status, error, attempts: attempts.length, createdAt };
}

const noDelivery = (id: string) =>
  `there is no delivery ${id} in this tenant. "delivery list --tenant …" shows the latest.`;
