// What docs/codes.md says of each code, for debug mode. That file is made from src/core/code.rs, and a test there says when
// it is stale.

/** @param {string} markdown docs/codes.md @returns {Record<string, string>} text by code */
export function codes(markdown) {
  const rows = [...markdown.matchAll(/^\| <a id="(\w+)"><\/a>`\1` \| (.+) \|$/gm)];
  if (rows.length < 40) throw new Error("docs/codes.md has changed its form: scripts/lib/codes.mjs must follow.");
  return Object.fromEntries(rows.map(([, code, text]) => [code, text]));
}
