// A product's picture in front of its wall.

import { el } from "./dom.js";

/** Fixed width and height keep the place free until the file is there. */
export const picture = (product, size) =>
  el(
    `span.picture.wall-${product.wall}`,
    {},
    el("img", { src: `/img/${product.id}.svg`, alt: "", width: size, height: size }),
  );
