// The "slim" build, and everything off that PostHog captures or loads by itself. Its client drops more than 10 events a
// second by default, and all events of a headless browser: the limit is raised, the filter is off.
import posthog from "posthog-js/dist/module.slim.no-external.js";

// Before it is ready, which may be at once.
window.benchTrack = (event) => void posthog.capture(event.event_type, event);
posthog.init("bench", {
  api_host: `${location.origin}/posthog`,
  autocapture: false,
  capture_pageview: false,
  capture_pageleave: false,
  disable_session_recording: true,
  disable_surveys: true,
  advanced_disable_flags: true,
  opt_out_useragent_filter: true,
  rate_limiting: { events_per_second: 100_000, events_burst_limit: 1_000_000 },
  loaded: () => benchReady(),
});
