import { inSpan, tracing } from '#runtime';

/**
 * Runs a statement in a span, where it is part of a trace: by its name, without its text and its values. What loops ask all the
 * time is part of none.
 */
export function tracedStatement<T>(name: string, run: () => Promise<T>): Promise<T> {
  const facts = { 'db.system.name': 'postgresql', 'db.query.summary': name };
  return inSpan(tracing()?.beginBelow({ name, kind: 'client', facts }), run);
}
