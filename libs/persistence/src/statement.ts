declare const nothing: unique symbol;
/** Of a statement that takes no values, or answers no rows. An object type without any field would take every object. */
export interface Nothing {
  readonly [nothing]?: never;
}

/** One SQL statement with a name, prepared once per connection. */
export interface Statement<Row extends object = object, Values extends object = never> {
  readonly name: string;
  readonly text: string;
  /** What its values are called: the first is `$1` in the text. */
  readonly names: readonly string[];
  /** For the compiler only: the values by their names, and a row of the answer. */
  readonly types?: (values: Values) => Row;
}

/** The values of a statement as its text writes them down. */
export type Placeholders<Values> = { readonly [Name in keyof Values]-?: string };

const declared = new Map<string, Statement>();

/** Every statement of the modules loaded so far, by its name: a test asks whether each role may run its own. */
export const declaredStatements: ReadonlyMap<string, Statement> = declared;

/** `$name` for every name: `statement` gives each its number. */
const placeholders: unknown = new Proxy({}, { get: (_, name) => `$${String(name)}` });

/**
 * Declares a statement, as in
 *
 *     const findKey = statement<{ id: string }, { hash: Buffer }>(
 *       'key.find',
 *       ($) => sql`select id from api_key where hash = ${$.hash}`,
 *     );
 *     await database.one(findKey, { hash });
 *
 * The text is put together once, when the module is loaded. A value that stands in it several times is one parameter. Parts
 * that statements share are functions that take such placeholders, and other pieces of SQL.
 * @throws {TypeError} for two with one name, of which only the first one's text would run; and for a text with a number
 */
export function statement<Row extends object, Values extends object = Nothing>(
  name: string,
  text: string | ((values: Placeholders<Values>) => string),
): Statement<Row, Values> {
  if (declared.has(name)) throw new TypeError(`Two statements are called "${name}".`);
  const made = { name, ...numbered(typeof text === 'string' ? text : text(placeholders as Placeholders<Values>)) };
  declared.set(name, made);
  return made;
}

/** SQL, of whose parts each is SQL itself, a placeholder or a number of ours. */
export function sql(strings: TemplateStringsArray, ...parts: readonly (string | number)[]): string {
  return String.raw(strings, ...parts);
}

/** Writes `$1` for the first name that stands in a text, `$2` for the next, and so on. */
function numbered(text: string): { text: string; names: readonly string[] } {
  if (/\$\d/.test(text)) throw new TypeError(`Values have names here, and no numbers: ${text}`);
  const names = [...new Set(text.match(/(?<=\$)[a-z]\w*/gi))];
  return { names, text: text.replaceAll(/\$([a-z]\w*)/gi, (_, name: string) => `$${names.indexOf(name) + 1}`) };
}

/** Every subset of some names, the names in their order: of a list's filters, each set has a statement of its own. */
export function subsets<Name>(names: readonly Name[]): Name[][] {
  return names.reduce<Name[][]>((sets, name) => [...sets, ...sets.map((set) => [...set, name])], [[]]);
}
