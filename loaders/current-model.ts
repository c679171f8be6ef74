import type {QueryEngine} from "./engine.ts";

/** Hash of the model whose verdicts the pages show: the one that scored most flows; null where no flow was scored. */
export async function currentModel(engine: QueryEngine): Promise<string | null> {
  const {rows} = await engine.query("SELECT model FROM verdicts GROUP BY model ORDER BY COUNT(*) DESC, model LIMIT 1");
  return rows.length > 0 ? String(rows[0][0]) : null;
}
