import type { ScenarioName } from '../catalogue.ts';
import { warmUp, type Rig, type Scenario } from '../rig.ts';
import type { Program } from '../system.ts';
import { smsChallenges } from './challenges.ts';
import { Deliveries } from './deliveries.ts';

/** What a provider takes whose answer is not at once. */
const providerMs = 100;
/** Messages that each worker has in hand then: so few that they wait for the provider, and four workers together do not wait for cores. */
const inHand = 5;

/** From the outbox to the provider. @param rateOf the last rate of another scenario */
export function deliveryScenarios(rig: Rig, rateOf: (name: ScenarioName) => number): [ScenarioName, Scenario][] {
  const work = new Deliveries(rig);
  return [
    ['relay', relay(rig, work)],
    ['sms-worker', smsWorkers(rig, work, { count: 1, messages: rig.options.rows.sms, delayMs: 0 })],
    ['hand-over', handOver(rig, work, rateOf)],
    ...([1, 2, 4] as const).map((count): [ScenarioName, Scenario] => [
      `sms-workers-${count}`,
      smsWorkers(rig, work, { count, messages: (count * rig.options.rows.sms) / 4, delayMs: providerMs, inHand }),
    ]),
  ];
}

function relay(rig: Rig, work: Deliveries): Scenario {
  let program: Program;
  const units = rig.options.rows.relay;
  return {
    prepare: async () => {
      await rig.clear();
      program = await rig.system.start('relay');
      await work.fillOutbox(warmUp);
      await work.allPublished();
      await rig.pause(program);
      await rig.clear();
      await work.fillOutbox(units);
      await rig.settle();
    },
    measure: async () => {
      const measurement = await rig.measured([program], async () => {
        rig.goOn(program);
        await work.allPublished();
        // Between the first batch and the last, by the database's clock: how long we slept does not count.
        const perSecond = await rig.number(
          `select (select count(*) from outbox o where o.published_at > b.first) / extract(epoch from b.last - b.first)
           from (select min(m) as first, max(m) as last from (select date_trunc('milliseconds', published_at) as m from outbox) t) b`,
        );
        return { units, perSecond, p50Ms: null, p99Ms: null };
      });
      await rig.noteMemory('relay', program);
      await program.stop();
      return measurement;
    },
  };
}

interface Workers {
  readonly count: number;
  readonly messages: number;
  readonly delayMs: number;
  /** Their usual number where left out. */
  readonly inHand?: number;
}

function smsWorkers(rig: Rig, work: Deliveries, { count, messages, delayMs, inHand: most }: Workers): Scenario {
  let workers: Program[] = [];
  return {
    prepare: async () => {
      await rig.clear();
      workers = [];
      while (workers.length < count) workers.push(await work.startSmsWorker(delayMs, most));
      const publisher = await rig.system.start('relay');
      await work.fill(Math.min(warmUp * count, messages));
      await work.allSent();
      await rig.pause(...workers);
      await rig.clear();
      await work.fill(messages);
      await work.allPublished();
      await publisher.stop();
      await rig.settle();
    },
    measure: async () => {
      const measurement = await rig.measured(workers, async () => {
        rig.goOn(...workers);
        await work.allSent();
        const perSecond = await rig.number(
          `select (count(*) - 1) / extract(epoch from max(sent_at) - min(sent_at)) from delivery`,
        );
        return { units: messages, perSecond, p50Ms: null, p99Ms: null };
      });
      for (const worker of workers) {
        await rig.noteMemory('sms-worker', worker);
        await worker.stop();
      }
      return measurement;
    },
  };
}

function handOver(rig: Rig, work: Deliveries, rateOf: (name: ScenarioName) => number): Scenario {
  let programs: Program[] = [];
  return {
    prepare: async () => {
      await rig.clear();
      programs = [await rig.system.start('relay'), await work.startSmsWorker()];
      await work.fill(warmUp);
      await work.allSent();
      await rig.clearAndSettle();
    },
    measure: async () => {
      // All on this one machine: what one of the two scenarios takes, the other one can't have.
      const rate = 0.5 / (1 / rateOf('challenge-sms') + 1 / rateOf('sms-worker'));
      const measurement = await rig.measured([rig.site.gateway, ...programs], async () => {
        const { requests, seconds } = await rig.load(smsChallenges(rig), { rate });
        await work.allSent();
        // From before the commit until the provider's answer is written down: a little more than the hand-over.
        const part = (share: number) =>
          rig.number(
            `select percentile_cont($1) within group (order by extract(epoch from sent_at - created_at)) from delivery`,
            [share],
          );
        const p50Ms = (await part(0.5)) * 1000;
        const p99Ms = (await part(0.99)) * 1000;
        return { units: requests, perSecond: requests / seconds, p50Ms, p99Ms };
      });
      for (const program of programs) await program.stop();
      return measurement;
    },
  };
}
