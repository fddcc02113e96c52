// The package on a server, as ES module.
import server from "./server.cjs";

export const { start, track, userengage, decorate, flush, setConsent, status, on } = server;
