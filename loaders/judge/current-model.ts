import type {QueryEngine} from "../../schema/engine.ts";

/**
 * Hash of the model whose verdicts the pages show: `own`, the project's, where it scored any flow, else the one that
 * scored most; null where no flow was scored. Whoever runs loaders names the project's in `FLOWBOOK_MODEL`.
 */
export async function currentModel(engine: QueryEngine, own = process.env.FLOWBOOK_MODEL): Promise<string | null> {
  const {rows} = await engine.query(
    "SELECT model FROM verdicts GROUP BY model ORDER BY CASE WHEN model = ? THEN 0 ELSE 1 END, COUNT(*) DESC, model LIMIT 1",
    [own ?? ""]
  );
  return rows.length > 0 ? String(rows[0][0]) : null;
}
