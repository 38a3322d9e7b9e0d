/**
 * Says what a script does, where `--help` asks for it, and refuses what it does not know: then the process ends.
 * @param words one line
 * @param known arguments that the script itself reads
 */
export function answerHelp(words: string, known: readonly string[] = []): void {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${words}\n`);
    process.exit(0);
  }
  const unknown = args.find((arg) => !known.includes(arg));
  if (unknown === undefined) return;
  process.stderr.write(`sallyport: "${unknown}" is not known. See --help.\n`);
  process.exit(2);
}
