// Fetches the JavaScript build from beside the script, under the policies that strict pages have. Measured in Chromium:
//
// - `import()` is no Trusted Types sink, and carries the nonce of the script that calls it; a script element would need
//   a policy, which a page with a list of them refuses. But `import()` knows no integrity, and no policy that is a list
//   of hashes lets it through.
// - A `modulepreload` link has both, and is no sink either. What it fetched is what `import()` then finds.
import { integrity } from "./dist/nowasm.mjs";

/** @param {HTMLScriptElement} tag ours */
export function nowasm({ src, nonce }) {
  // The hash also keeps a cache from handing out another version's.
  const href = new URL(`tillpost-nowasm.js?${integrity.slice(7, 15)}`, src).href;
  return new Promise((done, fail) => {
    const link = document.createElement("link");
    const load = () => done(import(/* webpackIgnore: true */ href));
    Object.assign(link, { rel: "modulepreload", href, integrity, nonce, onload: load, onerror: fail });
    if (!link.relList.supports("modulepreload")) return load();
    document.head.append(link);
  });
}
