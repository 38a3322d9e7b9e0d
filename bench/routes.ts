import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fixed, learned, oracle, providers, run, type Model, type Result } from './routes-model.ts';

/** What an order that learns is worth, as a table: docs/routes-learning.md has it. */
const usage = `Compares orders of four simulated SMS providers. docs/routes-learning.md says what they are.

node bench/routes.ts [options]

  --codes <n>   codes for each of three countries (20000)
  --seed <n>    whatever it is, the same one gives the same figures (1)
  --write       puts the table into docs/routes-learning.md, instead of printing it
`;

const doc = new URL('../docs/routes-learning.md', import.meta.url);
const [begin, end] = ['<!-- table: npm run bench:routes -- --write -->\n', '<!-- end of table -->'];

function read(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      codes: { type: 'string', default: '20000' },
      seed: { type: 'string', default: '1' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const number = (name: 'codes' | 'seed', least: number, most: number) => {
    const value = Number(values[name]);
    if (!(Number.isInteger(value) && value >= least && value <= most)) {
      throw new Error(`--${name} must be a whole number from ${least} to ${most}.`);
    }
    return value;
  };
  return { ...values, codes: number('codes', 500, 1_000_000), seed: number('seed', 0, 1e9) };
}

function table(base: Model): string {
  const dying: Model = { ...base, outage: { provider: 'patchy', from: 0.4, until: 0.6 } };
  const row = (name: string, usual: Result, outage: Result) => {
    const percent = (share: number | undefined) => `${((share ?? 0) * 100).toFixed(1)} %`;
    const { entered, costPerEntered, medianSeconds, changes } = usual;
    const figures = [percent(entered), costPerEntered.toFixed(4), `${medianSeconds.toFixed(1)} s`, String(changes)];
    return `| ${[name, ...figures, percent(outage.entered), percent(outage.fifths[2])].join(' | ')} |\n`;
  };
  const cheapestFirst = ['liar', 'slow', 'patchy', 'sure'] as const;
  const rows = [
    ...Object.keys(providers).map((name) => {
      const order = fixed(name as keyof typeof providers);
      return row(`always \`${name}\``, run(base, order), run(dying, order));
    }),
    row('**learns**, begins with the cheapest', run(base, learned(cheapestFirst)), run(dying, learned(cheapestFirst))),
    row('knows all (oracle)', run(base, oracle(base)), run(dying, oracle(dying))),
  ];
  return [
    '| order | codes entered in time | cost of each | half are entered within | changes | entered, with an outage | of these, during it |\n',
    '|---|---|---|---|---|---|---|\n',
    ...rows,
  ].join('');
}

try {
  const { codes, seed, write, help } = read(process.argv.slice(2));
  if (help) process.stdout.write(usage);
  else if (write) {
    const text = readFileSync(doc, 'utf8');
    const [from, until] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || until < from) throw new Error('docs/routes-learning.md has no place for the table.');
    writeFileSync(
      doc,
      `${text.slice(0, from + begin.length)}\n${table({ codes, seed, perTurn: 50 })}\n${text.slice(until)}`,
    );
  } else process.stdout.write(table({ codes, seed, perTurn: 50 }));
} catch (error) {
  process.stderr.write(`routes: ${(error as Error).message} See --help.\n`);
  process.exitCode = 2;
}
