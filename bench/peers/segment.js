// Its settings are given, where they would be one more request.
import { AnalyticsBrowser } from "@segment/analytics-next";

const cdnSettings = {
  integrations: { "Segment.io": { apiKey: "bench", apiHost: `${location.host}/segment/v1`, protocol: "http" } },
};
const options = { integrations: { "Segment.io": { apiHost: `${location.host}/segment/v1`, protocol: "http" } } };
const analytics = AnalyticsBrowser.load({ writeKey: "bench", cdnSettings }, options);
// Once loaded the calls go to the instance, as `analytics.track` does, without a promise in between.
analytics.then(([instance]) => {
  window.benchTrack = (event) => void instance.track(event.event_type, event);
  benchReady();
});
