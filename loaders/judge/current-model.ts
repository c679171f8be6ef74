import {literal} from "../../schema/ddl.ts";
import type {QueryEngine} from "../../schema/engine.ts";
import {verdictRows} from "../../schema/verdicts.ts";

/**
 * Hash of the model whose verdicts the pages show: `own`, the project's, where it scored any flow, else the one that
 * scored most; null where no flow was scored. Whoever runs loaders names the project's in `FLOWBOOK_MODEL`.
 */
export async function currentModel(engine: QueryEngine, own = process.env.FLOWBOOK_MODEL): Promise<string | null> {
  const {rows} = await engine.query(modelSql(own ?? ""));
  return rows.length > 0 ? String(rows[0][0]) : null;
}

/** The model as a statement: a row, or none where no flow was scored. */
export function modelSql(own: string): string {
  return `SELECT model FROM ${verdictRows}
GROUP BY model ORDER BY CASE WHEN model = ${literal(own)} THEN 0 ELSE 1 END, COUNT(*) DESC, model LIMIT 1`;
}
