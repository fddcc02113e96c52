// Debug mode's words: what was accepted, changed or refused, and why. Fetched only in debug mode.
import { docs, texts } from "./dist/codes.mjs";

/** `field event_type_unknown: what that means. Probably meant: "add to cart". Where to read more.` */
const problem = ({ code, field, nearest }) =>
  [
    `${field ? `${field} ` : ""}${code}:`,
    texts[code],
    nearest && `Probably meant: ${JSON.stringify(nearest)}.`,
    `${docs}#${code}`,
  ]
    .filter(Boolean)
    .join(" ");

const titles = {
  stored: ({ id, warnings }) => `accepted${warnings ? ", with changes" : ""}, as ${id}`,
  rejected: ({ id }) => (id ? `the endpoint refused ${id}` : "refused, not stored"),
  sent: ({ id, status }) => `the endpoint has ${id}${status == "duplicate" ? ", and had it before" : ""}`,
  dropped: ({ count }) => `${count} dropped`,
  error: () => "",
  control: () => "is for the chat widget, which is not on this page",
};

/**
 * @param {object} report as listeners get it
 * @param {unknown} [error] what was thrown
 */
export function explain(report, error) {
  const { topic, kind, product_id, event_type, code, errors = [], warnings = [] } = report;
  const title = [kind, event_type && JSON.stringify(event_type), product_id, titles[topic](report)];
  const problems = [...(code ? [report] : []), ...errors, ...warnings].map(problem);
  const [first, ...more] = [title.filter(Boolean).join(" "), ...problems].filter(Boolean);
  const text = [`tillpost: ${first}`, ...more.map((line) => `  ${line}`)].join("\n");
  if (error !== undefined) console.error(text, error);
  else console[problems.length ? "warn" : "info"](text);
}
