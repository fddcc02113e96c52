// Runs inside the page that is measured.
const memories = [];
const { Instance } = WebAssembly;
// measureUserAgentSpecificMemory does not count WebAssembly's.
WebAssembly.Instance = function (module, imports) {
  const instance = new Instance(module, imports);
  for (const value of Object.values(instance.exports)) if (value instanceof WebAssembly.Memory) memories.push(value);
  return instance;
};

globalThis.bench = {
  event: (number) => ({
    product_id: `p-${number}`,
    event_type: "add to cart",
    name: "Watering can",
    price: 24.5,
    category: "Garden",
  }),

  /**
   * Runs a script, and answers how long it took until it was ready, and until an event with this number, if there is one,
   * was called for at once and the call had returned.
   */
  async load(code, dataset, number) {
    const script = document.createElement("script");
    Object.assign(script.dataset, dataset);
    script.textContent = code;
    const told = new Promise((done) => {
      globalThis.benchReady = () => {
        const ready = performance.now();
        if (number) benchTrack(bench.event(number));
        done({ ready, called: performance.now() });
      };
    });
    const began = performance.now();
    document.head.append(script);
    const { ready, called } = await told;
    return { ready: ready - began, called: called - began };
  },

  /** Calls so often, twenty at a time, and answers how long each call took, in milliseconds. */
  async call(first, count, seconds = 60) {
    const times = [];
    const end = performance.now() + seconds * 1000;
    while (times.length < count && performance.now() < end) {
      for (let i = 0; i < 20 && times.length < count; i++) {
        const event = bench.event(first + times.length);
        const began = performance.now();
        benchTrack(event);
        times.push(performance.now() - began);
      }
      // As often as the browser lets a timer run: what a contestant has put off gets its turn.
      await new Promise((next) => setTimeout(next));
    }
    return times;
  },

  /** What JavaScript and WebAssembly take, in bytes. */
  async memory() {
    const { bytes } = await performance.measureUserAgentSpecificMemory();
    return memories.reduce((sum, { buffer }) => sum + buffer.byteLength, bytes);
  },

  /** The numbers of events that localStorage holds, in whatever form. */
  stored() {
    const found = new Set();
    for (const text of Object.values({ ...localStorage }))
      for (const [, number] of text.matchAll(/\bp-(\d+)\b/g)) found.add(number);
    return found.size;
  },
};
