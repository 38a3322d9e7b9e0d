import { statementChannel } from '#persistence';

/** Looks an API key up: what it found is believed for some seconds, so at most one call in many has it. */
export const lookUp = 'authenticate-api-key';

/**
 * Names of the statements that run meanwhile, without those that look an API key up. One that PostgreSQL gives up to end a
 * deadlock is run again, and counts twice.
 */
export async function statementsOf(work: () => Promise<void>): Promise<string[]> {
  const names: string[] = [];
  const listen = (name: unknown) => void names.push(String(name));
  statementChannel.subscribe(listen);
  try {
    await work();
  } finally {
    statementChannel.unsubscribe(listen);
  }
  return names.filter((name) => name !== '' && name !== lookUp);
}
