import resolve from "@rollup/plugin-node-resolve";

export default {
  input: ["shop.js", "unused.js"],
  output: { dir: "dist" },
  plugins: [resolve({ browser: true })],
};
