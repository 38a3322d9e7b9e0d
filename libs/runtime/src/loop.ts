export interface Loop {
  /** Cuts the present pause short, or leaves out the next one. */
  wake(): void;
  /** Ends after the present turn, which is waited for. */
  stop(): Promise<void>;
}

/**
 * Takes turns until it is stopped.
 * @param turn one turn; returns ms of pause until the next. It must not throw: it knows what its faults mean.
 */
export function startLoop(turn: () => Promise<number>): Loop {
  let stopped = false;
  let woken = false;
  let endPause = () => {};

  const run = async () => {
    while (!stopped) {
      woken = false;
      const pauseMs = await turn();
      if (stopped || woken) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pauseMs);
        endPause = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  const running = run();

  return {
    wake: () => {
      woken = true;
      endPause();
    },
    stop: async () => {
      stopped = true;
      endPause();
      await running;
    },
  };
}
