// Fetches what most pages never need from beside the script, under the policies that strict pages have. Measured in
// Chromium:
//
// - `import()` is no Trusted Types sink, and carries the nonce of the script that calls it; a script element would need
//   a policy, which a page with a list of them refuses. But `import()` knows no integrity, and no policy that is a list
//   of hashes lets it through.
// - A `modulepreload` link has both, and is no sink either. What it fetched is what `import()` then finds.
import hashes from "./dist/hashes.mjs";

/**
 * @param {HTMLScriptElement} tag ours
 * @param {"nowasm" | "debug"} name
 */
export async function beside({ src, nonce }, name) {
  const integrity = hashes[name];
  // The hash also keeps a cache from handing out another version's.
  const href = new URL(`tillpost-${name}.js?${integrity.slice(7, 15)}`, src).href;
  const link = document.createElement("link");
  if (link.relList.supports("modulepreload"))
    await new Promise((onload, onerror) => {
      Object.assign(link, { rel: "modulepreload", href, integrity, nonce, onload, onerror });
      document.head.append(link);
    });
  return import(/* webpackIgnore: true */ href);
}
