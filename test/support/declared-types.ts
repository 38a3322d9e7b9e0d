import { join } from 'node:path';
import ts from 'typescript';

/** One place in the sources where statements are declared, and what it says of them. */
export interface DeclaredTypes {
  /** Of which statements: one, or those whose names begin and end alike. */
  readonly names: RegExp;
  /** Columns of a row, or null where nobody reads them. */
  readonly columns: readonly string[] | null;
  /** Values that have to be given. */
  readonly values: readonly string[];
}

const root = join(import.meta.dirname, '../..');

/**
 * The types of `Statement` and `BatchStatement` as the compiler reads them out of the sources: at run time there are none.
 * @param paths of the sources, from the root of the repository
 */
export function readDeclaredTypes(paths: readonly string[]): DeclaredTypes[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, root);
  const program = ts.createProgram({ rootNames: paths.map((path) => join(root, path)), options });
  const checker = program.getTypeChecker();
  const found: DeclaredTypes[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isCallExpression(node)) found.push(...typesOf(checker, node));
    ts.forEachChild(node, visit);
  };
  for (const path of paths) visit(program.getSourceFile(join(root, path)) as ts.SourceFile);
  return found;
}

function typesOf(checker: ts.TypeChecker, call: ts.CallExpression): DeclaredTypes[] {
  const names = call.arguments[0] && patternOf(call.arguments[0]);
  const type = checker.getTypeAtLocation(call);
  const kind = type.symbol?.name;
  if (!names || (kind !== 'Statement' && kind !== 'BatchStatement')) return [];
  const [row, values] = checker.getTypeArguments(type as ts.TypeReference) as [ts.Type, ts.Type];
  const columns = row.flags & ts.TypeFlags.NonPrimitive ? null : fieldsOf(checker, row);
  if (kind === 'Statement') return [{ names, columns, values: fieldsOf(checker, values, 'required') }];
  const ofBatch = { columns: columns && [...columns, 'n'], values: ['calls'] };
  if (!call.expression.getText().startsWith('changing')) return [{ names, ...ofBatch }];
  // Two statements of one text.
  const together = new RegExp(names.source.replace(/\$$/, '-together$'));
  return [
    { names, columns: ofBatch.columns, values: fieldsOf(checker, values) },
    { names: together, ...ofBatch },
  ];
}

/** A name, with anything where it is filled in. */
function patternOf(name: ts.Expression): RegExp | undefined {
  const exactly = (...parts: string[]) =>
    new RegExp(`^${parts.map((part) => part.replaceAll('.', '\\.')).join('.*')}$`);
  if (ts.isStringLiteral(name)) return exactly(name.text);
  if (!ts.isTemplateExpression(name)) return undefined;
  return exactly(name.head.text, ...name.templateSpans.map(({ literal }) => literal.text));
}

/** Names of the fields that some value of a type has. */
function fieldsOf(checker: ts.TypeChecker, type: ts.Type, which: 'all' | 'required' = 'all'): string[] {
  const members = type.isUnion() ? type.types : [type];
  const fields = members.flatMap((member) => checker.getPropertiesOfType(member));
  const wanted = fields.filter(({ flags }) => which === 'all' || !(flags & ts.SymbolFlags.Optional));
  // Those of `Nothing` and its like are no names.
  return [...new Set(wanted.map(({ name }) => name).filter((name) => !name.startsWith('__@')))].toSorted();
}
