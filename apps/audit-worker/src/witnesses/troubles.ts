/** What stands against each log of a witness, counted by reason. */
export class Troubles<Trouble extends { readonly reason: string; readonly message: string }> {
  private readonly ofLog = new Map<string, Trouble>();

  count(isCounted: (trouble: Trouble) => boolean): number {
    return [...this.ofLog.values()].filter(isCounted).length;
  }

  /** @returns whether it is the first of its reason */
  set(tenantId: string, trouble: Trouble): boolean {
    const isFirst = !this.has(trouble.reason);
    this.ofLog.set(tenantId, trouble);
    return isFirst;
  }

  get(tenantId: string): Trouble | undefined {
    return this.ofLog.get(tenantId);
  }

  /** @returns whether there was something, and nothing is left */
  clear(tenantId: string): boolean {
    return this.ofLog.delete(tenantId) && this.ofLog.size === 0;
  }

  /** Forgets all others: they are cosigned, or gone. */
  keep(tenantIds: ReadonlySet<string>): void {
    for (const tenantId of this.ofLog.keys()) if (!tenantIds.has(tenantId)) this.ofLog.delete(tenantId);
  }

  /** For how many logs which words stand. */
  counted(): { words: string; count: number }[] {
    const groups = Map.groupBy(this.ofLog.values(), ({ reason }) => reason);
    return [...groups.values()].map((group) => ({ words: group[0]?.message ?? '', count: group.length }));
  }

  private has(reason: string): boolean {
    for (const trouble of this.ofLog.values()) if (trouble.reason === reason) return true;
    return false;
  }
}
