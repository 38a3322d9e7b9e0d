/** The form of a word that goes with a whole number in Czech and Slovak alike: with 1, with 2 to 4, with all others. */
export function counted(count: number, one: string, few: string, many: string): string {
  if (count === 1) return one;
  return count >= 2 && count <= 4 ? few : many;
}
