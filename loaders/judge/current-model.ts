import {literal} from "../../schema/ddl.ts";
import type {QueryEngine} from "../../schema/engine.ts";
import {verdictRows} from "../../schema/verdicts.ts";

/**
 * Hash of the model whose verdicts the pages show: `own`, the project's, where it scored any flow, else the one that
 * scored most; null where no flow was scored. Whoever runs loaders names the project's in `FLOWBOOK_MODEL`.
 */
export async function currentModel(engine: QueryEngine, own = process.env.FLOWBOOK_MODEL): Promise<string | null> {
  for (const sql of modelSqls(own ?? "")) {
    const {rows} = await engine.query(sql);
    if (rows.length > 0) return String(rows[0][0]);
  }
  return null;
}

/** The model as statements, of which the first that has a row tells it. To find the project's own ends at its first verdict. */
export function modelSqls(own: string): readonly string[] {
  return [
    ...(own === "" ? [] : [`SELECT model FROM ${verdictRows} WHERE model = ${literal(own)} LIMIT 1`]),
    `SELECT model FROM ${verdictRows} GROUP BY model ORDER BY COUNT(*) DESC, model LIMIT 1`
  ];
}
