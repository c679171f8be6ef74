/** Work of a page in turns, between which it can draw and take events. */
export interface Turns {
  /** What the page shows first: in the order asked. */
  soon(): Promise<void>;
  /** What may wait until nothing is wanted sooner. */
  later(): Promise<void>;
}

/** Milliseconds of work after which the page gets a frame. */
const untilFrame = 30;
/** A tab in the background has no frames. */
const longestFrame = 100;

/** Each turn begins when the work of the one before has ended; `frame` waits until the page has drawn. */
export function turns(frame: () => Promise<void> = nextFrame, now: () => number = () => performance.now()): Turns {
  const waiting: {soon: (() => void)[]; later: (() => void)[]} = {soon: [], later: []};
  let isRunning = false;
  const run = async () => {
    isRunning = true;
    let since = now();
    // A timer: all that is asked now is known before the first turn.
    await new Promise((turn) => setTimeout(turn));
    for (let begin = next(); begin; begin = next()) {
      begin();
      // The work of a turn runs before this timer does.
      await new Promise((turn) => setTimeout(turn));
      if (now() - since < untilFrame) continue;
      await frame();
      since = now();
    }
    isRunning = false;
  };
  const next = () => waiting.soon.shift() ?? waiting.later.shift();
  const wait = (line: (() => void)[]) =>
    new Promise<void>((begin) => {
      line.push(begin);
      if (!isRunning) void run();
    });
  return {soon: () => wait(waiting.soon), later: () => wait(waiting.later)};
}

function nextFrame(): Promise<void> {
  return new Promise((done) => {
    const late = setTimeout(done, longestFrame);
    // Outside a browser there are none either.
    globalThis.requestAnimationFrame?.(() => {
      clearTimeout(late);
      setTimeout(done);
    });
  });
}
