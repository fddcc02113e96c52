// The documents say what the code does: made tables are fresh, links lead somewhere, examples compile. Whether the pages in
// them work: tests/e2e/docs.test.mjs.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import ts from "typescript";
import { codes } from "../../scripts/lib/codes.mjs";
import { MARK, attribute, options, table } from "../../scripts/lib/options.mjs";
import { at, root } from "../../scripts/lib/paths.mjs";

const read = (path) => readFileSync(at(path), "utf8");
const declarations = read("pkg/index.d.ts");
const documents = ["README.md", "ARCHITECTURE.md", "collector/README.md"].concat(
  readdirSync(at("docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
);

test("docs/options.md holds the table that pkg/index.d.ts makes", () => {
  const [, written] = read("docs/options.md").split(MARK);
  assert.equal(written, table(declarations), "stale: npm run docs");
});

test("every option is described, has a default unless it is needed, and is one that the core understands", () => {
  const all = options(declarations);
  for (const { name, needed, text, standard } of all) {
    assert.ok(text, name);
    assert.equal(standard === undefined, needed, name);
  }
  const [, list] = /const OPTIONS: &str = "([^"]*)"/.exec(read("src/core/settings.rs"));
  const known = list.match(/\w+/g);
  assert.deepEqual(known.toSorted(), all.map(({ name }) => name).toSorted());
});

test("an option that is no text is read from its attribute as what it is", () => {
  const [, typed] = /const typed = \{([^]*?)\n\};/.exec(read("pkg/tag.js"));
  const reader = (name) => new RegExp(`\\n  ${name}: (\\w+|\\()`).exec(typed)?.[1];
  const expected = { boolean: "flag", "string[]": "list", "Record<string, AttributeType>": "(" };
  for (const { name, type } of options(declarations)) assert.equal(reader(name), expected[type], name);
});

test("attributes are named as browsers name those of a dataset", () => {
  assert.equal(attribute("tokenParameters"), "data-token-parameters");
  assert.equal(attribute("app"), "data-app");
});

test("every code of docs/codes.md has a text for debug mode", () => {
  const texts = codes(read("docs/codes.md"));
  const names = [...read("src/core/code.rs").matchAll(/^ {4}\w+ "(\w+)" \w+,$/gm)].map(([, name]) => name);
  assert.deepEqual(Object.keys(texts).toSorted(), names.toSorted());
});

test("links of the documents lead to files and places that are there", () => {
  const place = (line) =>
    line
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-");
  for (const document of documents)
    for (const [, link] of read(document).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [path, anchor] = link.split("#");
      const file = path ? resolve(root, dirname(document), path) : at(document);
      assert.ok(existsSync(file), `${document}: ${link}`);
      if (!anchor) continue;
      const text = readFileSync(file, "utf8");
      const places = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) => place(title));
      assert.ok(places.includes(anchor) || text.includes(`id="${anchor}"`), `${document}: ${link}`);
    }
});

test("examples that import the package compile, as a strict customer compiles them", () => {
  const { config } = ts.readConfigFile(at("tests/types/tsconfig.json"), ts.sys.readFile);
  const settings = { ...ts.convertCompilerOptionsFromJson(config.compilerOptions).options, noEmit: true };
  const examples = new Map();
  for (const document of documents)
    for (const [, code] of read(document).matchAll(/```(?:js|ts)\n([^]*?)```/g))
      if (/ from ["']tillpost["']/.test(code)) examples.set(at(`tests/types/example-${examples.size}.mts`), code);
  assert.ok(examples.size >= 4);

  const host = ts.createCompilerHost(settings);
  const { getSourceFile, fileExists, readFile } = host;
  host.getSourceFile = (name, version) =>
    examples.has(name) ? ts.createSourceFile(name, examples.get(name), version) : getSourceFile(name, version);
  host.fileExists = (name) => examples.has(name) || fileExists(name);
  host.readFile = (name) => examples.get(name) ?? readFile(name);
  const program = ts.createProgram([...examples.keys()], settings, host);
  const problems = ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const at = file && `${join(file.fileName)}\n${file.text.slice(start, start + 80)}`;
    return `${at}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
  });
  assert.deepEqual(problems, []);
});
