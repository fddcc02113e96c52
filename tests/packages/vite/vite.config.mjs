export default {
  logLevel: "warn",
  build: { rollupOptions: { input: ["shop.html", "unused.html"] } },
};
