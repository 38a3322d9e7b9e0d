import { resolve } from 'node:path';
import { answersHelp, assertSettings, drainMs, explain } from '#runtime';
import { description, isNeeded } from './description.js';
import type { Standalone } from './start/start-standalone.js';

/** `npm start`. Words for people go to stderr, so that stdout holds structured logs and nothing else. */
const say = (line: string) => void process.stderr.write(`${line}\n`);

const interruption = new AbortController();
let starting: Promise<Standalone> | undefined;
let ending = false;

/** Drains once, whoever asks and however often: npm passes on a Ctrl-C that the terminal has sent here already. */
async function end(status: number, words: string): Promise<void> {
  if (ending) return;
  ending = true;
  say(words);
  setTimeout(() => {
    say(`sallyport: still busy after ${drainMs / 1000} s, leaving.`);
    process.exit(1);
  }, drainMs).unref();
  interruption.abort();
  const standalone = await starting?.catch(() => undefined);
  await standalone?.stop();
  say('Stopped.');
  process.exit(status);
}

// Words for whoever asks, before anything is loaded that takes its time.
if (answersHelp(description, `Ctrl-C or SIGTERM finishes what was begun, within ${drainMs / 1000} s.`)) process.exit();

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => void end(0, '\nFinishing what was begun …'));
}
for (const stream of [process.stdout, process.stderr]) {
  // Whoever read the output may leave before us.
  stream.on('error', () => undefined);
}
process.on('uncaughtException', (error) => void end(1, `sallyport: ${explain(error)}`));

try {
  // Before anything is loaded that takes its time.
  assertSettings(description.settings, isNeeded);
  const { startStandalone } = await import('./start/start-standalone.js');
  starting = startStandalone({ say, signal: interruption.signal });
  const standalone = await starting;
  if (!ending) welcome(standalone);
  void standalone.lostDatabase.then((words) => end(1, `sallyport: ${words}`));
} catch (error) {
  if (!ending) {
    say(`sallyport: ${explain(error)}`);
    process.exit(1);
  }
}

/** The API key is in the file and nowhere else: what is printed stands in terminals and in the logs of whatever runs this. */
function welcome({ gatewayUrl, docsUrl, panelUrl, inboxUrl, metricsUrl, quickstartFile }: Standalone): void {
  const file = resolve(quickstartFile);
  const readKey = `node -p ${shellQuoted(`require(${JSON.stringify(file)}).apiKey`)}`;
  say(`
  Sallyport is ready.

    Panel     ${panelUrl}  (a control panel to try it with)
    Gateway   ${gatewayUrl}
    Docs      ${docsUrl}
    Inbox     ${inboxUrl ?? 'none: SMS and e-mail go to their providers'}
    Metrics   ${metricsUrl}
    API keys  ${quickstartFile}

  Try it:

    curl -X PUT ${gatewayUrl}/v1/accounts/acme \\
      -H "Authorization: Bearer $(${readKey})" \\
      -H 'Content-Type: application/json' -d '{"name":"Acme"}'

  Ctrl-C stops it.
`);
}

/** For a POSIX shell. */
function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
