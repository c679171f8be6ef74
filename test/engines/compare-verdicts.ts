import {openEngine} from "../../capture/partitions/engine.ts";
import {verdictColumns} from "../../schema/verdicts.ts";

/**
 * Compares the files of verdicts of two lakes: rows of either, rows with other texts, truth values or NULLs, and the largest
 * difference of a number.
 */
export async function compareVerdicts(
  here: string,
  there: string
): Promise<{readonly rows: number; readonly otherValues: number; readonly largest: number}> {
  const instance = await openEngine("1GB");
  const connection = await instance.connect();
  const numbers = verdictColumns.filter(({type}) => type === "FLOAT").map(({name}) => name);
  const others = verdictColumns.filter(({type}) => type !== "FLOAT").map(({name}) => name);
  const isOther = [
    ...others.map((name) => `a.${name} IS DISTINCT FROM b.${name}`),
    ...numbers.map((name) => `(a.${name} IS NULL) <> (b.${name} IS NULL)`)
  ].join(" OR ");
  const largest = numbers.map((name) => `max(abs(a.${name} - b.${name}))`).join(", ");
  const [[rows, otherValues, most]] = await (
    await connection.run(
      `SELECT count(*), count(*) FILTER (${isOther}), greatest(${largest})
       FROM '${here}/verdicts/*.parquet' AS a FULL JOIN '${there}/verdicts/*.parquet' AS b ON a.flow_id = b.flow_id`
    )
  ).getRows();
  connection.closeSync();
  instance.closeSync();
  return {rows: Number(rows), otherValues: Number(otherValues), largest: Number(most)};
}
