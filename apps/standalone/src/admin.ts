import { explain } from '#runtime';
import { adminProgram } from './admin/program.js';
import { Refusal, Shell } from './admin/shell.js';

try {
  await adminProgram(new Shell(process.stdout.isTTY)).parseAsync();
} catch (error) {
  process.stderr.write(`admin: ${error instanceof Refusal ? error.message : explain(error)}\n`);
  process.exitCode = 1;
}
