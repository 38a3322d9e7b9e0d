/** Batches of one kind in one turn: a backlog of one kind must not keep the others waiting. */
export const batchesPerTurn = 20;

/**
 * Runs a batch until one is not full, or the turn is over.
 * @param batch does one, and says how many rows it had
 * @param size rows of a full batch
 * @returns rows of all of them
 */
export async function repeatBatches(batch: () => Promise<number>, size: number): Promise<number> {
  let total = 0;
  for (let round = 0; round < batchesPerTurn; round += 1) {
    const count = await batch();
    total += count;
    if (count < size) break;
  }
  return total;
}
