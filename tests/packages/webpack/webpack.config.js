module.exports = {
  mode: "production",
  entry: { shop: "./shop.js", unused: "./unused.js" },
};
