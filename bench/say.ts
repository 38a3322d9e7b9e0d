const began = performance.now();

/** Tells of progress, with the seconds since the start. Results go to stdout, or into a file. */
export const say = (line: string): void => {
  process.stderr.write(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${line}\n`);
};
