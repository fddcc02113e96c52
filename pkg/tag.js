// The script tag's door: options from the tag and from `window.tillpost`.
import { beside } from "./beside.mjs";
import { install } from "./globals.mjs";
import { isControl } from "./keep.mjs";
import { decorate } from "./panel.mjs";
import { flush, on, setConsent, start, status, track } from "./runtime.mjs";

const flag = (text) => !/^(false|0)$/.test(text);
const list = (text) => text.split(/[\s,]+/).filter(Boolean);

/** The attributes of a tag are text; these options are something else. */
const typed = {
  debug: flag,
  wasm: flag,
  globalPrivacyControl: flag,
  cleanAddress: flag,
  bindTokens: flag,
  tokenParameters: list,
  queryParameters: list,
  linkOrigins: list,
  // data-attributes="price: float, on sale: boolean"
  attributes: (text) =>
    Object.fromEntries(
      text
        .split(",")
        .filter((part) => part.trim())
        .map((part) => part.split(":").map((word) => word.trim())),
    ),
};

function optionsOf(tag) {
  const options = { ...tag?.dataset };
  for (const name of Object.keys(options)) if (typed[name]) options[name] = typed[name](options[name]);
  return options;
}

const tillpost = window.tillpost || (window.tillpost = {});
const tag = document.currentScript;

// A second script on the page finds the first one at work.
if (!tillpost.status) {
  // The snippet's calls, and where it keeps.
  const kept = window.userengage?.kept;
  const controls = (kept || []).filter(({ kind }) => isControl(kind));
  // The page's own options win over the tag's attributes: they can be computed.
  const options = { ...optionsOf(tag), ...tillpost };
  const started = start(options, (name) => beside(tag, name), kept, true);
  Object.assign(tillpost, { decorate, flush, on, setConsent, status, track });
  // Where nothing can be delivered the page must not notice, and a snippet's calls wait for a page that can.
  if (started || !kept) install(controls, kept);
  if (tillpost.onReady) queueMicrotask(() => tillpost.onReady(tillpost));
}
