/** A table or view of the lake with its columns, as `data/schema.json` has it. */
export interface LakeTable {
  readonly name: string;
  readonly doc: string;
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly doc: string;
    /** What redaction takes its text for; absent of numbers, and of views. */
    readonly kind?: string;
  }[];
}

/** Tables whose name, columns or descriptions hold every word, and of the others nothing; all where there is no word. */
export function searchSchema(tables: readonly LakeTable[], text: string): readonly LakeTable[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return tables;
  const holds = (where: string) => words.every((word) => where.toLowerCase().includes(word));
  return tables.flatMap((table) => {
    if (holds(`${table.name} ${table.doc}`)) return table;
    const columns = table.columns.filter(({name, doc}) => holds(`${table.name} ${name} ${doc}`));
    return columns.length > 0 ? {...table, columns} : [];
  });
}
