// The package on a server: the same names, and nothing happens. A shop renders its pages there and calls in the browser.
const problem = { ok: false, errors: [{ code: "not_started" }], warnings: [] };

module.exports = {
  start: () => false,
  track: () => problem,
  userengage() {},
  decorate() {},
  flush() {},
  setConsent() {},
  status() {},
  on: () => () => {},
};
