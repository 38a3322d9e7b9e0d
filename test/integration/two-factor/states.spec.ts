import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TwoFactorMachine, type MachineDevice, type MachinePolicy } from '../../support/two-factor-machine.js';
import { Walker, panel, path, seeds } from '../../support/state-walker.js';

/**
 * T43: every order of what can be done to a user's second factor, against the state machine of docs/states.md. A failure
 * names the seed, and the shortest list of commands that fails: `MODEL_SEED=… MODEL_PATH=…` walks it again.
 */
const runs = Number(process.env['MODEL_RUNS'] ?? 60);
const seed = process.env['MODEL_SEED'];
const patienceMs = 600_000;

type Act = () => Promise<void>;

/** What can be done, with one of many things chosen by number; undefined where there is nothing of the kind to do. */
type Choice = (walker: Walker, pick: number) => Act | undefined;

const choose = <T>(list: readonly T[], pick: number): T | undefined => list[pick % Math.max(1, list.length)];
const begunBy = (machine: TwoFactorMachine, by: MachineDevice['by']) =>
  machine.devices.some((device) => device.state === 'unverified' && device.by === by);

/** Where an enrolment hangs on who may go, it is another test's matter. */
const commands = {
  begin:
    ({ begin }, pick) =>
    () =>
      begin(pick % 3 === 2 ? 'webauthn' : 'totp', undefined),
  replace: ({ begin, machine }, pick) => {
    const replaced = choose(
      machine.devices.filter(({ state }) => state !== 'unverified'),
      pick,
    );
    return replaced && (() => begin(pick % 2 === 0 ? 'totp' : 'webauthn', replaced));
  },
  verify: ({ verify, machine }, pick) => {
    const device = choose(
      machine.devices.filter(({ state }) => state === 'unverified'),
      pick,
    );
    if (!device) return undefined;
    const others = machine.devices.filter((other) => other !== device && other.state === 'unverified');
    if (device.replaces !== null && others.some(({ by }) => by === device.replaces)) return undefined;
    return () => verify(device);
  },
  wrongCode: ({ wrongCode, machine }, pick) => {
    const device = choose(
      machine.devices.filter(({ state, method }) => state !== 'disabled' && method === 'totp'),
      pick,
    );
    return device && !begunBy(machine, device.label) ? () => wrongCode(device) : undefined;
  },
  remove: ({ remove, machine }, pick) => {
    const device = choose(machine.devices, pick);
    if (!device) return undefined;
    const last = !machine.on && !machine.devices.some((other) => other !== device && other.proved);
    return last || !begunBy(machine, device.label) ? () => remove(device) : undefined;
  },
  off: (walker) => () => walker.switch(false),
  on: (walker) => () => walker.switch(true),
  reset: ({ reset }) => reset,
  erase: ({ erase }) => erase,
  import: (walker, pick) => () => walker.import(pick % seeds.length),
  regenerate: ({ regenerate, machine }) => (begunBy(machine, 'recovery code') ? undefined : regenerate),
  acknowledge: ({ acknowledge }) => acknowledge,
  spendCode: ({ spendCode, machine }) => (machine.codesLeft > 0 ? spendCode : undefined),
  trust: ({ trust, machine }, pick) => {
    const devices = machine.verified.filter(({ label }) => !machine.browsers.includes(label));
    const device = choose(devices, pick);
    const asked = machine.on && machine.policy.trustedBrowsers;
    return device && asked ? () => trust(device) : undefined;
  },
} satisfies Record<string, Choice>;
type Command = keyof typeof commands;

/** What is likely next: a walk that chose blindly would seldom come far. Whatever is not named may come, too. */
const likely: Record<TwoFactorMachine['state'], readonly Command[]> = {
  new: ['begin', 'begin', 'verify', 'verify', 'verify', 'acknowledge', 'import'],
  kept: ['remove', 'remove', 'remove', 'on', 'begin', 'verify', 'verify', 'wrongCode'],
  on: ['off', 'off', 'off', 'begin', 'verify', 'verify', 'remove', 'wrongCode', 'replace'],
};

const usual: MachinePolicy = {
  onDisable: 'keep',
  required: false,
  exclusive: false,
  recoveryCodes: 3,
  acknowledgementRequired: false,
  trustedBrowsers: true,
};
const policies: MachinePolicy[] = [
  usual,
  { ...usual, onDisable: 'remove' },
  { ...usual, acknowledgementRequired: true },
  { ...usual, recoveryCodes: 0 },
  { ...usual, exclusive: true },
  { ...usual, required: true },
  { ...usual, exclusive: true, acknowledgementRequired: true, onDisable: 'remove' },
];

interface Step {
  readonly who: number;
  /** Either by its name, or one of those that the state has, by number. */
  readonly what: Command | number;
  readonly pick: number;
}

function actOf(walker: Walker, { what, pick }: Step): [Command, Act | undefined] {
  if (typeof what === 'string') return [what, commands[what](walker, pick)];
  const next = likely[walker.machine.state];
  const names = [...next, ...next, ...next, ...(Object.keys(commands) as Command[])];
  const open = names.filter((name) => commands[name](walker, pick) !== undefined);
  const name = choose(open, what) ?? 'begin';
  return [name, commands[name](walker, pick)];
}

async function walk(policy: MachinePolicy, steps: readonly Step[]): Promise<void> {
  const walkers = await Walker.pair(policy);
  const trail: string[] = [];
  try {
    for (const step of steps) {
      const walker = walkers[step.who];
      if (!walker) continue;
      const [name, act] = actOf(walker, step);
      trail.push(`${'ab'[step.who]}: ${walker.machine.state}, ${name} ${step.pick}`);
      if (!act) throw new Error('There is nothing to do it with.');
      await act();
      await walker.look();
    }
    for (const walker of walkers) {
      await walker.look();
      await walker.tryRecoveryCodes();
    }
    expect(await panel.miscounted()).toEqual([]);
  } catch (error) {
    throw new Error(`On the way of ${trail.join('; ')}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

describe('T43: every order of verify, remove, off, on, reset, import, erase', () => {
  const step: fc.Arbitrary<Step> = fc.record({
    // Mostly one, so that their ways are long.
    who: fc.constantFrom(0, 0, 0, 0, 1),
    what: fc.noBias(fc.nat({ max: 10_000 })),
    pick: fc.noBias(fc.nat({ max: 11 })),
  });

  test(
    'is what the machine says',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...policies),
          fc.array(step, { minLength: 12, maxLength: 14, size: 'max' }),
          walk,
        ),
        {
          numRuns: runs,
          ...(seed === undefined ? {} : { seed: Number(seed) }),
          ...(path === undefined ? {} : { path }),
        },
      );
    },
    patienceMs,
  );

  /** `remove.1` removes the second of the devices. */
  const list = (text: string): Step[] =>
    text.split(' ').map((word) => {
      const [what = '', pick = '0'] = word.split('.');
      return { who: 0, what: what as Command, pick: Number(pick) };
    });
  const [saving = usual] = policies.filter(({ acknowledgementRequired }) => acknowledgementRequired);
  test.each<[string, MachinePolicy, string]>([
    // The last device goes while it is off: the next one is a first one again, and no code of before counts.
    ['off, removed, a new one', usual, 'begin verify off remove begin verify'],
    ['off, removed with an enrolment under way', usual, 'begin verify begin off remove begin verify'],
    [
      'off, one of two removed, disabled the other',
      usual,
      'begin verify begin verify wrongCode off remove.1 remove begin verify',
    ],
    [
      'off, removed with an enrolment that was disabled',
      usual,
      'begin verify begin wrongCode.1 off remove begin verify',
    ],
    ['off, removed, imported', usual, 'begin verify off remove import off on'],
    ['off, another verified beside the one that was kept', usual, 'begin verify off begin verify on remove remove'],
    ['off, replaced', usual, 'begin verify off replace verify on'],
    ['off and on: the codes of before', usual, 'begin verify spendCode off on'],
    ['new codes while it is off', usual, 'begin verify off regenerate spendCode on'],
    ['the company requires it', { ...usual, required: true }, 'begin verify trust off reset begin verify'],
    ['codes shown by an enrolment that an import ends', saving, 'begin import acknowledge off remove begin'],
    ['codes shown by an enrolment that is canceled', saving, 'begin remove acknowledge begin acknowledge verify'],
    ['codes shown by two enrolments', saving, 'begin acknowledge begin verify acknowledge verify verify.1'],
    ['erased and back, with a seed that is known', usual, 'import off remove import erase import begin verify'],
  ])('%s', async (_, policy, steps) => walk(policy, list(steps)), 60_000);
});
