/**
 * Makes `make` run once at a time: those who ask while it runs share one further run, which sees all that changed until
 * they asked. So a crowd costs two runs.
 */
export function oneAtATime<T>(make: () => Promise<T>): () => Promise<T> {
  let before: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | null = null;
  return () => {
    if (next) return next;
    next = before.then(() => {
      next = null;
      return make();
    });
    before = next.catch(() => {});
    return next;
  };
}
