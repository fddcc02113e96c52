// The tarball in a project of each bundler, built as its users do, opened in Chromium. The bundlers are installed from
// npm, so this is not part of npm test: npm run test:packages.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { test } from "node:test";
import { openProfile, scriptedEndpoint, until } from "../e2e/harness.mjs";
import { project } from "./tarball.mjs";

const types = { ".html": "text/html", ".js": "text/javascript" };
const policy = { "content-security-policy": "script-src 'self'" };

for (const bundler of ["webpack", "vite", "rollup", "esbuild"])
  test(`${bundler}: events arrive, the JavaScript build is a file of its own, an unused import is dropped`, async (t) => {
    const { folder, npm } = project(t, bundler);
    const page = (name, type) => `<!doctype html><meta charset="utf-8"><script ${type} src="/${name}.js"></script>`;
    // Vite starts from pages; the others' pages are written by hand, webpack's with a classic script.
    if (bundler === "vite")
      for (const name of ["shop", "unused"]) writeFileSync(join(folder, `${name}.html`), page(name, 'type="module"'));
    npm("run", "build", "--silent");
    const dist = join(folder, "dist");
    for (const name of ["shop", "unused"])
      if (!existsSync(join(dist, `${name}.html`)))
        writeFileSync(join(dist, `${name}.html`), page(name, bundler === "webpack" ? "defer" : 'type="module"'));

    const endpoint = await scriptedEndpoint(t);
    const built = readdirSync(dist, { recursive: true }).filter((name) => extname(name));
    for (const name of built)
      endpoint.page(`/${name}`, readFileSync(join(dist, name)), { "content-type": types[extname(name)] });
    endpoint.page("/strict.html", readFileSync(join(dist, "shop.html")), { "content-type": "text/html", ...policy });
    /** Opens a page; answers its title, and the scripts that it has fetched. */
    async function open(path) {
      const { context } = await openProfile(t);
      const tab = await context.newPage();
      const before = endpoint.files.length;
      await tab.goto(endpoint.origin + path);
      await until(async () => (await tab.title()) !== "");
      const scripts = () => endpoint.files.slice(before).filter((file) => file.endsWith(".js"));
      return { title: await tab.title(), scripts };
    }
    const arrived = async (count) =>
      (await endpoint.received(count))
        .slice(-2)
        .map(({ kind, product_id, name, data }) => [kind, product_id ?? name, data]);
    const expected = [
      ["product_event", "12-0", { name: "Watering can", price: 24.5 }],
      ["event", "search", { query: "can" }],
    ];

    const shop = await open("/shop.html");
    assert.match(shop.title, /^true/);
    assert.deepEqual(await arrived(2), expected);
    const usual = shop.scripts();
    const strict = await open("/strict.html");
    assert.equal(strict.title, "true loading");
    assert.deepEqual(await arrived(4), expected);
    // The same page, and the JavaScript build: what the default download is spared.
    const [more, ...others] = strict.scripts().filter((file) => !usual.includes(file));
    assert.deepEqual(others, []);
    assert.ok(readFileSync(join(dist, more)).length > 80_000, more);
    const whole = usual.map((file) => readFileSync(join(dist, file), "utf8")).join("");
    assert.ok(!whole.includes(readFileSync(join(dist, more), "utf8").slice(1_000, 2_000)));

    const unused = await open("/unused.html");
    assert.equal(unused.title, "unused");
    const bytes = unused.scripts().reduce((sum, file) => sum + readFileSync(join(dist, file)).length, 0);
    assert.ok(bytes < 2_000, `${bytes} bytes of scripts for an import that nobody uses`);
  });
