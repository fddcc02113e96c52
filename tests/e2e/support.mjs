// Waiting with a deadline, and undoing in reverse order.

/** Asks again every 25 ms until the answer is neither undefined nor false; after the deadline fails with `explain()`. */
export async function until(question, explain = () => "", deadline = 10_000) {
  const end = performance.now() + deadline;
  for (;;) {
    const answer = await question();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > end) throw new Error(`Not within ${deadline / 1000} s. ${await explain()}`);
    await new Promise((next) => setTimeout(next, 25));
  }
}

const undone = new WeakMap();

/**
 * Does `work` after the test, the last one first: pages close before their server does. `t.after` alone would go in the
 * order of registration.
 */
export function undo(t, work) {
  if (!undone.has(t)) {
    const all = [];
    undone.set(t, all);
    t.after(async () => {
      const errors = [];
      for (const one of all.reverse()) {
        try {
          await one();
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length) throw errors[0];
    });
  }
  undone.get(t).push(work);
}
