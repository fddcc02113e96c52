// Fetches what most pages never need from beside the script, under the policies that strict pages have. Measured in
// Chromium 156, Firefox ESR 153 and WebKitGTK 2.50:
//
// - `import()` is no Trusted Types sink, and carries the nonce of the script that calls it. But it knows no integrity, and
//   no policy that is a list of hashes lets it through.
// - A `modulepreload` link has both, and is no sink either. What it fetched is what `import()` then finds. A script element
//   would need a policy, which a page with a list of them refuses.
// - WebKit checks no hash of a preload. It gets a module script, which it checks, and the link where that is a sink.
import hashes from "./dist/hashes.mjs";

/**
 * @param {HTMLScriptElement} tag ours
 * @param {"nowasm" | "debug"} name
 */
export async function beside({ src, nonce }, name) {
  const integrity = hashes[name];
  // The hash also keeps a cache from handing out another version's.
  const href = new URL(`tillpost-${name}.js?${integrity.slice(7, 15)}`, src);
  let element = document.createElement("link");
  let loads = element.relList.supports("modulepreload");
  if (/^Apple/.test(navigator.vendor))
    try {
      element = Object.assign(document.createElement("script"), { type: "module", src: href });
      loads = true;
    } catch {
      // Trusted Types are enforced.
    }
  if (loads)
    await new Promise((onload, onerror) => {
      Object.assign(element, { rel: "modulepreload", href, integrity, nonce, onload, onerror });
      document.head.append(element);
    });
  return import(/* webpackIgnore: true */ href);
}
