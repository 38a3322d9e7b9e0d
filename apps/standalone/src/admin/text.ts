/** An answer as text: a list of objects as a table, an object as a line for each field. */
export function textOf(answer: unknown): string {
  if (!Array.isArray(answer)) return isObject(answer) ? fieldsOf(answer) : valueOf(answer);
  if (answer.length === 0) return 'None.';
  return answer.every(isObject) ? tableOf(answer) : answer.map(valueOf).join('\n');
}

/** With the columns of all rows, as they first come; empty where a row has none. */
export function tableOf(rows: readonly object[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = rows.map((row) => columns.map((column) => valueOf((row as Record<string, unknown>)[column])));
  const lines = [columns.map(titleOf), ...cells];
  const widths = columns.map((_, n) => Math.max(...lines.map((line) => line[n]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, n) => cell.padEnd(widths[n] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Fields of fields stand under their name, with two spaces before them. */
export function fieldsOf(answer: object, indent = ''): string {
  const fields = Object.entries(answer).filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...fields.map(([name]) => titleOf(name).length));
  return fields
    .map(([name, value]) => {
      const title = `${indent}${titleOf(name)}`;
      if (Array.isArray(value) && value.length > 0 && value.every(isObject)) {
        return `${title}:\n${tableOf(value).replace(/^/gm, `${indent}  `)}`;
      }
      return isObject(value)
        ? `${title}:\n${fieldsOf(value, `${indent}  `)}`
        : `${title.padEnd(width + indent.length)}  ${valueOf(value)}`;
    })
    .join('\n');
}

/** `createdAt` as `created at`. */
function titleOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function valueOf(value: unknown): string {
  if (value === null || value === undefined || value === '') return '-';
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(valueOf).join(', ');
  if (typeof value === 'object') return JSON.stringify(value);
  // What comes from outside must not move the cursor of whoever reads it.
  return String(value as string | number | boolean).replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\uFFFD');
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
