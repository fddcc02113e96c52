// The "lite" build: the one that RudderStack recommends where events go to its data plane only. Its settings are given,
// where they would be one more request.
import { RudderAnalytics } from "@rudderstack/analytics-js/lite";

const analytics = new RudderAnalytics();
const source = {
  id: "source",
  name: "bench",
  writeKey: "bench",
  enabled: true,
  workspaceId: "bench",
  destinations: [],
  connections: [],
  config: { statsCollection: { errors: { enabled: false }, metrics: { enabled: false } } },
};
// Before it is ready, which may be at once.
window.benchTrack = (event) => analytics.track(event.event_type, event);
analytics.load("bench", `${location.origin}/rudderstack`, {
  getSourceConfig: () => ({ source }),
  sendAdblockPage: false,
  logLevel: "NONE",
});
analytics.ready(() => benchReady());
