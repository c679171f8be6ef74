/**
 * Ends the worker thread that calls it, with what it has posted told. One that ends by itself waits for V8's background
 * work first, and threads that do so at the same time may wait for each other for ever (nodejs/node#54918, Node 20).
 */
export function endThread(): void {
  process.exit(0);
}
