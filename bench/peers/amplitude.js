// Everything that Amplitude captures by itself is off, and so are its remote settings: what is left is a queue of events.
import { init, track } from "@amplitude/analytics-browser";

const options = { serverUrl: `${location.origin}/amplitude`, autocapture: false };
const quiet = { remoteConfig: { fetchRemoteConfig: false }, logLevel: 0 };
init("benchmark", { ...options, ...quiet }).promise.then(() => benchReady());
window.benchTrack = (event) => void track(event.event_type, event);
