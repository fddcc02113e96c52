// The panel's fixed parts: bar, status, buttons, legend, list.

import { el } from "../dom.js";
import { STAGES } from "./ledger.js";

/** Builds them into `root` and answers those that change. */
export function build(root) {
  const stream = el("span.stream", { "data-test": "live-stream-state" }, "connecting");
  const latest = el("span.latest");
  const status = Object.fromEntries(
    ["state", "queued", "storage", "dropped"].map((name) => [name, el("dd", { "data-test": `status-${name}` }, "–")]),
  );
  const bad = button("send-bad", "Send a bad event");
  const many = button("send-25", "Send 25 events");
  const list = el("ol.records", { "data-test": "live-list", tabIndex: 0, "aria-label": "Events, newest first" });
  const empty = el("p.quiet", {}, "Nothing yet. Look at a product, or give one a heart.");
  const notice = el("p.live-notice", { role: "status", "data-test": "live-notice" });

  root.append(
    bar(root, stream, latest),
    el(
      "div.live-body",
      { id: "live-body" },
      el("dl.status", {}, ...Object.entries(status).map(([name, value]) => el("div", {}, el("dt", {}, name), value))),
      notice,
      el("div.live-buttons", {}, bad, many),
      el("p.legend", { "aria-hidden": "true" }, ...STAGES.map((stage) => el("span.stage.reached", {}, stage))),
      empty,
      list,
      el("p.small-print", {}, "Tokens are shown here, shortened, because this is a demo. They are never logged."),
    ),
  );
  return { stream, latest, status, bad, many, list, empty, notice };
}

const button = (test, text) => el("button.till-button", { type: "button", "data-test": test, disabled: true }, text);

/** On a phone the bar opens and closes the drawer; on a wide screen it is a heading. */
function bar(root, stream, latest) {
  const toggle = el(
    "button.live-toggle",
    { type: "button", "data-test": "live-toggle", "aria-expanded": "false", "aria-controls": "live-body" },
    el("span.live-title", {}, "What arrives"),
    latest,
  );
  const open = (isOpen) => {
    root.toggleAttribute("data-open", isOpen);
    toggle.setAttribute("aria-expanded", String(isOpen));
  };
  toggle.addEventListener("click", () => open(!root.hasAttribute("data-open")));
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !root.hasAttribute("data-open")) return;
    open(false);
    toggle.focus();
  });
  return el("div.live-bar", {}, toggle, el("h2.live-heading", {}, "What arrives"), stream);
}
