// The table of options in docs/options.md, made from pkg/index.d.ts, which is where an option is described.
import ts from "typescript";

/** @param {string} declarations pkg/index.d.ts @returns {{ name: string, type: string, text: string, standard?: string }[]} */
export function options(declarations) {
  const file = ts.createSourceFile("index.d.ts", declarations, ts.ScriptTarget.Latest, true);
  const found = file.statements.find((part) => ts.isInterfaceDeclaration(part) && part.name.text === "Options");
  return found.members.map((member) => {
    const [doc] = ts.getJSDocCommentsAndTags(member);
    const standard = ts.getJSDocTags(member).find((tag) => tag.tagName.text === "default")?.comment;
    return {
      name: member.name.text,
      needed: !member.questionToken,
      type: member.type.getText(),
      text: (doc?.comment ?? "").trim(),
      standard: standard && standard.trim(),
    };
  });
}

/** The attribute of the script tag: `data-` and the name in small letters. */
export const attribute = (name) => `data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

// A cell is one line, and a bar would end it.
const cell = (text) =>
  text
    .replace(/\n\n?- /g, "<br>")
    .replace(/\s*\n\s*/g, " ")
    .replaceAll("|", "\\|");

/** @param {string} declarations pkg/index.d.ts @returns {string} Markdown */
export function table(declarations) {
  const rows = options(declarations).map(({ name, needed, type, text, standard }) =>
    [`\`${name}\``, `\`${attribute(name)}\``, `\`${type}\``, text, needed ? "needed" : `\`${standard}\``].map(cell),
  );
  const head = ["property", "attribute", "type", "meaning", "default"];
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

/** What stands below is written by `npm run docs`. */
export const MARK = "\n<!-- options -->\n\n";
