// Plain JSON instead of base64, which is smaller on the wire.
import { newTracker, trackSelfDescribingEvent } from "@snowplow/browser-tracker";

newTracker("bench", `${location.origin}/snowplow`, { appId: "bench", encodeBase64: false });
const schema = "iglu:com.example/product_event/jsonschema/1-0-0";
window.benchTrack = (data) => trackSelfDescribingEvent({ event: { schema, data } });
benchReady();
